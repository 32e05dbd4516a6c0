// What a StatefulSet does next: pods to create, to delete and to set right, one at a time or all at once. Pure. The order of the
// cases is Kubernetes': whoever waits for a pod waits for all that come after it, unless podManagementPolicy is Parallel.

import type { StatefulSet } from "../../api/apps/stateful-set.ts";
import type { PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import { isPodAvailable, isPodReady, isPodTerminal } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { POD_REVISION } from "../revisions/revision.ts";
import {
  buildPod,
  claimNames,
  hasIdentity,
  isInRange,
  ordinalOf,
  replicasOf,
  startOf,
  type PodVersion,
} from "./identity.ts";
import { isStale, withRetention, type ClaimUser } from "./retention.ts";

export type Action =
  | { readonly type: "create"; readonly pod: NewObject<Pod> }
  | { readonly type: "delete"; readonly pod: Pod }
  /** Creates the claims that a waiting pod lacks. */
  | { readonly type: "createClaims"; readonly pod: Pod }
  /** Gives the pod its labels, and its claims the owners that the policy asks for. */
  | { readonly type: "correct"; readonly pod: Pod }
  /** Gives the claims of a pod that goes the owners that the policy asks for. */
  | { readonly type: "ownClaims"; readonly pod: Pod };

export interface SetState {
  /** All pods that are the set's own. */
  readonly pods: readonly Pod[];
  readonly current: PodVersion;
  readonly update: PodVersion;
  readonly claim: (name: string) => PersistentVolumeClaim | undefined;
  readonly nowMs: number;
}

export const isParallel = ({ spec }: StatefulSet): boolean => spec.podManagementPolicy === "Parallel";

/** At most about this many are made at once, so that one object cannot starve the others. */
const BURST_MAX = 500;

/** In the order in which they are to be done. */
export function planActions(set: StatefulSet, state: SetState): readonly Action[] {
  if (set.metadata.deletionTimestamp) return [];
  const byOrdinal = new Map(state.pods.map((pod) => [ordinalOf(pod), pod]));
  const slot: Slots = (index) => byOrdinal.get(startOf(set) + index);
  const actions: Action[] = [];
  for (let index = 0; index < replicasOf(set); index++) {
    const step = planReplica(set, state, { pod: slot(index), ordinal: startOf(set) + index });
    actions.push(...step.actions);
    if ((step.waits && !isParallel(set)) || actions.length >= BURST_MAX) return actions;
  }
  const condemned = condemnedOf(set, state.pods);
  const removal = planRemoval(set, state, condemned);
  actions.push(...planSurplusClaims(set, state, condemned), ...removal.actions);
  if (removal.waits) return actions;
  return [...actions, ...planUpdate(set, state, slot)];
}

/** The pod of a number, counted from the first that the set wants. */
type Slots = (index: number) => Pod | undefined;

interface Step {
  readonly actions: readonly Action[];
  /** What follows has to wait for it, if pods follow each other. */
  readonly waits: boolean;
}

/** Pods that are too many, the highest first. */
const condemnedOf = (set: StatefulSet, pods: readonly Pod[]): readonly Pod[] =>
  pods
    .filter((pod) => ordinalOf(pod) >= 0 && !isInRange(set, ordinalOf(pod)))
    .sort((a, b) => ordinalOf(b) - ordinalOf(a));

interface Slot {
  readonly pod: Pod | undefined;
  readonly ordinal: number;
}

function planReplica(set: StatefulSet, state: SetState, { pod, ordinal }: Slot): Step {
  // 1. It is missing.
  if (!pod) return planCreation(set, state, ordinal);
  // 2. It has ended, however: it comes back once it is gone.
  if (isPodTerminal(pod))
    return { actions: pod.metadata.deletionTimestamp ? [] : [{ type: "delete", pod }], waits: true };
  const actions: Action[] = lacksClaims(set, state, pod) ? [{ type: "createClaims", pod }] : [];
  // 3. It is on its way in or out.
  const isSettled = !pod.metadata.deletionTimestamp && isUp(pod, set, state.nowMs);
  if (!isSettled && !isParallel(set)) return { actions, waits: true };
  // 4. It is to be as the set says.
  const isRight = hasIdentity(set, pod) && !needsOwners(set, state, pod);
  return { actions: isRight ? actions : [...actions, { type: "correct", pod }], waits: false };
}

function planCreation(set: StatefulSet, state: SetState, ordinal: number): Step {
  const pod = buildPod(set, ordinal, isBehind(set, ordinal) ? state.current : state.update);
  const isBlocked = claimsOf(set, state, pod).some((claim) => isStale(claim, pod));
  return { actions: isBlocked ? [] : [{ type: "create", pod }], waits: true };
}

/** Whether a new pod of this number is still of the current revision, not yet of the one that is rolled out. */
function isBehind(set: StatefulSet, ordinal: number): boolean {
  const { type, rollingUpdate } = set.spec.updateStrategy;
  if (rollingUpdate) return ordinal < startOf(set) + (rollingUpdate.partition ?? 0);
  return type === "RollingUpdate" && ordinal < startOf(set) + (set.status.currentReplicas ?? 0);
}

const claimsOf = (set: StatefulSet, { claim }: SetState, pod: ClaimUser) =>
  claimNames(set, pod)
    .map((each) => claim(each.claim))
    .filter((found) => found !== undefined);

const lacksClaims = (set: StatefulSet, { claim }: SetState, pod: Pod) =>
  pod.status.phase === "Pending" && claimNames(set, pod).some((each) => claim(each.claim) === undefined);

const needsOwners = (set: StatefulSet, state: SetState, pod: Pod) =>
  claimsOf(set, state, pod).some((claim) => withRetention(claim, set, pod) !== undefined);

const planSurplusClaims = (set: StatefulSet, state: SetState, condemned: readonly Pod[]): readonly Action[] =>
  condemned.filter((pod) => needsOwners(set, state, pod)).map((pod) => ({ type: "ownClaims", pod }));

const isRunningAndReady = (pod: Pod) => pod.status.phase === "Running" && isPodReady(pod);
const isHealthy = (pod: Pod | undefined): boolean =>
  pod !== undefined && isRunningAndReady(pod) && !pod.metadata.deletionTimestamp;

const isUp = (pod: Pod, { spec }: StatefulSet, nowMs: number): boolean =>
  isRunningAndReady(pod) && isPodAvailable(pod, { minReadySeconds: spec.minReadySeconds ?? 0, nowMs });

/** Removes the pods that are too many, from the highest down. One that is not well goes only if all below it are. */
function planRemoval(set: StatefulSet, { nowMs }: SetState, condemned: readonly Pod[]): Step {
  if (isParallel(set)) {
    const pods = condemned.filter(({ metadata }) => !metadata.deletionTimestamp);
    return { actions: pods.map((pod) => ({ type: "delete", pod })), waits: false };
  }
  const [pod] = condemned;
  if (!pod) return { actions: [], waits: false };
  if (pod.metadata.deletionTimestamp) return { actions: [], waits: true };
  const isFirstUnwell = condemned.findLast((each) => !isHealthy(each)) === pod;
  const goes = isUp(pod, set, nowMs) || isFirstUnwell;
  return { actions: goes ? [{ type: "delete", pod }] : [], waits: true };
}

function planUpdate(set: StatefulSet, state: SetState, slot: Slots): readonly Action[] {
  const { type, rollingUpdate } = set.spec.updateStrategy;
  if (type === "OnDelete") return [];
  return rollingUpdate?.maxUnavailable === undefined
    ? planNextUpdate(set, state, slot)
    : planUpdates(set, state, { slot, maxUnavailable: podCount(rollingUpdate.maxUnavailable, replicasOf(set)) });
}

/** Rounded down, but never to none: nothing could ever move. What is no number, which no server takes, is one. */
function podCount(value: number | string, total: number): number {
  const count = typeof value === "string" ? Math.floor((Number(value.replace("%", "")) * total) / 100) : value;
  return count >= 1 ? count : 1;
}

/** Deletes the highest pods that are not of the update revision, as long as no more than so many are missing. */
function planUpdates(
  set: StatefulSet,
  state: SetState,
  { slot, maxUnavailable }: { readonly slot: Slots; readonly maxUnavailable: number },
): readonly Action[] {
  const isMissing = (pod: Pod | undefined) => !pod || !isHealthy(pod) || !isUp(pod, set, state.nowMs);
  const indexes = Array.from({ length: replicasOf(set) }, (_, index) => replicasOf(set) - 1 - index);
  let left = maxUnavailable - indexes.filter((index) => isMissing(slot(index))).length;
  const actions: Action[] = [];
  for (const index of indexes.filter((each) => each >= (set.spec.updateStrategy.rollingUpdate?.partition ?? 0))) {
    const pod = slot(index);
    const isOld = pod && pod.metadata.labels?.[POD_REVISION] !== state.update.revision;
    if (!isOld || pod.metadata.deletionTimestamp || isPodTerminal(pod)) continue;
    // An old pod that is broken is missing anyway. If it had to wait, a broken revision could never be replaced.
    if (isHealthy(pod) && left-- <= 0) continue;
    actions.push({ type: "delete", pod });
  }
  return actions;
}

/** Deletes the highest pod that is not of the update revision, once all above it are well. */
function planNextUpdate(set: StatefulSet, state: SetState, slot: Slots): readonly Action[] {
  const { rollingUpdate } = set.spec.updateStrategy;
  for (let index = replicasOf(set) - 1; index >= (rollingUpdate?.partition ?? 0); index--) {
    const pod = slot(index);
    const isOld = pod && pod.metadata.labels?.[POD_REVISION] !== state.update.revision;
    if (isOld && !pod.metadata.deletionTimestamp) {
      // One that has ended goes anyway.
      return isPodTerminal(pod) ? [] : [{ type: "delete", pod }];
    }
    if (!isHealthy(pod)) return [];
  }
  return [];
}
