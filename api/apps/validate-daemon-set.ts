// Rules for daemon sets, from Kubernetes' validation of the apps group.

import type { DaemonSet, DaemonSetStatus, DaemonSetUpdateStrategy, RollingUpdateDaemonSet } from "./daemon-set.ts";
import { validateWorkload } from "../core/validate-pod-template.ts";
import { checkNonNegative, checkUnchanged, when } from "../meta/field-checks.ts";
import { checkAtMostWhole, checkIntOrPercent, isNothing } from "../meta/int-or-percent.ts";
import { subdomainProblems } from "../meta/names.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField, requiredField, unsupportedField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const WORDS = {
  emptySelector: "empty selector is invalid for daemonset",
  mayMissSelector: true,
  kind: "DaemonSet",
};

export function validateDaemonSet(daemonSet: DaemonSet, old?: DaemonSet): FieldError[] {
  const { spec, status } = daemonSet;
  return [
    ...validateMetadata(daemonSet, old, { name: subdomainProblems }),
    ...(old ? checkUnchanged("spec.selector", spec.selector, old.spec.selector) : []),
    ...validateWorkload(spec, WORDS),
    ...checkNonNegative("spec.minReadySeconds", spec.minReadySeconds),
    ...validateUpdateStrategy(spec.updateStrategy),
    ...checkNonNegative("spec.revisionHistoryLimit", spec.revisionHistoryLimit),
    ...validateStatus(status, old?.status),
  ];
}

function validateUpdateStrategy(strategy: DaemonSetUpdateStrategy): Errors {
  const { type, rollingUpdate } = strategy;
  if (type === "OnDelete") return [];
  if (type !== "RollingUpdate") {
    return [unsupportedField("spec.updateStrategy", strategy, ["RollingUpdate", "OnDelete"])];
  }
  const path = "spec.updateStrategy.rollingUpdate";
  return rollingUpdate ? validateRollingUpdate(rollingUpdate, path) : [requiredField(path)];
}

/** Either the old pod goes first or the new one comes first. */
function validateRollingUpdate({ maxUnavailable, maxSurge }: RollingUpdateDaemonSet, path: string): Errors {
  const mayMiss = !isNothing(maxUnavailable);
  const maySurge = !isNothing(maxSurge);
  return [
    ...checkIntOrPercent(`${path}.maxUnavailable`, maxUnavailable),
    ...checkIntOrPercent(`${path}.maxSurge`, maxSurge),
    ...checkAtMostWhole(`${path}.maxUnavailable`, maxUnavailable),
    ...checkAtMostWhole(`${path}.maxSurge`, maxSurge),
    ...when(
      mayMiss && maySurge,
      invalidField(`${path}.maxSurge`, maxSurge, "may not be set when maxUnavailable is non-zero"),
    ),
    ...when(!mayMiss && !maySurge, requiredField(`${path}.maxUnavailable`, "cannot be 0 when maxSurge is 0")),
  ];
}

const COUNTS = [
  "currentNumberScheduled",
  "numberMisscheduled",
  "desiredNumberScheduled",
  "numberReady",
  "observedGeneration",
  "updatedNumberScheduled",
  "numberAvailable",
  "numberUnavailable",
  "collisionCount",
] as const;

function validateStatus(status: DaemonSetStatus, old: DaemonSetStatus | undefined): Errors {
  const { collisionCount = 0 } = status;
  const isDecremented = collisionCount < (old?.collisionCount ?? 0);
  return [
    ...COUNTS.flatMap((name) => checkNonNegative(`status.${name}`, status[name])),
    ...when(isDecremented, invalidField("status.collisionCount", collisionCount, "cannot be decremented")),
  ];
}
