// Which pods would have to leave a node for a pod to fit there, and which node is the best to empty. Pure.

import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import type { PluginRejection } from "../rejection-counts.ts";
import type { DisruptionBudgets } from "./disruption-budgets.ts";
import { compareImportance } from "./may-preempt.ts";
import type { Trial } from "./what-if.ts";

export interface Victims {
  /** Most important first. */
  readonly victims: readonly PodInfo[];
  /** How many of them a disruption budget would rather keep. */
  readonly violations: number;
}

/** A node and the pods that would have to leave it, with what the choice between nodes goes by. */
export interface Candidate extends Victims {
  readonly node: NodeInfo;
  readonly highestPriority: number;
  readonly prioritySum: number;
  /** The oldest start among the victims of the highest priority. */
  readonly startedMs: number;
}

/**
 * All that may go are taken out; if the pod then fits, as many as possible are let off, first those whose going would break a
 * budget, and among these and the others the most important first. `removable` is in that order.
 */
export function planVictims(
  trial: Trial,
  removable: readonly PodInfo[],
  budgets: DisruptionBudgets,
): Victims | PluginRejection {
  for (const pod of removable) trial.takeOut(pod);
  const rejection = trial.rejection();
  if (rejection) return rejection;
  const violating = budgets.violating(removable);
  const victims: PodInfo[] = [];
  let violations = 0;
  const letOffIfItFits = (pod: PodInfo) => {
    trial.put(pod);
    if (trial.fits()) return;
    trial.takeOut(pod);
    victims.push(pod);
    if (violating.has(pod)) violations++;
  };
  if (violating.size > 0) removable.filter((pod) => violating.has(pod)).forEach(letOffIfItFits);
  for (const pod of removable) if (!violating.has(pod)) letOffIfItFits(pod);
  if (violating.size > 0) victims.sort(compareImportance);
  return { victims, violations };
}

/** Kubernetes' summand, which makes every priority count for more than none. */
const PRIORITY_OFFSET = 2 ** 31;

export function candidateOf(node: NodeInfo, { victims, violations }: Victims): Candidate {
  const highestPriority = victims[0]?.priority ?? -Infinity;
  let prioritySum = 0;
  let startedMs = Infinity;
  for (const pod of victims) {
    prioritySum += pod.priority + PRIORITY_OFFSET;
    if (pod.priority === highestPriority && pod.startedMs < startedMs) startedMs = pod.startedMs;
  }
  return { node, victims, violations, highestPriority, prioritySum, startedMs };
}

/** Pods that may go from a node, most important first, and how many of them will have to at least. */
export interface Removable {
  readonly pods: readonly PodInfo[];
  readonly victimsMin: number;
}

/** Whether a node might be better than the best so far, by a look at the least important of the pods that may go. */
export function mayBeat(best: Candidate, { pods, victimsMin }: Removable): boolean {
  const last = pods.at(-victimsMin);
  if (!last || best.violations > 0) return last !== undefined;
  // One at least as important as this has to go.
  if (last.priority !== best.highestPriority) return last.priority < best.highestPriority;
  const sumMin = victimsMin * ((pods.at(-1)?.priority ?? 0) + PRIORITY_OFFSET);
  if (sumMin !== best.prioritySum) return sumMin < best.prioritySum;
  return victimsMin < best.victims.length || last.startedMs > best.startedMs;
}

/** Kubernetes' order; of equals the first stays. */
export function isBetter(a: Candidate, b: Candidate): boolean {
  if (a.violations !== b.violations) return a.violations < b.violations;
  if (a.highestPriority !== b.highestPriority) return a.highestPriority < b.highestPriority;
  if (a.prioritySum !== b.prioritySum) return a.prioritySum < b.prioritySum;
  if (a.victims.length !== b.victims.length) return a.victims.length < b.victims.length;
  return a.startedMs > b.startedMs;
}
