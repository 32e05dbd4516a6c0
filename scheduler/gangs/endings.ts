// When pods will have ended, as far as it can be known: what a gang that has no room may wait for, and which pods may use the room
// until then.

import type { PodInfo } from "../pod-info.ts";

const GRACE_SECONDS = 30;

const graceMs = ({ pod }: PodInfo) => (pod.spec.terminationGracePeriodSeconds ?? GRACE_SECONDS) * 1000;

/**
 * When the pod has left its node at the latest, in milliseconds since 1970. Infinity: some day, as all pods that are not started
 * again. Undefined: it runs for ever, as services do, and what each node has of its own.
 */
export function endOf(pod: PodInfo, nowMs: number): number | undefined {
  const { metadata, spec } = pod.pod;
  if (metadata.deletionTimestamp) return Date.parse(metadata.deletionTimestamp);
  if (metadata.ownerReferences?.some(({ kind, controller }) => controller && kind === "DaemonSet")) return undefined;
  if (spec.activeDeadlineSeconds !== undefined) {
    const startedMs = Number.isFinite(pod.startedMs) ? pod.startedMs : nowMs;
    return startedMs + spec.activeDeadlineSeconds * 1000 + graceMs(pod);
  }
  return (spec.restartPolicy ?? "Always") === "Always" ? undefined : Infinity;
}

/** When the pod would have ended if it started now. */
export function endIfStarted(pod: PodInfo, nowMs: number): number {
  const { activeDeadlineSeconds } = pod.pod.spec;
  return activeDeadlineSeconds === undefined ? Infinity : nowMs + activeDeadlineSeconds * 1000 + graceMs(pod);
}
