// The claims of one pod, in the states that the rules tell apart. Pure.

import { storageClassOf } from "../../api/core/claim-quota.ts";
import type { PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import { describeForeignClaim } from "../../api/core/pod-claims.ts";
import { byRequest, isFullyBound, SELECTED_NODE, volumeFinder } from "../../api/core/volume-binding.ts";
import { isControlledBy } from "../../api/meta/owner.ts";
import type { PodInfo } from "../pod-info.ts";
import type { StorageView } from "./storage-view.ts";

export interface PodClaims {
  readonly bound: readonly PersistentVolumeClaim[];
  /** They get a volume where the pod goes; those that ask for less first, so that each gets the smallest that is left. */
  readonly delayed: readonly DelayedClaim[];
}

export interface DelayedClaim {
  readonly claim: PersistentVolumeClaim;
  readonly className: string;
  /** Where a volume is being made for it already. */
  readonly selectedNode: string | undefined;
  readonly find: ReturnType<typeof volumeFinder>;
}

/** Why the pod can go nowhere before something happens to its claims, in Kubernetes' words. */
export interface ClaimRefusal {
  readonly refusal: string;
}

const UNBOUND = "pod has unbound immediate PersistentVolumeClaims";

export function sortClaims(pod: PodInfo, storage: StorageView): PodClaims | ClaimRefusal {
  const claims: PersistentVolumeClaim[] = [];
  for (const use of pod.claims) {
    const claim = storage.claim(pod.namespace, use.name);
    const refusal = problemOf(pod, use, claim);
    if (refusal !== undefined) return { refusal };
    if (claim) claims.push(claim);
  }
  const bound = claims.filter(isFullyBound);
  const open = claims.filter((claim) => !isFullyBound(claim));
  if (!open.every((claim) => waitsForPod(claim, storage))) return { refusal: UNBOUND };
  return { bound, delayed: open.sort(byRequest).map(asDelayed) };
}

const asDelayed = (claim: PersistentVolumeClaim): DelayedClaim => ({
  claim,
  className: storageClassOf(claim),
  selectedNode: claim.metadata.annotations?.[SELECTED_NODE],
  find: volumeFinder(claim),
});

function problemOf(
  { pod }: PodInfo,
  { name, isEphemeral }: PodInfo["claims"][number],
  claim: PersistentVolumeClaim | undefined,
): string | undefined {
  const quoted = JSON.stringify(name);
  if (!claim && isEphemeral) {
    return `waiting for ephemeral volume controller to create the persistentvolumeclaim ${quoted}`;
  }
  if (!claim) return `persistentvolumeclaim ${quoted} not found`;
  if (claim.status.phase === "Lost") {
    const volume = JSON.stringify(claim.spec.volumeName ?? "");
    return `persistentvolumeclaim ${quoted} bound to non-existent persistentvolume ${volume}`;
  }
  if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim ${quoted} is being deleted`;
  return isEphemeral && !isControlledBy(claim, pod) ? describeForeignClaim(claim, pod) : undefined;
}

/** A claim that names its volume is bound by the controller, whatever its class says. */
const waitsForPod = (claim: PersistentVolumeClaim, storage: StorageView) =>
  !claim.spec.volumeName && storage.storageClass(storageClassOf(claim))?.volumeBindingMode === "WaitForFirstConsumer";

/**
 * A test whether everything that rules may read about the pod's claims is still what it was; what they read about nodes
 * besides is of the nodes' own versions.
 */
export function claimsUnchanged(pod: PodInfo, storage: StorageView): () => boolean {
  const before = factsOf(pod, storage);
  return () => factsOf(pod, storage).every((fact, index) => fact === before[index]);
}

/** As many for each claim, whatever is known of it. Objects never change: a new version is another object. */
const factsOf = (pod: PodInfo, storage: StorageView): readonly unknown[] =>
  pod.claims.flatMap(({ name }) => {
    const claim = storage.claim(pod.namespace, name);
    if (!claim) return [undefined, undefined, undefined];
    const volume = claim.spec.volumeName ? storage.volume(claim.spec.volumeName) : undefined;
    return [claim, volume, isFullyBound(claim) ? undefined : storage.classVersion(storageClassOf(claim))];
  });
