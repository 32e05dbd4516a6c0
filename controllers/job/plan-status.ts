// The status of a job in the steps in which it is written: with what is being counted, with what has been counted, and with
// the end. Pure.

import type { Job, JobCondition, JobStatus } from "../../api/batch/job.ts";
import type { Pod } from "../../api/core/pod.ts";
import { isConditionTrue } from "../../api/meta/condition-list.ts";
import { formatTime } from "../../lib/clock.ts";
import { finalCondition, withJobCondition, type JobEnd } from "./job-conditions.ts";
import { countPods, type JobView } from "./job-view.ts";
import type { Tracking } from "./track-pods.ts";

/** The job with the time at which it starts, or goes on, if that is now: the time in which it was suspended does not count. */
export function startJob(job: Job, nowMs: number): Job {
  const { startTime, conditions } = job.status;
  if (job.spec.suspend || (startTime && !isConditionTrue(conditions, "Suspended"))) return job;
  return { ...job, status: { ...job.status, startTime: formatTime(nowMs) } };
}

export interface StatusFacts {
  readonly end?: JobEnd;
  readonly tracking: Tracking;
  /** The job's pods after all that has just been done to them. */
  readonly pods: readonly Pod[];
  /** Whether the job goes on, so that it is either suspended or not. */
  readonly goesOn: boolean;
  readonly nowMs: number;
}

/** To be written before any finalizer goes. */
export function planStatus(view: JobView, facts: StatusFacts): JobStatus {
  const { job, indexes } = view;
  const { tracking } = facts;
  const { active, ready, terminating } = countPods(facts.pods);
  const { startTime, completionTime, succeeded = 0, failed = 0 } = job.status;
  const conditions = planConditions(job, facts);
  return {
    ...(conditions.length > 0 && { conditions }),
    ...(startTime && { startTime }),
    ...(completionTime && { completionTime }),
    ...positive("active", active),
    ...positive("succeeded", tracking.indexes?.size ?? succeeded),
    ...positive("failed", failed),
    ...(tracking.indexes?.size && { completedIndexes: tracking.indexes.toString() }),
    ...(indexes?.failed && { failedIndexes: indexes.failed.toString() }),
    uncountedTerminatedPods: uncounted(tracking.succeeded, tracking.failed),
    ready,
    terminating,
  };
}

function planConditions(job: Job, { end, goesOn, nowMs }: StatusFacts): readonly JobCondition[] {
  const conditions = goesOn ? withSuspension(job, nowMs) : (job.status.conditions ?? []);
  return end ? withJobCondition(conditions, { ...end, status: "True" }, nowMs) : conditions;
}

/** Go leaves zero counts out. */
const positive = (name: "active" | "succeeded" | "failed", value: number) => (value > 0 ? { [name]: value } : {});

const uncounted = (succeeded: readonly string[], failed: readonly string[]) => ({
  ...(succeeded.length > 0 && { succeeded }),
  ...(failed.length > 0 && { failed }),
});

function withSuspension({ spec, status }: Job, nowMs: number): readonly JobCondition[] {
  const next = spec.suspend
    ? { type: "Suspended", status: "True" as const, reason: "JobSuspended", message: "Job suspended" }
    : { type: "Suspended", status: "False" as const, reason: "JobResumed", message: "Job resumed" };
  return withJobCondition(status.conditions, next, nowMs);
}

/** Those whose finalizers are gone move into the counters. `tracked`: the uids of the pods that still have theirs. */
export function settleCounts(status: JobStatus, tracked: ReadonlySet<string>): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const isLeft = (uid: string) => tracked.has(uid);
  const left = uncounted(succeeded.filter(isLeft), failed.filter(isLeft));
  const settled = (all: readonly string[]) => all.filter((uid) => !isLeft(uid)).length;
  return {
    ...status,
    ...positive("succeeded", (status.succeeded ?? 0) + settled(succeeded)),
    ...positive("failed", (status.failed ?? 0) + settled(failed)),
    uncountedTerminatedPods: left,
  };
}

/** The status with the end, as soon as each pod has been counted and none is left. */
export function finishStatus(status: JobStatus, end: JobEnd, nowMs: number): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  if (succeeded.length + failed.length + (status.terminating ?? 0) + (status.active ?? 0) > 0) return status;
  const { startTime = formatTime(nowMs) } = status;
  const conditions = withJobCondition(status.conditions, finalCondition(end), nowMs);
  // A clock that was set back must not let a job end before its start: the server would never take that.
  const completionTime = formatTime(Math.max(nowMs, Date.parse(startTime)));
  return { ...status, startTime, conditions, ...(end.type === "SuccessCriteriaMet" && { completionTime }) };
}
