// Rules for deployments and replica sets, from Kubernetes' validation of the apps group.

import type { Deployment, DeploymentStrategy } from "./deployment.ts";
import { validateOptions } from "./deployment-options.ts";
import type { ReplicaSet } from "./replica-set.ts";
import { validateWorkload } from "../core/validate-pod-template.ts";
import { checkNonNegative, checkUnchanged, when } from "../meta/field-checks.ts";
import { checkAtMostWhole, checkIntOrPercent, isNothing } from "../meta/int-or-percent.ts";
import { subdomainProblems } from "../meta/names.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { forbiddenField, invalidField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validateDeployment(deployment: Deployment, old?: Deployment): FieldError[] {
  const { spec, status } = deployment;
  const { minReadySeconds = 0, progressDeadlineSeconds } = spec;
  const isTooShort = progressDeadlineSeconds !== undefined && progressDeadlineSeconds <= minReadySeconds;
  return [
    ...validateMetadata(deployment, old, { name: subdomainProblems }),
    ...validateOptions(deployment, old),
    ...checkNonNegative("spec.replicas", spec.replicas),
    ...validateWorkload(spec),
    ...(old ? checkUnchanged("spec.selector", spec.selector, old.spec.selector) : []),
    ...validateStrategy(spec.strategy),
    ...checkNonNegative("spec.minReadySeconds", spec.minReadySeconds),
    ...checkNonNegative("spec.revisionHistoryLimit", spec.revisionHistoryLimit),
    ...checkNonNegative("spec.progressDeadlineSeconds", progressDeadlineSeconds),
    ...when(
      isTooShort,
      invalidField("spec.progressDeadlineSeconds", progressDeadlineSeconds, "must be greater than minReadySeconds"),
    ),
    ...validateCounts(status, ["updatedReplicas", "readyReplicas", "availableReplicas"]),
  ];
}

export function validateReplicaSet(replicaSet: ReplicaSet, old?: ReplicaSet): FieldError[] {
  const { spec, status } = replicaSet;
  return [
    ...validateMetadata(replicaSet, old, { name: subdomainProblems }),
    ...checkNonNegative("spec.replicas", spec.replicas),
    ...checkNonNegative("spec.minReadySeconds", spec.minReadySeconds),
    ...validateWorkload(spec),
    ...(old ? checkUnchanged("spec.selector", spec.selector, old.spec.selector) : []),
    ...validateCounts(status, ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"]),
  ];
}

function validateStrategy({ type, rollingUpdate }: DeploymentStrategy): Errors {
  const path = "spec.strategy.rollingUpdate";
  if (type === "Recreate") {
    const problem = "may not be specified when strategy `type` is 'Recreate'";
    return when(rollingUpdate, forbiddenField(path, problem));
  }
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate ?? {};
  const cannotMove = isNothing(maxUnavailable) && isNothing(maxSurge) && rollingUpdate !== undefined;
  return [
    ...checkIntOrPercent(`${path}.maxUnavailable`, maxUnavailable),
    ...checkIntOrPercent(`${path}.maxSurge`, maxSurge),
    ...when(cannotMove, invalidField(`${path}.maxUnavailable`, maxUnavailable, "may not be 0 when `maxSurge` is 0")),
    ...checkAtMostWhole(`${path}.maxUnavailable`, maxUnavailable),
  ];
}

interface Counts {
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly updatedReplicas?: number;
  readonly fullyLabeledReplicas?: number;
}

/** Parts are no more than the whole. */
function validateCounts(status: Counts, names: readonly (keyof Counts)[]): Errors {
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  return [
    ...names.flatMap((name) => checkNonNegative(`status.${name}`, status[name])),
    ...names
      .filter((name) => (status[name] ?? 0) > replicas)
      .map((name) => invalidField(`status.${name}`, status[name], "cannot be greater than status.replicas")),
    ...when(
      availableReplicas > readyReplicas,
      invalidField("status.availableReplicas", availableReplicas, "cannot be greater than readyReplicas"),
    ),
  ];
}
