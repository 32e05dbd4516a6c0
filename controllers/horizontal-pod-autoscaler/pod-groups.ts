// Which pods' metrics count for an autoscaler: those that run and have become ready. Pure. The rules are those of Kubernetes'
// replica calculator.

import { podCondition } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";

/** One pod's metric, in thousandths of its unit. */
export interface Sample {
  readonly value: number;
  readonly atMs: number;
  readonly windowMs: number;
}

export interface PodGroups {
  /** Pods whose metric counts. */
  readonly readyCount: number;
  /** Names of pods that have begun, and whose metric says nothing yet. */
  readonly unready: readonly string[];
  /** Names of pods that run without a metric. */
  readonly missing: readonly string[];
  /** Names of pods that have ended or are about to. */
  readonly ignored: readonly string[];
}

export interface GroupingOptions {
  readonly samples: ReadonlyMap<string, Sample>;
  /** The resource that is measured; undefined for metrics of other kinds. */
  readonly resource?: string;
  readonly nowMs: number;
}

/** While a pod is so young, its use of processors is that of starting up. */
const CPU_INITIALIZATION_MS = 5 * 60_000;
/** A pod that was unready from so soon after its start on has never been ready. */
const INITIAL_READINESS_MS = 30_000;

export function groupPods(pods: readonly Pod[], options: GroupingOptions): PodGroups {
  const [unready, missing, ignored]: [string[], string[], string[]] = [[], [], []];
  let readyCount = 0;
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    const sample = options.samples.get(name);
    if (deletionTimestamp || pod.status.phase === "Failed") ignored.push(name);
    else if (pod.status.phase === "Pending") unready.push(name);
    else if (!sample) missing.push(name);
    else if (options.resource === "cpu" && isStarting(pod, sample, options.nowMs)) unready.push(name);
    else readyCount++;
  }
  return { readyCount, unready, missing, ignored };
}

function isStarting(pod: Pod, { atMs, windowMs }: Sample, nowMs: number): boolean {
  const ready = podCondition(pod, "Ready");
  const startedMs = Date.parse(pod.status.startTime ?? "");
  if (!ready || Number.isNaN(startedMs)) return true;
  const changedMs = Date.parse(ready.lastTransitionTime ?? "") || 0;
  const isUnready = ready.status === "False";
  // A sample whose window reaches back before the pod became ready tells of its start.
  if (nowMs < startedMs + CPU_INITIALIZATION_MS) return isUnready || atMs < changedMs + windowMs;
  return isUnready && startedMs + INITIAL_READINESS_MS > changedMs;
}
