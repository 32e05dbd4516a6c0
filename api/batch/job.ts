// Job: pods that run to an end, until enough of them have succeeded. What the server decides about it is in job-strategy.ts,
// its rules are in validate-job.ts and the files beside it.

import { jobColumns } from "./job-columns.ts";
import { prepareJob } from "./job-strategy.ts";
import { validateJob } from "./validate-job.ts";
import { podTemplateSpec } from "../core/pod-template.ts";
import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import { keepSpec } from "../meta/status-write.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Draft,
  type Infer,
  boolean,
  completed,
  int32,
  int64,
  lenient,
  list,
  object,
  oneOf,
  optional,
  present,
  presentRequired,
  required,
  set,
  string,
  time,
} from "../schema/schema.ts";

export const podFailurePolicyOnExitCodesRequirement = object(
  "io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement",
  "Which exit codes of containers a rule is about.",
  {
    containerName: optional(
      1,
      string(),
      "The only container that the rule looks at; all containers and init containers unless given.",
    ),
    operator: required(
      2,
      oneOf("In", "NotIn"),
      "In holds if the exit code is one of the values, NotIn if it is none of them. Exit code 0 never counts.",
    ),
    values: required(
      3,
      set(int32()),
      "The exit codes, in ascending order and without repetition: 1 to 255 of them, 0 not among them for In.",
    ),
  },
);
export interface PodFailurePolicyOnExitCodesRequirement extends Infer<typeof podFailurePolicyOnExitCodesRequirement> {}

export const podFailurePolicyOnPodConditionsPattern = object(
  "io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern",
  "A condition of a pod.",
  {
    type: required(1, string(), "The condition's type."),
    status: required(
      2,
      oneOf("True", "False", "Unknown"),
      "The status that the condition must have; True unless given.",
    ),
  },
);
export interface PodFailurePolicyOnPodConditionsPattern extends Infer<typeof podFailurePolicyOnPodConditionsPattern> {}

export const podFailurePolicyRule = object(
  "io.k8s.api.batch.v1.PodFailurePolicyRule",
  "What a failed pod means. It looks either at exit codes or at the pod's conditions.",
  {
    action: required(
      1,
      oneOf("FailJob", "FailIndex", "Ignore", "Count"),
      "FailJob ends the job as failed, FailIndex gives up the pod's index, Ignore does not count the failure, Count counts it as usual.",
    ),
    onExitCodes: optional(2, podFailurePolicyOnExitCodesRequirement, "The exit codes that the rule is about."),
    onPodConditions: optional(
      3,
      list(podFailurePolicyOnPodConditionsPattern, { listType: "atomic" }),
      "The rule applies if the pod has one of these conditions; 20 at most.",
    ),
  },
);
export interface PodFailurePolicyRule extends Infer<typeof podFailurePolicyRule> {}

export const podFailurePolicy = object(
  "io.k8s.api.batch.v1.PodFailurePolicy",
  "What the failure of a pod means for the job.",
  {
    rules: lenient(
      required(
        1,
        list(podFailurePolicyRule, { listType: "atomic" }),
        "The rules; the first that applies decides, and without one the failure counts. 20 at most.",
      ),
    ),
  },
);
export interface PodFailurePolicy extends Infer<typeof podFailurePolicy> {}

export const successPolicyRule = object(
  "io.k8s.api.batch.v1.SuccessPolicyRule",
  "When a job has succeeded. What it says must all hold.",
  {
    succeededIndexes: optional(
      1,
      string(),
      "Indexes that must have succeeded, such as 1,3-5. With succeededCount: those that count.",
    ),
    succeededCount: optional(2, int32(), "How many indexes must have succeeded."),
  },
);
export interface SuccessPolicyRule extends Infer<typeof successPolicyRule> {}

export const successPolicy = object(
  "io.k8s.api.batch.v1.SuccessPolicy",
  "When a job has succeeded before all its indexes have.",
  {
    rules: required(
      1,
      list(successPolicyRule, { listType: "atomic" }),
      "The rules; the first that applies decides. 1 to 20.",
    ),
  },
);
export interface SuccessPolicy extends Infer<typeof successPolicy> {}

export const jobSpec = object(
  "io.k8s.api.batch.v1.JobSpec",
  "What a job runs, how often, and when it has succeeded or failed.",
  {
    parallelism: optional(1, int32(), "How many pods may run at the same time; 1 unless given."),
    completions: optional(
      2,
      int32(),
      "How many pods must succeed. If absent while parallelism is given, the success of any pod is the success of all.",
    ),
    activeDeadlineSeconds: optional(
      3,
      int64(),
      "How many seconds the job may take before it is ended and marked as failed. Time in which it is suspended does not count.",
    ),
    selector: optional(
      4,
      labelSelector,
      "Selects the pods that belong to the job. Filled in by the server unless manualSelector is true.",
    ),
    manualSelector: optional(
      5,
      boolean(),
      "If true, the user chooses the selector and the template's labels, and sees to it that they are the job's alone.",
    ),
    template: presentRequired(
      6,
      podTemplateSpec,
      "What the pods are made from. Its restart policy can be Never or OnFailure.",
    ),
    backoffLimit: optional(
      7,
      int32(),
      "How many failures there may be before the job is marked as failed; 6 unless given, without limit if backoffLimitPerIndex is given.",
    ),
    ttlSecondsAfterFinished: optional(
      8,
      int32(),
      "After how many seconds the finished job is deleted; never unless given.",
    ),
    completionMode: optional(
      9,
      string(),
      "NonIndexed (the default): all pods are equal. Indexed: each pod has an index from 0 to completions - 1 and each index must succeed once.",
    ),
    suspend: optional(10, boolean(), "If true, no pods are made and those that run are deleted. False unless given."),
    podFailurePolicy: optional(
      11,
      podFailurePolicy,
      "What the failure of a pod means. Needs the restart policy Never.",
    ),
    backoffLimitPerIndex: optional(
      12,
      int32(),
      "How many failures there may be of one index before it is given up. Only for Indexed.",
    ),
    maxFailedIndexes: optional(
      13,
      int32(),
      "How many indexes may be given up before the job is marked as failed. Only with backoffLimitPerIndex.",
    ),
    podReplacementPolicy: optional(
      14,
      oneOf("TerminatingOrFailed", "Failed"),
      "When a new pod stands in for one that goes: TerminatingOrFailed, as soon as it ends or is deleted, or Failed, when it has ended. Failed is the default with podFailurePolicy, and the only choice.",
    ),
    managedBy: optional(
      15,
      string(),
      "The controller that looks after the job; the built-in one for kubernetes.io/job-controller or if absent. It cannot be changed.",
    ),
    successPolicy: optional(
      16,
      successPolicy,
      "When the job has succeeded before all its indexes have. Only for Indexed.",
    ),
  },
);
export interface JobSpec extends Infer<typeof jobSpec> {}

export const jobCondition = object("io.k8s.api.batch.v1.JobCondition", "One aspect of a job's state.", {
  type: required(
    1,
    string(),
    "The name of the aspect: Suspended, SuccessCriteriaMet, Complete, FailureTarget or Failed.",
  ),
  status: required(2, oneOf("True", "False", "Unknown"), "Whether the condition holds: True, False or Unknown."),
  lastProbeTime: optional(3, time(), "When it was last checked."),
  lastTransitionTime: optional(4, time(), "When the status last changed from one value to another."),
  reason: optional(5, string(), "Why it changed, in one CamelCase word."),
  message: optional(6, string(), "Why it changed, in words."),
});
export interface JobCondition extends Infer<typeof jobCondition> {}

export const uncountedTerminatedPods = object(
  "io.k8s.api.batch.v1.UncountedTerminatedPods",
  "Pods that have ended but are not counted yet.",
  {
    succeeded: optional(1, set(string()), "The uids of those that have succeeded."),
    failed: optional(2, set(string()), "The uids of those that have failed."),
  },
);
export interface UncountedTerminatedPods extends Infer<typeof uncountedTerminatedPods> {}

export const jobStatus = object("io.k8s.api.batch.v1.JobStatus", "How far a job has come.", {
  conditions: optional(
    1,
    list(jobCondition, { listType: "atomic", mergeKey: "type", strategy: "merge" }),
    "The job's conditions. Complete or Failed says that it has finished.",
  ),
  startTime: optional(2, time(), "When the job was started, or last continued after it had been suspended."),
  completionTime: optional(3, time(), "When the job succeeded."),
  active: optional(4, int32(), "How many pods are pending or running and not being deleted."),
  succeeded: optional(5, int32(), "How many pods have succeeded."),
  failed: optional(6, int32(), "How many pods have failed."),
  completedIndexes: optional(7, string(), "The indexes that have succeeded, such as 1,3-5."),
  uncountedTerminatedPods: optional(
    8,
    uncountedTerminatedPods,
    "Pods that have ended but are not counted in succeeded and failed yet.",
  ),
  ready: optional(9, int32(), "How many pods are ready and not being deleted."),
  failedIndexes: optional(10, string(), "The indexes that have been given up, such as 1,3-5."),
  terminating: optional(11, int32(), "How many pods are being deleted and have not ended."),
});
export interface JobStatus extends Infer<typeof jobStatus> {}

const INT32_MAX = 2 ** 31 - 1;

/** These are defaults of jobs, and not of the templates that cron jobs make jobs from. */
function completeSpec(draft: Draft<JobSpec>): void {
  if (draft.parallelism === undefined) draft.completions ??= 1;
  draft.parallelism ??= 1;
  draft.backoffLimit ??= draft.backoffLimitPerIndex === undefined ? 6 : INT32_MAX;
  draft.completionMode ||= "NonIndexed";
  draft.suspend ??= false;
  draft.manualSelector ??= false;
  completePolicies(draft);
}

function completePolicies(draft: Draft<JobSpec>): void {
  draft.podReplacementPolicy ||= draft.podFailurePolicy ? "Failed" : "TerminatingOrFailed";
  for (const rule of draft.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= "True";
  }
}

export const job = completed(
  kubeObject("io.k8s.api.batch.v1.Job", "Runs pods to their end until enough of them have succeeded.", {
    spec: present(2, jobSpec, "What the job is to be."),
    status: present(3, jobStatus, "How far the job has come."),
  }),
  (draft) => {
    completeSpec(draft.spec);
    const labels = draft.spec.template?.metadata?.labels;
    if (labels && draft.metadata && !Object.keys(draft.metadata.labels ?? {}).length)
      draft.metadata.labels = { ...labels };
  },
);
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
  validate: validateJob,
  columns: jobColumns,
  selectableFields: ({ status }) => ({ "status.successful": String(status.succeeded ?? 0) }),
  prepare: prepareJob,
  prepareStatus: keepSpec,
};
