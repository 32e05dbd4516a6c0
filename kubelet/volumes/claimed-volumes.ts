// The volumes behind the claims that pods name: looked up when a pod starts, and remembered as if the pod had named them itself.
// A claim keeps its volume for good, so that nothing has to be watched, which a kubelet may not do anyway.

import { claimNameOf, describeForeignClaim } from "../../api/core/pod-claims.ts";
import { persistentVolumeClaims, type PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import { persistentVolumes, type PersistentVolume } from "../../api/core/persistent-volume.ts";
import { nodeMatchesSelector } from "../../api/core/node-affinity.ts";
import { nodes } from "../../api/core/node.ts";
import type { Pod } from "../../api/core/pod.ts";
import { isFullyBound } from "../../api/core/volume-binding.ts";
import type { Volume } from "../../api/core/volume.ts";
import { isControlledBy } from "../../api/meta/owner.ts";
import type { Client } from "../../client/client.ts";
import { errorMessage } from "../../lib/error-message.ts";
import type { NodeVolume } from "./volume-plugin.ts";

/** The volume cannot be reached from this node. */
export class NodeAffinityError extends Error {
  readonly volumeName: string;

  constructor(volumeName: string) {
    super("no matching NodeSelectorTerms");
    this.name = "NodeAffinityError";
    this.volumeName = volumeName;
  }
}

export interface FindContext {
  readonly signal: AbortSignal;
  readonly nodeName: string;
}

export class ClaimedVolumes {
  readonly #client: Pick<Client, "get">;
  /** By the pod's uid and the volume's name. Bound: the claims of the pods of this node. */
  readonly #found = new Map<string, Map<string, NodeVolume>>();

  constructor(client: Pick<Client, "get">) {
    this.#client = client;
  }

  /** The volume itself where it stands for no claim. Rejects, in Kubernetes' words, while the claim cannot be used. */
  async find(pod: Pod, volume: Volume, context: FindContext): Promise<NodeVolume> {
    const claimName = claimNameOf(pod.metadata.name, volume);
    const known = this.known(pod, volume);
    if (claimName === undefined || known !== volume) return known;
    const claim = await this.#claim({ pod, volume, claimName }, context.signal);
    const persistent = await this.#volumeOf(claim, context.signal);
    const found = asSource(pod, volume, persistent);
    await this.#checkReach(persistent, context);
    const ofPod = this.#found.get(pod.metadata.uid) ?? new Map<string, NodeVolume>();
    this.#found.set(pod.metadata.uid, ofPod.set(volume.name, found));
    return found;
  }

  /** What `find` has found. */
  known({ metadata }: Pod, volume: Volume): NodeVolume {
    return this.#found.get(metadata.uid)?.get(volume.name) ?? volume;
  }

  forget(podUid: string): void {
    this.#found.delete(podUid);
  }

  async #claim({ pod, volume, claimName }: ClaimUse, signal: AbortSignal): Promise<PersistentVolumeClaim> {
    const { namespace } = pod.metadata;
    const claim = await this.#client
      .get(persistentVolumeClaims, { namespace, name: claimName }, { signal })
      .catch((error: unknown) => {
        throw new Error(`failed to fetch PVC from API server: ${errorMessage(error)}`, { cause: error });
      });
    // A pod that has it already may go on: the claim stays as long as the pod does.
    if (claim.metadata.deletionTimestamp && !hasStarted(pod)) {
      throw new Error(`can't start pod because PVC ${namespace}/${claimName} is being deleted`);
    }
    if (volume.ephemeral && !isControlledBy(claim, pod)) throw new Error(describeForeignClaim(claim, pod));
    if (!isFullyBound(claim)) throw new Error("PVC is not bound");
    return claim;
  }

  async #volumeOf({ metadata, spec }: PersistentVolumeClaim, signal: AbortSignal): Promise<PersistentVolume> {
    const name = spec.volumeName ?? "";
    const volume = await this.#client.get(persistentVolumes, { name }, { signal }).catch((error: unknown) => {
      const message = `failed to fetch PV ${JSON.stringify(name)} from API server: ${errorMessage(error)}`;
      throw new Error(message, { cause: error });
    });
    const owner = volume.spec.claimRef?.uid;
    if (owner === metadata.uid) return volume;
    throw new Error(
      `PV ${JSON.stringify(name)} is bound to another claim: the UID in its claimRef is ${JSON.stringify(owner ?? "")}, ` +
        `not ${JSON.stringify(metadata.uid)}`,
    );
  }

  /** The scheduler has seen to it, for a pod that a scheduler placed. */
  async #checkReach({ metadata, spec }: PersistentVolume, { nodeName, signal }: FindContext): Promise<void> {
    const required = spec.nodeAffinity?.required;
    if (!required) return;
    const node = await this.#client.get(nodes, { name: nodeName }, { signal });
    if (!nodeMatchesSelector(required, node)) throw new NodeAffinityError(metadata.name);
  }
}

interface ClaimUse {
  readonly pod: Pod;
  readonly volume: Volume;
  readonly claimName: string;
}

export const hasStarted = ({ status }: Pod): boolean =>
  (status.containerStatuses ?? []).some(({ state }) => state?.running);

/** As a pod would name it. What this kubelet cannot mount is refused by name where it looks for the type's plugin. */
function asSource(pod: Pod, volume: Volume, { metadata, spec }: PersistentVolume): NodeVolume {
  const { name, persistentVolumeClaim } = volume;
  checkVolumeMode(pod, name, spec.volumeMode);
  const readOnly = persistentVolumeClaim?.readOnly ?? false;
  const persistent = { name: metadata.name, readOnly, mountOptions: spec.mountOptions ?? [] };
  const { hostPath, local, nfs } = spec;
  if (hostPath ?? local ?? nfs) {
    return { name, ...(hostPath && { hostPath }), ...(local && { local }), ...(nfs && { nfs }), persistent };
  }
  const type = Object.entries(spec).find(([field, value]) => !COMMON.has(field) && value !== undefined)?.[0];
  throw new Error(`volumes of the type ${type ?? "unknown"} are not supported by this kubelet`);
}

function checkVolumeMode({ spec }: Pod, name: string, mode = "Filesystem"): void {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const isNamed = (field: "volumeMounts" | "volumeDevices") =>
    containers.some((container) => container[field]?.some((each) => each.name === name));
  const wrong = mode === "Block" ? "volumeMounts" : "volumeDevices";
  if (isNamed(wrong)) throw new Error(`volume ${name} has volumeMode ${mode}, but is specified in ${wrong}`);
  if (mode === "Block") throw new Error(`volume ${name} is a raw device, which this kubelet does not support`);
}

/** What every volume has beside its source. */
const COMMON: ReadonlySet<string> = new Set([
  "accessModes",
  "capacity",
  "claimRef",
  "mountOptions",
  "nodeAffinity",
  "persistentVolumeReclaimPolicy",
  "storageClassName",
  "volumeAttributesClassName",
  "volumeMode",
]);
