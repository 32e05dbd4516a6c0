// Whether a job ends, and why: by its policies, its limits, its deadline, or because enough has succeeded. Pure.

import type { Job, SuccessPolicyRule } from "../../api/batch/job.ts";
import type { Pod } from "../../api/core/pod.ts";
import { meaningOf } from "./failure-policy.ts";
import { IndexSet } from "./index-set.ts";
import { earlierEnd, type JobEnd } from "./job-conditions.ts";
import type { JobView } from "./job-view.ts";
import { hasFailed } from "./pod-facts.ts";

const failure = (reason: string, message: string): JobEnd => ({ type: "FailureTarget", reason, message });

/** Why the job ends before all its work is done, or regardless of that. The order of the reasons is Kubernetes'. */
export function planEarlyEnd(view: JobView, nowMs: number): JobEnd | undefined {
  const { job, pods, failed } = view;
  const decided = earlierEnd(job) ?? endByPodFailure(job, pods);
  if (decided) return decided;
  if (failed > (job.spec.backoffLimit ?? 6) || restartsTooOften(job, pods)) {
    return failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");
  }
  const deadlineMs = deadlineInMs(job, nowMs);
  if (deadlineMs !== undefined && deadlineMs <= 0) {
    return failure("DeadlineExceeded", "Job was active longer than specified deadline");
  }
  return endByFailedIndexes(view) ?? endBySuccessPolicy(view);
}

/** Of a job that has no active pods any more: whether all that was asked for has succeeded. */
export function planCompletion({ job, succeeded }: JobView): JobEnd | undefined {
  const { completions } = job.spec;
  const isDone = completions === undefined ? succeeded > 0 : succeeded >= completions;
  if (!isDone) return undefined;
  const message = "Reached expected number of succeeded pods";
  return { type: "SuccessCriteriaMet", reason: "CompletionsReached", message };
}

/** How long the job may go on; undefined where no deadline counts, negative once it is over. */
export function deadlineInMs({ spec, status }: Job, nowMs: number): number | undefined {
  const { activeDeadlineSeconds, suspend } = spec;
  if (activeDeadlineSeconds === undefined || suspend || !status.startTime) return undefined;
  return Date.parse(status.startTime) + Number(activeDeadlineSeconds) * 1000 - nowMs;
}

function endByPodFailure(job: Job, pods: readonly Pod[]): JobEnd | undefined {
  if (!job.spec.podFailurePolicy) return undefined;
  for (const pod of pods) {
    const message = hasFailed(pod, job) ? meaningOf(pod, job).message : undefined;
    if (message !== undefined) return failure("PodFailurePolicy", message);
  }
  return undefined;
}

/** Containers that are started again in their pods count as failures, too. */
function restartsTooOften({ spec }: Job, pods: readonly Pod[]): boolean {
  if (spec.template.spec.restartPolicy !== "OnFailure") return false;
  const counts = pods
    .filter(({ status }) => status.phase === "Running" || status.phase === "Pending")
    .flatMap(({ status }) => [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
    .map(({ restartCount }) => restartCount);
  const restarts = counts.reduce((total, count) => total + count, 0);
  return restarts >= Math.max(spec.backoffLimit ?? 6, 1);
}

function endByFailedIndexes({ job, indexes }: JobView): JobEnd | undefined {
  const { completions = 0, maxFailedIndexes } = job.spec;
  const failed = indexes?.failed?.size ?? 0;
  if (maxFailedIndexes !== undefined && failed > maxFailedIndexes) {
    return failure("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
  }
  if (failed === 0 || failed + (indexes?.succeeded.size ?? 0) < completions) return undefined;
  return failure("FailedIndexes", "Job has failed indexes");
}

function endBySuccessPolicy({ job, indexes }: JobView): JobEnd | undefined {
  if (!indexes || indexes.succeeded.size === 0) return undefined;
  const { rules = [] } = job.spec.successPolicy ?? {};
  const index = rules.findIndex((rule) => isMet(rule, job, indexes.succeeded));
  if (index < 0) return undefined;
  return { type: "SuccessCriteriaMet", reason: "SuccessPolicy", message: `Matched rules at index ${index}` };
}

function isMet({ succeededIndexes, succeededCount }: SuccessPolicyRule, { spec }: Job, succeeded: IndexSet): boolean {
  if (succeededIndexes === undefined) return succeededCount !== undefined && succeeded.size >= succeededCount;
  const required = IndexSet.parse(succeededIndexes, spec.completions ?? 0);
  return required.countShared(succeeded) >= (succeededCount ?? required.size);
}
