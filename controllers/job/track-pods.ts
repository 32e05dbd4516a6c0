// Which pods that have ended are counted now, and which finalizers may go once the status tells of them. Pure.

import type { Job } from "../../api/batch/job.ts";
import type { Pod } from "../../api/core/pod.ts";
import { meaningOf } from "./failure-policy.ts";
import type { IndexSet } from "./index-set.ts";
import type { JobEnd } from "./job-conditions.ts";
import { hasSucceeded, indexesOf, type JobView } from "./job-view.ts";
import { lastFailures } from "./plan-pods.ts";
import { hasFailed, indexOf, isIndexed, isTracked } from "./pod-facts.ts";

/** Uids that a status may hold; the others have their turn in the next reconcile. */
const UNCOUNTED_MAX = 500;

export interface Tracking {
  /** The uids that uncountedTerminatedPods is to hold. */
  readonly succeeded: readonly string[];
  readonly failed: readonly string[];
  /** All that have succeeded, of an indexed job. */
  readonly indexes?: IndexSet;
  /** The finalizers of these may go. */
  readonly release: readonly Pod[];
  /** There were too many for one reconcile. */
  readonly hasMore: boolean;
}

export function planTracking(view: JobView, end: JobEnd | undefined): Tracking {
  const { job, indexes } = view;
  const { succeeded = [], failed = [] } = job.status.uncountedTerminatedPods ?? {};
  const known = new Set([...succeeded, ...failed]);
  const delayed = end || job.metadata.deletionTimestamp ? new Map<number, Pod>() : lastFailures(view);
  const release: Pod[] = [];
  const told = { succeeded: [] as Pod[], failed: [] as Pod[] };
  const room = UNCOUNTED_MAX - known.size;
  for (const pod of view.pods.filter((each) => mayGo(each, view, end) && !isDelayed(each, view, delayed))) {
    if (told.succeeded.length + told.failed.length >= room) break;
    release.push(pod);
    const outcome = known.has(pod.metadata.uid) ? undefined : outcomeOf(pod, view, end);
    if (outcome) told[outcome].push(pod);
  }
  return {
    succeeded: indexes ? succeeded : [...succeeded, ...told.succeeded.map(uidOf)],
    failed: [...failed, ...told.failed.map(uidOf)],
    release,
    hasMore: told.succeeded.length + told.failed.length >= room,
    ...(indexes && { indexes: indexes.known.union(indexesOf(job, told.succeeded)) }),
  };
}

const uidOf = ({ metadata }: Pod): string => metadata.uid;

const mayGo = (pod: Pod, { job }: JobView, end: JobEnd | undefined): boolean =>
  isTracked(pod) && (end !== undefined || isGoing(job) || hasSucceeded(pod) || hasFailed(pod, job));

const isGoing = ({ metadata }: Job): boolean => metadata.deletionTimestamp !== undefined;

const isDelayed = (pod: Pod, { job }: JobView, delayed: ReadonlyMap<number, Pod>): boolean =>
  delayed.get(indexOf(pod, job) ?? -1)?.metadata.uid === pod.metadata.uid;

function outcomeOf(pod: Pod, { job }: JobView, end: JobEnd | undefined): "succeeded" | "failed" | undefined {
  if (isIndexed(job) && indexOf(pod, job) === undefined) return undefined;
  if (hasSucceeded(pod)) return "succeeded";
  // Pods that a success made superfluous were deleted, and have not failed.
  if (end?.type === "SuccessCriteriaMet" && pod.status.phase !== "Failed") return undefined;
  // A job that fails takes its last pods with it, and they count as failed.
  if (!hasFailed(pod, job) && end?.type !== "FailureTarget") return undefined;
  return meaningOf(pod, job).action === "Ignore" ? undefined : "failed";
}
