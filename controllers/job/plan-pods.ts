// Which pods a job that goes on creates and deletes. Pure.

import type { Job } from "../../api/batch/job.ts";
import { isPodReady, podCondition } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import { waitAfterFailures, waitAfterIndexFailure, type FailureRecord } from "./back-off.ts";
import { failuresBefore } from "./failure-policy.ts";
import { IndexSet } from "./index-set.ts";
import { indexesOf, isTerminating, type JobView } from "./job-view.ts";
import { finishedMs, hasFailed, indexOf, isIndexed, isTracked, waitsForEnd } from "./pod-facts.ts";

/** At most this many pods are created or deleted in one reconcile. */
const BURST_MAX = 500;

export interface PodPlan {
  /** They have not failed: they go without being counted. */
  readonly remove: readonly Pod[];
  readonly create: readonly PodToCreate[];
  /** More will be created then. */
  readonly waitMs?: number;
}

export interface PodToCreate {
  /** Only of indexed jobs. */
  readonly index?: number;
  /** The last pod of the index, if it failed; only with backoffLimitPerIndex. */
  readonly instead?: Pod;
}

export function planPods(view: JobView, failures: FailureRecord, nowMs: number): PodPlan {
  const { job, active } = view;
  const wanted = job.spec.suspend ? 0 : wantedPods(view);
  const remove = choosePods(job, active, active.length - wanted).slice(0, job.spec.suspend ? Infinity : BURST_MAX);
  // Pods are either deleted or created: an index that had two pods must not get a third.
  if (remove.length > 0) return { remove, create: [] };
  const leaving = waitsForEnd(job) ? view.pods.filter(isTerminating).length : 0;
  const missing = Math.min(wanted - active.length - leaving, BURST_MAX);
  if (missing <= 0) return { remove: [], create: [] };
  if (job.spec.backoffLimitPerIndex !== undefined) return planByIndex(view, missing, nowMs);
  const waitMs = waitAfterFailures(failures, nowMs);
  if (waitMs > 0) return { remove: [], create: [], waitMs };
  return {
    remove: [],
    create: isIndexed(job) ? pendingIndexes(view, missing).map((index) => ({ index })) : many(missing),
  };
}

const many = (count: number): readonly PodToCreate[] => Array.from({ length: count }, () => ({}));

function wantedPods({ job, active, succeeded }: JobView): number {
  const { completions, parallelism = 1 } = job.spec;
  // Without a number of completions, one success is enough: those that run then may end, and no more are made.
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(Math.min(completions - succeeded, parallelism), 0);
}

/** `count` pods at least: those of an index that another pod has, or that the job does not have, go in any case. */
function choosePods(job: Job, active: readonly Pod[], count: number): readonly Pod[] {
  const sorted = [...active].sort(byLoss);
  if (!isIndexed(job)) return sorted.slice(0, Math.max(count, 0));
  const taken = new Set<number>();
  const surplus = new Set<Pod>();
  for (const pod of sorted.toReversed()) {
    const index = indexOf(pod, job);
    if (index === undefined || taken.has(index)) surplus.add(pod);
    else taken.add(index);
  }
  const rest = sorted.filter((pod) => !surplus.has(pod));
  return [...surplus, ...rest.slice(0, Math.max(count - surplus.size, 0))];
}

/** Those whose loss hurts least come first: Kubernetes' ActivePods. */
function byLoss(a: Pod, b: Pod): number {
  return (
    Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)) ||
    Number(a.status.phase === "Running") - Number(b.status.phase === "Running") ||
    Number(isPodReady(a)) - Number(isPodReady(b)) ||
    youngerFirst(readySince(a), readySince(b)) ||
    restartsOf(b) - restartsOf(a) ||
    youngerFirst(a.metadata.creationTimestamp, b.metadata.creationTimestamp)
  );
}

const readySince = (pod: Pod) => (isPodReady(pod) ? podCondition(pod, "Ready")?.lastTransitionTime : undefined);
const youngerFirst = (a = "", b = "") => (a === b ? 0 : a > b ? -1 : 1);
const restartsOf = ({ status }: Pod) =>
  Math.max(0, ...(status.containerStatuses ?? []).map(({ restartCount }) => restartCount));

function pendingIndexes({ job, pods, active, indexes }: JobView, count: number): readonly number[] {
  const leaving = waitsForEnd(job) ? pods.filter(isTerminating) : [];
  const used = indexesOf(job, [...active, ...leaving]);
  const done = (indexes?.succeeded ?? IndexSet.empty).union(indexes?.failed ?? IndexSet.empty);
  return done.union(used).firstMissing(count, job.spec.completions ?? 0);
}

/** Each index waits on its own. */
function planByIndex(view: JobView, count: number, nowMs: number): PodPlan {
  const last = lastFailures(view);
  const waits = pendingIndexes(view, count).map((index) => {
    const instead = last.get(index);
    return { index, instead, waitMs: waitAfterIndexFailure(instead, nowMs) };
  });
  const later = waits.filter(({ waitMs }) => waitMs > 0).map(({ waitMs }) => waitMs);
  const create = waits.filter(({ waitMs }) => waitMs === 0).map(({ index, instead }) => ({ index, instead }));
  return { remove: [], create, ...(later.length > 0 && { waitMs: Math.min(...later) }) };
}

/**
 * The failed pod, by its index, that the next pod of the index is to learn the count of failures from: until then it must
 * stay, and so keeps its finalizer. None for indexes that are done or have a pod.
 */
export function lastFailures({ job, pods, active, indexes }: JobView): ReadonlyMap<number, Pod> {
  const last = new Map<number, Pod>();
  if (job.spec.backoffLimitPerIndex === undefined) return last;
  const activeIndexes = indexesOf(job, active);
  for (const pod of pods.filter((each) => isTracked(each) && hasFailed(each, job))) {
    const index = indexOf(pod, job);
    if (index === undefined || activeIndexes.has(index)) continue;
    if (indexes?.succeeded.has(index) || indexes?.failed?.has(index)) continue;
    const other = last.get(index);
    if (!other || isLater(pod, other)) last.set(index, pod);
  }
  return last;
}

const isLater = (pod: Pod, other: Pod): boolean =>
  failuresBefore(pod) >= failuresBefore(other) && finishedMs(pod) >= finishedMs(other);
