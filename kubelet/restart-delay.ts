// How long a container that ended has to wait before it is started again: at once the first time, then 10 s, doubled
// to 300 s, forgotten after ten minutes of running, as the kubelet of Kubernetes does. Each attempt carries its delay
// as a label of its container, so that a restarted kubelet goes on where the last one was. Pure.

import type { RuntimeContainer } from "./runtimes/runtime.ts";

const INITIAL_MS = 10_000;
const MAX_MS = 300_000;
const FORGIVEN_AFTER_MS = 2 * MAX_MS;
const LABEL = "kubelet.restart-delay-ms";

export const restartDelayLabels = (delayMs: number): Readonly<Record<string, string>> => ({ [LABEL]: String(delayMs) });

/** The wait between the end of this attempt and the start of the next. */
export function restartDelayMs(ended: RuntimeContainer): number {
  const ranMs = (ended.finishedAtMs ?? 0) - (ended.startedAtMs ?? ended.createdAtMs);
  return ranMs > FORGIVEN_AFTER_MS ? 0 : Number(ended.labels[LABEL] ?? 0);
}

/** What is left of that wait at `nowMs`. A wall clock that was set back does not make it longer. */
export function remainingDelayMs(ended: RuntimeContainer, nowMs: number): number {
  const sinceMs = nowMs - (ended.finishedAtMs ?? 0);
  return sinceMs < 0 ? 0 : Math.max(0, restartDelayMs(ended) - sinceMs);
}

/** The delay that the attempt after this one is to carry. */
export function nextRestartDelayMs(ended: RuntimeContainer | undefined): number {
  if (!ended) return 0;
  return Math.min(MAX_MS, Math.max(INITIAL_MS, 2 * restartDelayMs(ended)));
}
