// The condition DisruptionAllowed of a PodDisruptionBudget: it says whether its count of allowed disruptions is above zero.
// Whoever changes the count sets it: the controller, and the API server that takes one away.

import type { Condition } from "../meta/condition.ts";
import { setCondition } from "../meta/condition-list.ts";
import type { PodDisruptionBudgetStatus } from "./pod-disruption-budget.ts";

export const DISRUPTION_ALLOWED = "DisruptionAllowed";
export const SYNC_FAILED = "SyncFailed";

/** The conditions that say what the status counts. `now`: an RFC 3339 time. */
export function conditionsOfCount(status: PodDisruptionBudgetStatus, now: string): readonly Condition[] {
  const isAllowed = status.disruptionsAllowed > 0;
  return setCondition(status.conditions, {
    type: DISRUPTION_ALLOWED,
    status: isAllowed ? "True" : "False",
    ...(status.observedGeneration !== undefined && { observedGeneration: status.observedGeneration }),
    lastTransitionTime: now,
    reason: isAllowed ? "SufficientPods" : "InsufficientPods",
    message: "",
  });
}
