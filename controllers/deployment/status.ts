// What a Deployment reports: counts, and the conditions Available, Progressing and ReplicaFailure. Pure.
// Reasons and messages as in Kubernetes: `kubectl rollout status` and `wait` read them.

import type { Deployment, DeploymentCondition, DeploymentStatus } from "../../api/apps/deployment.ts";
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import { findCondition } from "../../api/meta/condition-list.ts";
import { formatTime } from "../../lib/clock.ts";
import { rolloutBounds } from "./bounds.ts";
import { isWaiting } from "./canary.ts";
import { replicasOf, type History } from "./history.ts";
import { OPTION_CONDITIONS, optionConditions, type OptionState } from "./option-conditions.ts";
import { MOVED, progressingCondition, type ConditionFacts } from "./progress.ts";
import { sum } from "./rollout.ts";

/** Other people's conditions are left alone. */
const OWN_CONDITIONS = new Set<string>(["Available", "Progressing", "ReplicaFailure", ...OPTION_CONDITIONS]);

export interface Report {
  readonly history: History;
  readonly options: OptionState;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

export function planStatus(deployment: Deployment, { history, options, nowMs }: Report): DeploymentStatus {
  const counts = countReplicas(deployment, history);
  const known = findCondition(deployment.status.conditions, "Progressing");
  const canaryWaits = options.canary !== undefined && isWaiting(options.canary, history);
  const conditions = [
    availableCondition(deployment, counts.availableReplicas ?? 0),
    progressingCondition({ deployment, counts, history, known, nowMs, canaryWaits }),
    failureCondition(history),
    ...optionConditions(deployment, history, options),
  ].filter((each) => each !== undefined);
  const foreign = (deployment.status.conditions ?? []).filter(({ type }) => !OWN_CONDITIONS.has(type));
  return { ...counts, conditions: [...foreign, ...conditions.map((each) => datedCondition(deployment, each, nowMs))] };
}

/** The status that differs from the Deployment's own in one condition. `nowMs`: milliseconds since 1970. */
export function withCondition(
  deployment: Pick<Deployment, "status">,
  facts: ConditionFacts,
  nowMs: number,
): DeploymentStatus {
  const others = (deployment.status.conditions ?? []).filter(({ type }) => type !== facts.type);
  return { ...deployment.status, conditions: [...others, datedCondition(deployment, facts, nowMs)] };
}

function countReplicas(deployment: Deployment, { current, old }: History): DeploymentStatus {
  const all = [...old, ...(current ? [current] : [])];
  const availableReplicas = sum(all, ({ status }) => status.availableReplicas ?? 0);
  const counts = {
    replicas: sum(all, ({ status }) => status.replicas ?? 0),
    updatedReplicas: current?.status.replicas ?? 0,
    readyReplicas: sum(all, ({ status }) => status.readyReplicas ?? 0),
    availableReplicas,
    unavailableReplicas: Math.max(0, sum(all, replicasOf) - availableReplicas),
  };
  return {
    observedGeneration: deployment.metadata.generation,
    // Go leaves zero counts out.
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    ...(deployment.status.collisionCount !== undefined && { collisionCount: deployment.status.collisionCount }),
  };
}

function availableCondition(deployment: Deployment, availableReplicas: number): ConditionFacts {
  const { desired, maxUnavailable } = rolloutBounds(deployment);
  const required = deployment.spec.strategy.type === "Recreate" ? desired : desired - maxUnavailable;
  return availableReplicas >= required
    ? {
        type: "Available",
        status: "True",
        reason: "MinimumReplicasAvailable",
        message: "Deployment has minimum availability.",
      }
    : {
        type: "Available",
        status: "False",
        reason: "MinimumReplicasUnavailable",
        message: "Deployment does not have minimum availability.",
      };
}

/** A ReplicaSet's failure to make pods: the current one's first. */
function failureCondition({ current, old }: History): ConditionFacts | undefined {
  const failure = (replicaSet: ReplicaSet) => findCondition(replicaSet.status.conditions, "ReplicaFailure");
  const found = [...(current ? [current] : []), ...old].map(failure).find((each) => each?.status === "True");
  return found && { type: "ReplicaFailure", status: found.status, reason: found.reason, message: found.message };
}

/**
 * lastUpdateTime moves with the status and the reason, lastTransitionTime with the status alone. A message alone changes
 * nothing, as in Kubernetes: it may differ each time. Those of options differ only where there is something else to say.
 */
function datedCondition(
  deployment: Pick<Deployment, "status">,
  facts: ConditionFacts,
  nowMs: number,
): DeploymentCondition {
  const known = findCondition(deployment.status.conditions, facts.type);
  const { type, status, reason, message } = facts;
  const moved = (reason === MOVED && known !== facts) || (isOptional(type) && known?.message !== message);
  if (known?.status === status && known.reason === reason && !moved) return known;
  const now = formatTime(nowMs);
  const lastTransitionTime = known?.status === status ? known.lastTransitionTime : now;
  return { type, status, reason, message, lastUpdateTime: now, lastTransitionTime };
}

const isOptional = (type: string) => type.startsWith("kctl.dev/");
