// What a single pod means to its job: whether it has failed, when it ended, which index it is about. Pure.

import type { Job } from "../../api/batch/job.ts";
import { podCondition } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";

/** Keeps a pod until its job has counted it. */
export const TRACKING_FINALIZER = "batch.kubernetes.io/job-tracking";
/** An annotation, and a label as well. */
export const COMPLETION_INDEX = "batch.kubernetes.io/job-completion-index";

export const isTracked = ({ metadata }: Pod): boolean => metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false;

export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === "Indexed";

/** A pod that is being deleted counts as failed at once, unless the job waits until it has really ended. */
export const waitsForEnd = ({ spec }: Job): boolean =>
  spec.podReplacementPolicy === "Failed" || spec.podFailurePolicy !== undefined;

export function hasFailed(pod: Pod, job: Job): boolean {
  const { phase } = pod.status;
  if (phase === "Failed") return true;
  return !waitsForEnd(job) && pod.metadata.deletionTimestamp !== undefined && phase !== "Succeeded";
}

/** The pod's index, if it has one that the job has. */
export function indexOf({ metadata }: Pod, { spec }: Job): number | undefined {
  const text = metadata.annotations?.[COMPLETION_INDEX] ?? "";
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const index = Number(text);
  return index < (spec.completions ?? 0) ? index : undefined;
}

/** Milliseconds since 1970; as exactly as the pod tells. */
export function finishedMs(pod: Pod): number {
  const { creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
  const ends = (pod.status.containerStatuses ?? []).map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? ""));
  if (ends.length > 0 && !ends.some(Number.isNaN)) return Math.max(...ends);
  const ready = podCondition(pod, "Ready");
  if (ready?.status === "False" && ready.lastTransitionTime) return Date.parse(ready.lastTransitionTime);
  if (deletionTimestamp) return Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  return Date.parse(creationTimestamp);
}
