// What is known about a job from its status and its pods, each pod counted exactly once. Pure.
// A pod keeps its finalizer until the status tells of it, in uncountedTerminatedPods or (of indexes that succeeded) in
// completedIndexes; only then the finalizer goes, and only then the pod moves from there into the counters.

import type { Job } from "../../api/batch/job.ts";
import { isPodActive, isPodReady, isPodTerminal } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import { givesUpIndex, meaningOf } from "./failure-policy.ts";
import { IndexSet } from "./index-set.ts";
import { earlierEnd } from "./job-conditions.ts";
import { hasFailed, indexOf, isIndexed, isTracked } from "./pod-facts.ts";

export interface JobView {
  readonly job: Job;
  readonly pods: readonly Pod[];
  readonly active: readonly Pod[];
  /** Those that have ended and that the status does not tell of yet. */
  readonly newlySucceeded: readonly Pod[];
  readonly newlyFailed: readonly Pod[];
  readonly succeeded: number;
  readonly failed: number;
  /** Only of indexed jobs. */
  readonly indexes?: JobIndexes;
}

export interface JobIndexes {
  /** As the status has it. */
  readonly known: IndexSet;
  readonly succeeded: IndexSet;
  /** Given up; only with backoffLimitPerIndex. */
  readonly failed?: IndexSet;
}

export function viewJob(job: Job, pods: readonly Pod[]): JobView {
  const { status } = job;
  const known = {
    succeeded: new Set(status.uncountedTerminatedPods?.succeeded),
    failed: new Set(status.uncountedTerminatedPods?.failed),
  };
  const isCountable = (pod: Pod) => isTracked(pod) && (!isIndexed(job) || indexOf(pod, job) !== undefined);
  const fresh = pods.filter((pod) => isCountable(pod));
  const newlySucceeded = fresh.filter((pod) => hasSucceeded(pod) && !known.succeeded.has(pod.metadata.uid));
  const newlyFailed = fresh.filter((pod) => hasFailed(pod, job) && !known.failed.has(pod.metadata.uid));
  const counting = newlyFailed.filter((pod) => meaningOf(pod, job).action !== "Ignore");
  const indexes = isIndexed(job) ? viewIndexes(job, pods) : undefined;
  return {
    job,
    pods,
    active: pods.filter(isPodActive),
    newlySucceeded,
    newlyFailed,
    succeeded: indexes?.succeeded.size ?? (status.succeeded ?? 0) + newlySucceeded.length + known.succeeded.size,
    failed: (status.failed ?? 0) + counting.length + known.failed.size,
    indexes,
  };
}

export const hasSucceeded = (pod: Pod): boolean => pod.status.phase === "Succeeded";

export const isTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined && !isPodTerminal(pod);

/** The counts of a job's status that are of the moment. */
export function countPods(pods: readonly Pod[]): { readonly active: number; ready: number; terminating: number } {
  const active = pods.filter(isPodActive);
  return {
    active: active.length,
    ready: active.filter(isPodReady).length,
    terminating: pods.filter(isTerminating).length,
  };
}

function viewIndexes(job: Job, pods: readonly Pod[]): JobIndexes {
  const { completions = 0, backoffLimitPerIndex } = job.spec;
  const known = IndexSet.parse(job.status.completedIndexes, completions);
  const succeeded = known.union(
    indexesOf(
      job,
      pods.filter((pod) => hasSucceeded(pod) && isTracked(pod)),
    ),
  );
  if (backoffLimitPerIndex === undefined) return { known, succeeded };
  // A job that ends deletes its pods: that says nothing about their indexes.
  const judged = earlierEnd(job) ? [] : pods;
  const givenUp = judged.filter((pod) => givesUpIndex(pod, job) && !succeeded.has(indexOf(pod, job) ?? -1));
  const failed = IndexSet.parse(job.status.failedIndexes, completions).union(indexesOf(job, givenUp));
  return { known, succeeded, failed };
}

export const indexesOf = (job: Job, pods: readonly Pod[]): IndexSet =>
  IndexSet.of(pods.map((pod) => indexOf(pod, job)).filter((index) => index !== undefined));
