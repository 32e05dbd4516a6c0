// Which ReplicaSets have once had all their pods available: those that a Deployment can go back to. Pure. Only Deployments that
// ask for rollbacks or canaries have theirs labelled.

import type { Deployment } from "../../api/apps/deployment.ts";
import { asksForCanary, asksForRollback, COMPLETE_LABEL } from "../../api/apps/deployment-options.ts";
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import { findCondition } from "../../api/meta/condition-list.ts";
import { revisionOf, type History } from "./history.ts";
import { COMPLETE } from "./progress.ts";

export const wasComplete = ({ metadata }: ReplicaSet): boolean => metadata.labels?.[COMPLETE_LABEL] === "true";

/** The newest of the old ones to which one can go back. */
export const lastComplete = (old: readonly ReplicaSet[]): ReplicaSet | undefined =>
  old.filter(wasComplete).reduce<ReplicaSet | undefined>((newest, each) => {
    return newest && revisionOf(newest) >= revisionOf(each) ? newest : each;
  }, undefined);

/**
 * The ReplicaSet that lacks the label. What the status last said is of the revision that it last said: so the revision that was
 * complete is known even where the wish for a rollback comes together with the template to be rolled back from.
 */
export function planCompleteLabel(deployment: Deployment, { current, old }: History): ReplicaSet | undefined {
  if (!asksForRollback(deployment) && !asksForCanary(deployment)) return undefined;
  if (!reportsCompletion(deployment)) return undefined;
  const revision = revisionOf(deployment);
  const reported = [...(current ? [current] : []), ...old].find((each) => revisionOf(each) === revision);
  return reported && !wasComplete(reported) ? reported : undefined;
}

function reportsCompletion({ status }: Deployment): boolean {
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, conditions } = status;
  // A Deployment of no pods is complete, but nothing is known of its template.
  if (availableReplicas === 0) return false;
  const progressing = findCondition(conditions, "Progressing");
  // Without a deadline there is no such condition.
  return progressing ? progressing.reason === COMPLETE : updatedReplicas === replicas && availableReplicas === replicas;
}
