// Which pods a ReplicaSet gives up first. The order is Kubernetes' ActivePodsWithRanks: the pods whose loss hurts least
// come first.

import { findCondition } from "../../api/meta/condition-list.ts";
import { isPodActive, isPodReady } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";

const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

type Comparison = (a: Pod, b: Pod) => number;

/**
 * The `count` pods to delete. `related` are the pods of all ReplicaSets of the same owner: of two pods, the one that
 * shares its node with more of them goes first.
 */
export function chooseVictims(pods: readonly Pod[], count: number, context: VictimContext): readonly Pod[] {
  if (count >= pods.length) return pods;
  const perNode = countActivePerNode(context.related);
  const crowding = (pod: Pod) => perNode.get(pod.spec.nodeName ?? "") ?? 0;
  const order = [...beforeCrowding, (a: Pod, b: Pod) => crowding(b) - crowding(a), ...afterCrowding(context.nowMs)];
  return [...pods].sort((a, b) => firstDifference(order, a, b)).slice(0, count);
}

export interface VictimContext {
  readonly related: readonly Pod[];
  readonly nowMs: number;
}

function firstDifference(order: readonly Comparison[], a: Pod, b: Pod): number {
  for (const compare of order) {
    const difference = compare(a, b);
    if (difference !== 0) return difference;
  }
  return 0;
}

const phaseRank = { Pending: 0, Unknown: 1, Running: 2 } as Readonly<Record<string, number>>;
const rankOfPhase = (pod: Pod) => phaseRank[pod.status.phase ?? "Pending"] ?? 2;

/** 1 unassigned, 2 Pending before Unknown before Running, 3 not ready, 4 the cheaper one by its annotation. */
const beforeCrowding: readonly Comparison[] = [
  (a, b) => Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)),
  (a, b) => rankOfPhase(a) - rankOfPhase(b),
  (a, b) => Number(isPodReady(a)) - Number(isPodReady(b)),
  (a, b) => deletionCost(a) - deletionCost(b),
];

/** 6 ready for a shorter time, 7 more restarts, 8 newer. */
const afterCrowding = (nowMs: number): readonly Comparison[] => [
  (a, b) => (isPodReady(a) && isPodReady(b) ? compareAges([a, readySince(a)], [b, readySince(b)], nowMs) : 0),
  (a, b) => restarts(b) - restarts(a),
  (a, b) => compareAges([a, a.metadata.creationTimestamp], [b, b.metadata.creationTimestamp], nowMs),
  compareUids,
];

const compareUids: Comparison = (a, b) => (a.metadata.uid < b.metadata.uid ? -1 : 1);

function countActivePerNode(pods: readonly Pod[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const pod of pods) {
    const node = pod.spec.nodeName ?? "";
    if (isPodActive(pod)) counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  return counts;
}

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[DELETION_COST] ?? "";
  return /^(0|-?[1-9]\d{0,9})$/.test(text) ? Number(text) : 0;
}

const readySince = (pod: Pod) => findCondition(pod.status.conditions, "Ready")?.lastTransitionTime;

const restarts = (pod: Pod) =>
  Math.max(0, ...(pod.status.containerStatuses ?? []).map(({ restartCount }) => restartCount));

/**
 * The younger first, on a logarithmic scale; within one order of magnitude chance (the uid) decides, so that scaling down
 * does not always hit the newest (Kubernetes' LogarithmicScaleDown). An unknown time counts as youngest.
 */
function compareAges([a, timeOfA]: Aged, [b, timeOfB]: Aged, nowMs: number): number {
  if (timeOfA === timeOfB) return 0;
  return magnitude(timeOfA, nowMs) - magnitude(timeOfB, nowMs) || compareUids(a, b);
}

type Aged = readonly [Pod, string | undefined];

/** In powers of two of nanoseconds. */
function magnitude(time: string | undefined, nowMs: number): number {
  if (!time) return -2;
  const ageMs = nowMs - Date.parse(time);
  return ageMs > 0 ? Math.floor(Math.log2(ageMs * 1e6)) : -1;
}
