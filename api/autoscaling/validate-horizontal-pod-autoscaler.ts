// Rules for horizontal pod autoscalers, from Kubernetes' validation of the autoscaling group.

import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HPAScalingPolicy,
  HPAScalingRules,
} from "./horizontal-pod-autoscaler.ts";
import { validateMetric, validateReference } from "./validate-metric.ts";
import { checkNonNegative, eachItem, when } from "../meta/field-checks.ts";
import { subdomainProblems } from "../meta/names.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { forbiddenField, invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const WINDOW_SECONDS_MAX = 3600;
const PERIOD_SECONDS_MAX = 1800;

export function validateHorizontalPodAutoscaler(
  autoscaler: HorizontalPodAutoscaler,
  old?: HorizontalPodAutoscaler,
): FieldError[] {
  const { spec, status } = autoscaler;
  return [
    ...validateMetadata(autoscaler, old, { name: subdomainProblems }),
    // Scaling to nothing is no longer allowed, but what does it may go on.
    ...validateSpec(spec, old?.spec.minReplicas === 0 ? 0 : 1),
    ...checkNonNegative("status.currentReplicas", status.currentReplicas),
    ...checkNonNegative("status.desiredReplicas", status.desiredReplicas),
  ];
}

function validateSpec(spec: HorizontalPodAutoscalerSpec, replicasMin: number): Errors {
  const { minReplicas = 1, maxReplicas, metrics = [], behavior } = spec;
  const tooFew = `must be greater than or equal to ${replicasMin}`;
  const isBlind = minReplicas === 0 && !metrics.some(({ type }) => type === "Object" || type === "External");
  const blind = "must specify at least one Object or External metric to support scaling to zero replicas";
  return [
    ...when(minReplicas < replicasMin, invalidField("spec.minReplicas", minReplicas, tooFew)),
    ...when(maxReplicas < 1, invalidField("spec.maxReplicas", maxReplicas, "must be greater than 0")),
    ...when(
      maxReplicas < minReplicas,
      invalidField("spec.maxReplicas", maxReplicas, "must be greater than or equal to `minReplicas`"),
    ),
    ...validateReference(spec.scaleTargetRef, "spec.scaleTargetRef"),
    ...eachItem(metrics, "spec.metrics", validateMetric),
    ...when(isBlind, forbiddenField("spec.metrics", blind)),
    ...validateRules(behavior?.scaleUp, "spec.behavior.scaleUp"),
    ...validateRules(behavior?.scaleDown, "spec.behavior.scaleDown"),
  ];
}

function validateRules(rules: HPAScalingRules | undefined, path: string): Errors {
  if (!rules) return [];
  const { stabilizationWindowSeconds: seconds = 0, policies = [] } = rules;
  const at = `${path}.stabilizationWindowSeconds`;
  const long = `must be less than or equal to ${WINDOW_SECONDS_MAX}`;
  return [
    ...when(seconds < 0, invalidField(at, seconds, "must be greater than or equal to zero")),
    ...when(seconds > WINDOW_SECONDS_MAX, invalidField(at, seconds, long)),
    ...when(policies.length === 0, requiredField(`${path}.policies`, "must specify at least one Policy")),
    ...eachItem(policies, `${path}.policies`, validatePolicy),
  ];
}

function validatePolicy({ value, periodSeconds }: HPAScalingPolicy, path: string): Errors {
  const at = `${path}.periodSeconds`;
  const long = `must be less than or equal to ${PERIOD_SECONDS_MAX}`;
  return [
    ...when(value <= 0, invalidField(`${path}.value`, value, "must be greater than zero")),
    ...when(periodSeconds <= 0, invalidField(at, periodSeconds, "must be greater than zero")),
    ...when(periodSeconds > PERIOD_SECONDS_MAX, invalidField(at, periodSeconds, long)),
  ];
}
