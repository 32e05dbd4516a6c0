// How long a job waits before it makes a pod in place of one that failed: 10 s after the first failure, twice as long after
// each further one in a row, 10 minutes at most. Pure.

import type { Pod } from "../../api/core/pod.ts";
import { backoffDelayMs } from "../../lib/backoff.ts";
import { failuresBefore } from "./failure-policy.ts";
import { finishedMs } from "./pod-facts.ts";

const BACKOFF = { initialMs: 10_000, maxMs: 600_000 };

/** The failures since a pod of the job last succeeded. */
export interface FailureRecord {
  readonly failures: number;
  readonly lastFailureMs: number;
}

export const noFailures: FailureRecord = { failures: 0, lastFailureMs: 0 };

export interface FinishedPods {
  readonly succeeded: readonly Pod[];
  readonly failed: readonly Pod[];
}

/** The record when these pods have ended since. */
export function recordWith(record: FailureRecord, { succeeded, failed }: FinishedPods): FailureRecord {
  const lastSuccessMs = Math.max(...succeeded.map(finishedMs), -Infinity);
  const since = failed.map(finishedMs).filter((ms) => ms > lastSuccessMs);
  const base = succeeded.length > 0 ? noFailures : record;
  return { failures: base.failures + since.length, lastFailureMs: Math.max(base.lastFailureMs, ...since) };
}

/** 0: now. A failure in the future, by the clock of some node, is as one right now. */
export function waitAfterFailures({ failures, lastFailureMs }: FailureRecord, nowMs: number): number {
  if (failures === 0) return 0;
  const delayMs = backoffDelayMs(BACKOFF, failures);
  return Math.min(Math.max(lastFailureMs + delayMs - nowMs, 0), delayMs);
}

/** The same for a job that counts the failures of each index; `failed` is the last pod of the index. */
export const waitAfterIndexFailure = (failed: Pod | undefined, nowMs: number): number =>
  failed ? waitAfterFailures({ failures: failuresBefore(failed) + 1, lastFailureMs: finishedMs(failed) }, nowMs) : 0;
