// Rules for pod disruption budgets, from Kubernetes' validation of the policy group.

import type { PodDisruptionBudget } from "./pod-disruption-budget.ts";
import { checkNonNegative, when } from "../meta/field-checks.ts";
import { checkAtMostWhole, checkIntOrPercent } from "../meta/int-or-percent.ts";
import { pathSegmentProblems } from "../meta/names.ts";
import { validateConditions } from "../meta/validate-conditions.ts";
import { validateLabelSelector } from "../meta/validate-labels.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField, type FieldError } from "../schema/field-error.ts";

const COUNTS = ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"] as const;

export function validatePodDisruptionBudget(budget: PodDisruptionBudget, old?: PodDisruptionBudget): FieldError[] {
  const { spec, status } = budget;
  const { minAvailable, maxUnavailable } = spec;
  const hasBoth = minAvailable !== undefined && maxUnavailable !== undefined;
  return [
    ...validateMetadata(budget, old, { name: pathSegmentProblems }),
    ...when(hasBoth, invalidField("spec", spec, "minAvailable and maxUnavailable cannot be both set")),
    ...checkIntOrPercent("spec.minAvailable", minAvailable),
    ...checkAtMostWhole("spec.minAvailable", minAvailable),
    ...checkIntOrPercent("spec.maxUnavailable", maxUnavailable),
    ...checkAtMostWhole("spec.maxUnavailable", maxUnavailable),
    ...validateLabelSelector(spec.selector, "spec.selector"),
    ...validateConditions(status.conditions, "status.conditions"),
    ...COUNTS.flatMap((name) => checkNonNegative(`status.${name}`, status[name])),
  ];
}
