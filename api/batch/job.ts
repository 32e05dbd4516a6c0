// HEADER: say what Job is and what it must never do.

import { podTemplateSpec } from "../core/pod-template.ts";
import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  boolean,
  int32,
  int64,
  list,
  object,
  oneOf,
  optional,
  present,
  required,
  set,
  string,
  time,
} from "../schema/schema.ts";

export const podFailurePolicyOnExitCodesRequirement = object(
  "io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement",
  "",
  {
    containerName: optional(1, string(), ""),
    operator: required(2, oneOf("In", "NotIn"), ""),
    values: required(3, set(int32()), ""),
  },
);
export interface PodFailurePolicyOnExitCodesRequirement extends Infer<typeof podFailurePolicyOnExitCodesRequirement> {}

export const podFailurePolicyOnPodConditionsPattern = object(
  "io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern",
  "",
  {
    type: required(1, string(), ""),
    status: required(2, oneOf("True", "False", "Unknown"), ""),
  },
);
export interface PodFailurePolicyOnPodConditionsPattern extends Infer<typeof podFailurePolicyOnPodConditionsPattern> {}

export const podFailurePolicyRule = object("io.k8s.api.batch.v1.PodFailurePolicyRule", "", {
  action: required(1, oneOf("FailJob", "FailIndex", "Ignore", "Count"), ""),
  onExitCodes: optional(2, podFailurePolicyOnExitCodesRequirement, ""),
  onPodConditions: optional(3, list(podFailurePolicyOnPodConditionsPattern, { listType: "atomic" }), ""),
});
export interface PodFailurePolicyRule extends Infer<typeof podFailurePolicyRule> {}

export const podFailurePolicy = object("io.k8s.api.batch.v1.PodFailurePolicy", "", {
  rules: required(1, list(podFailurePolicyRule, { listType: "atomic" }), ""),
});
export interface PodFailurePolicy extends Infer<typeof podFailurePolicy> {}

export const successPolicyRule = object("io.k8s.api.batch.v1.SuccessPolicyRule", "", {
  succeededIndexes: optional(1, string(), ""),
  succeededCount: optional(2, int32(), ""),
});
export interface SuccessPolicyRule extends Infer<typeof successPolicyRule> {}

export const successPolicy = object("io.k8s.api.batch.v1.SuccessPolicy", "", {
  rules: required(1, list(successPolicyRule, { listType: "atomic" }), ""),
});
export interface SuccessPolicy extends Infer<typeof successPolicy> {}

export const jobSpec = object("io.k8s.api.batch.v1.JobSpec", "", {
  parallelism: optional(1, int32(), ""),
  completions: optional(2, int32(), ""),
  activeDeadlineSeconds: optional(3, int64(), ""),
  selector: optional(4, labelSelector, ""),
  manualSelector: optional(5, boolean(), ""),
  template: required(6, podTemplateSpec, ""),
  backoffLimit: optional(7, int32(), ""),
  ttlSecondsAfterFinished: optional(8, int32(), ""),
  completionMode: optional(9, oneOf("NonIndexed", "Indexed"), ""),
  suspend: optional(10, boolean(), ""),
  podFailurePolicy: optional(11, podFailurePolicy, ""),
  backoffLimitPerIndex: optional(12, int32(), ""),
  maxFailedIndexes: optional(13, int32(), ""),
  podReplacementPolicy: optional(14, oneOf("TerminatingOrFailed", "Failed"), ""),
  managedBy: optional(15, string(), ""),
  successPolicy: optional(16, successPolicy, ""),
});
export interface JobSpec extends Infer<typeof jobSpec> {}

export const jobCondition = object("io.k8s.api.batch.v1.JobCondition", "", {
  type: required(1, string(), ""),
  status: required(2, oneOf("True", "False", "Unknown"), ""),
  lastProbeTime: optional(3, time(), ""),
  lastTransitionTime: optional(4, time(), ""),
  reason: optional(5, string(), ""),
  message: optional(6, string(), ""),
});
export interface JobCondition extends Infer<typeof jobCondition> {}

export const uncountedTerminatedPods = object("io.k8s.api.batch.v1.UncountedTerminatedPods", "", {
  succeeded: optional(1, set(string()), ""),
  failed: optional(2, set(string()), ""),
});
export interface UncountedTerminatedPods extends Infer<typeof uncountedTerminatedPods> {}

export const jobStatus = object("io.k8s.api.batch.v1.JobStatus", "", {
  conditions: optional(1, list(jobCondition, { listType: "atomic", mergeKey: "type", strategy: "merge" }), ""),
  startTime: optional(2, time(), ""),
  completionTime: optional(3, time(), ""),
  active: optional(4, int32(), ""),
  succeeded: optional(5, int32(), ""),
  failed: optional(6, int32(), ""),
  completedIndexes: optional(7, string(), ""),
  uncountedTerminatedPods: optional(8, uncountedTerminatedPods, ""),
  ready: optional(9, int32(), ""),
  failedIndexes: optional(10, string(), ""),
  terminating: optional(11, int32(), ""),
});
export interface JobStatus extends Infer<typeof jobStatus> {}

export const job = kubeObject("io.k8s.api.batch.v1.Job", "", {
  spec: present(2, jobSpec, ""),
  status: present(3, jobStatus, ""),
});
export interface Job extends Infer<typeof job> {}

export const jobs: ResourceDefinition<Job> = {
  group: "batch",
  version: "v1",
  kind: "Job",
  plural: "jobs",
  categories: ["all"],
  scope: "Namespaced",
  schema: job,
  subresources: ["status"],
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
