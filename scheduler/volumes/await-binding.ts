// Whether claims have become what was asked for on behalf of a pod. Pure; the errors are Kubernetes'.

import type { PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import type { PersistentVolume } from "../../api/core/persistent-volume.ts";
import { isFullyBound, isReachableFrom, SELECTED_NODE } from "../../api/core/volume-binding.ts";
import { versionOf } from "./assumed-objects.ts";
import type { StorageView } from "./storage-view.ts";

/** What was written for a pod, as the server has answered. */
export interface Awaited {
  readonly nodeName: string;
  readonly nodeLabels: Readonly<Record<string, string>> | undefined;
  /** Reserved for the claims of the pod. */
  readonly volumes: readonly PersistentVolume[];
  /** Claims for which volumes are to be made. */
  readonly provisions: readonly PersistentVolumeClaim[];
}

/** Throws an Error that says why waiting is in vain. */
export function areBound(awaited: Awaited, storage: StorageView): boolean {
  const volumes = awaited.volumes.map((volume) => isVolumeBound(volume, awaited, storage));
  const provisions = awaited.provisions.map((claim) => isProvisioned(claim, awaited, storage));
  return [...volumes, ...provisions].every((isBound) => isBound);
}

function isVolumeBound(written: PersistentVolume, { nodeName, nodeLabels }: Awaited, storage: StorageView): boolean {
  const { name } = written.metadata;
  const volume = storage.storedVolume(name);
  if (!volume) throw new Error(`persistentvolume ${JSON.stringify(name)} not found`);
  // The cache has not heard of the write yet.
  if (versionOf(volume) < versionOf(written)) return false;
  if (!isReachableFrom(volume, nodeLabels)) throw new Error(describeUnreachable(name, nodeName));
  if (!volume.spec.claimRef?.uid) throw new Error(`ClaimRef got reset for pv ${JSON.stringify(name)}`);
  const { namespace = "", name: claimName = "" } = written.spec.claimRef ?? {};
  const claim = storage.storedClaim(namespace, claimName);
  if (!claim) throw new Error(`persistentvolumeclaim ${JSON.stringify(claimName)} not found`);
  return isFullyBound(claim);
}

function isProvisioned(written: PersistentVolumeClaim, awaited: Awaited, storage: StorageView): boolean {
  const { namespace = "", name } = written.metadata;
  const quoted = JSON.stringify(name);
  const claim = storage.storedClaim(namespace, name);
  if (!claim) throw new Error(`persistentvolumeclaim ${quoted} not found`);
  if (versionOf(claim) < versionOf(written)) return false;
  // Whoever makes volumes says by this that it cannot do so for the node.
  if (claim.metadata.annotations?.[SELECTED_NODE] !== awaited.nodeName) {
    throw new Error(`provisioning failed for PVC ${quoted}`);
  }
  if (!isFullyBound(claim)) return false;
  const volume = storage.storedVolume(claim.spec.volumeName ?? "");
  if (volume && !isReachableFrom(volume, awaited.nodeLabels)) {
    throw new Error(describeUnreachable(volume.metadata.name, awaited.nodeName));
  }
  return volume !== undefined;
}

const describeUnreachable = (volume: string, node: string) =>
  `pv ${JSON.stringify(volume)} node affinity doesn't match node ${JSON.stringify(node)}`;
