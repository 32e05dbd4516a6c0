// How many pods of a disruption budget may be evicted now. Pure. The rules are those of Kubernetes' disruption controller.

import { isPodReady } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { Condition } from "../../api/meta/condition.ts";
import { amountOf } from "../../api/meta/int-or-percent.ts";
import { conditionsOfCount, DISRUPTION_ALLOWED, SYNC_FAILED } from "../../api/policy/disruption-allowed.ts";
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from "../../api/policy/pod-disruption-budget.ts";
import { setCondition } from "../../api/meta/condition-list.ts";
import { formatTime } from "../../lib/clock.ts";

/** An eviction that was allowed and has not happened after this long will not happen any more. */
const EVICTION_TIMEOUT_MS = 120_000;

/** Why nothing can be said about a budget before something else changes. */
export class UncountableError extends Error {}

export interface Expected {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
}

/** Whether the count of all pods is what their owners ask for, rather than what is there. */
export const needsScale = ({ spec: { minAvailable, maxUnavailable } }: PodDisruptionBudget): boolean =>
  maxUnavailable !== undefined || typeof minAvailable === "string";

/** `total`: the sum of the owners' scales where the budget needs it, else the number of pods. Throws UncountableError. */
export function planExpected({ spec }: PodDisruptionBudget, total: number): Expected {
  const { minAvailable, maxUnavailable } = spec;
  if (maxUnavailable !== undefined) {
    return { expectedPods: total, desiredHealthy: Math.max(0, total - count(maxUnavailable, total)) };
  }
  if (minAvailable !== undefined) return { expectedPods: total, desiredHealthy: count(minAvailable, total) };
  return { expectedPods: 0, desiredHealthy: 0 };
}

function count(amount: number | string, total: number): number {
  const known = amountOf(amount, total, Math.ceil);
  if (known === undefined) {
    throw new UncountableError("invalid value for IntOrString: invalid type: string is not a percentage");
  }
  return known;
}

export interface Evictions {
  /** Those allowed that the pods do not show yet. */
  readonly pending: Readonly<Record<string, string>>;
  /** Pods that should have gone and have not. */
  readonly failed: readonly Pod[];
  /** How long until the first of the pending ones has failed. */
  readonly waitMs: number | undefined;
}

export function planEvictions({ status }: PodDisruptionBudget, pods: readonly Pod[], nowMs: number): Evictions {
  const pending: Record<string, string> = {};
  const failed: Pod[] = [];
  const waitsMs: number[] = [];
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    const allowed = status.disruptedPods?.[name];
    if (allowed === undefined || deletionTimestamp) continue;
    const waitMs = Date.parse(allowed) + EVICTION_TIMEOUT_MS - nowMs;
    if (waitMs < 0) {
      failed.push(pod);
      continue;
    }
    pending[name] = allowed;
    waitsMs.push(waitMs);
  }
  return { pending, failed, waitMs: waitsMs.length > 0 ? Math.min(...waitsMs) : undefined };
}

export interface Counts {
  readonly pods: readonly Pod[];
  readonly expected: Expected;
  readonly pending: Evictions["pending"];
  readonly nowMs: number;
}

export function planStatus(budget: PodDisruptionBudget, counts: Counts): PodDisruptionBudgetStatus {
  const { pods, expected, pending, nowMs } = counts;
  const isHealthy = (pod: Pod) =>
    !pod.metadata.deletionTimestamp && pending[pod.metadata.name] === undefined && isPodReady(pod);
  const currentHealthy = pods.filter(isHealthy).length;
  // A budget that counts no pods yet is on the safe side when the first ones come.
  const spare = expected.expectedPods > 0 ? currentHealthy - expected.desiredHealthy : 0;
  const status: PodDisruptionBudgetStatus = {
    ...(budget.metadata.generation !== undefined && { observedGeneration: budget.metadata.generation }),
    ...(Object.keys(pending).length > 0 && { disruptedPods: pending }),
    disruptionsAllowed: Math.max(0, spare),
    currentHealthy,
    ...expected,
    ...(budget.status.conditions && { conditions: budget.status.conditions }),
  };
  return { ...status, conditions: conditionsOfCount(status, formatTime(nowMs)) };
}

/** Nothing may be evicted while nobody can say how many pods there are to be. */
export function planFailure(budget: PodDisruptionBudget, message: string, nowMs: number): PodDisruptionBudgetStatus {
  const { observedGeneration } = budget.status;
  const conditions = setCondition<Condition>(budget.status.conditions, {
    type: DISRUPTION_ALLOWED,
    status: "False",
    ...(observedGeneration !== undefined && { observedGeneration }),
    lastTransitionTime: formatTime(nowMs),
    reason: SYNC_FAILED,
    message,
  });
  return { ...budget.status, disruptionsAllowed: 0, conditions };
}
