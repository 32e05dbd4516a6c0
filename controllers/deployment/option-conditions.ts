// What a Deployment reports of the options that it has beyond Kubernetes: one condition each, absent where there is nothing to
// say, so that a Deployment that asks for none looks as it always did. Pure.

import type { Deployment, DeploymentStatus } from "../../api/apps/deployment.ts";
import {
  CANARY_CONDITION,
  INVALID_CONDITION,
  misreadOptions,
  PROMOTED_REVISION,
  ROLLBACK_CONDITION,
} from "../../api/apps/deployment-options.ts";
import { findCondition } from "../../api/meta/condition-list.ts";
import { isWaiting, type Canary } from "./canary.ts";
import type { History } from "./history.ts";
import type { ConditionFacts } from "./progress.ts";
import { rollbackInForce, type RollbackPlan } from "./rollback.ts";

export const OPTION_CONDITIONS = [ROLLBACK_CONDITION, CANARY_CONDITION, INVALID_CONDITION] as const;

/** What the options come to at the moment. */
export interface OptionState {
  readonly rollback: RollbackPlan;
  readonly canary: Canary | undefined;
}

export function optionConditions(
  deployment: Deployment,
  history: History,
  { rollback, canary }: OptionState,
): readonly ConditionFacts[] {
  return [
    rollbackCondition(deployment, history, rollback),
    canary && canaryCondition(deployment, history, canary),
    invalidCondition(deployment),
  ].filter((each) => each !== undefined);
}

function rollbackCondition(
  deployment: Deployment,
  history: History,
  rollback: RollbackPlan,
): ConditionFacts | undefined {
  const type = ROLLBACK_CONDITION;
  if (rollback.do === "tell") return { type, status: "False", reason: rollback.reason, message: rollback.message };
  const note = rollbackInForce(deployment, history);
  return note && { type, status: "True", reason: "RolloutFailed", message: note.message };
}

function canaryCondition({ metadata, spec }: Deployment, history: History, canary: Canary): ConditionFacts {
  const type = CANARY_CONDITION;
  const desired = spec.replicas ?? 1;
  const { revision, limit } = canary;
  const what = `revision ${revision} on ${limit} of ${desired} pods`;
  if (!isWaiting(canary, history)) {
    return { type, status: "False", reason: "CanaryStarts", message: `A canary of ${what} starts.` };
  }
  const message =
    `A canary of ${what} waits. "kctl rollout promote deployment/${metadata.name}", or ` +
    `"kubectl annotate --overwrite deployment/${metadata.name} ${PROMOTED_REVISION}=${revision}", rolls it out; ` +
    `"rollout undo" ends it.`;
  return { type, status: "True", reason: "WaitsForPromotion", message };
}

function invalidCondition(deployment: Deployment): ConditionFacts | undefined {
  const problems = misreadOptions(deployment);
  if (problems.length === 0) return undefined;
  return { type: INVALID_CONDITION, status: "True", reason: "InvalidValue", message: problems.join("; ") };
}

export interface Announcement {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** The events for what the conditions say now and did not say before. */
export function planAnnouncements(before: DeploymentStatus, now: DeploymentStatus): readonly Announcement[] {
  return OPTION_CONDITIONS.flatMap((type) => {
    const known = findCondition(before.conditions, type);
    const said = findCondition(now.conditions, type);
    if (!said || said === known || said.reason === "CanaryStarts") return [];
    const { reason = "", message = "" } = said;
    const isFine = type === CANARY_CONDITION;
    return [{ type: isFine ? "Normal" : "Warning", reason: REASONS[type] ?? reason, message }];
  });
}

const REASONS: Readonly<Partial<Record<string, string>>> = {
  [CANARY_CONDITION]: "CanaryWaits",
  [INVALID_CONDITION]: "InvalidOptions",
};
