// Aborting as the runtimes promise it: a call rejects at once with the signal's reason, whatever it waits for. Listeners are
// taken off again when a call ends, because signals live as long as the kubelet.

import { setMaxListeners } from "node:events";
import type { Clock } from "../../lib/clock.ts";
import { RuntimeError } from "./runtime-error.ts";

/** Calls for many pods share one signal; Node would take so many listeners for a leak, and warn. */
export function allowManyListeners(signal: AbortSignal): void {
  setMaxListeners(0, signal);
}

/** Calls `run` when the signal is aborted, at once if it is already. The returned function takes it back. */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  allowManyListeners(signal);
  signal.addEventListener("abort", run, { once: true });
  if (signal.aborted) run();
  return () => signal.removeEventListener("abort", run);
}

/** The result of `compute` as a promise, which is rejected when the signal is aborted already. */
export function unlessAborted<T>(signal: AbortSignal, compute: () => T): Promise<T> {
  return new Promise((resolve) => {
    signal.throwIfAborted();
    resolve(compute());
  });
}

/** Settles as `work` does, or rejects when the signal is aborted first. The work itself is not ended by it. */
export function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const release = onAbort(signal, () => reject(signal.reason as Error));
    void work.then(resolve, reject).finally(release);
  });
}

export interface Deadline {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
}

/** Passes on a signal that is also aborted after `deadlineMs`, with RuntimeError `Unavailable`: the other side hangs. */
export async function withDeadline<T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, signal, deadlineMs } = deadline;
  signal.throwIfAborted();
  const ended = new AbortController();
  const cancel = clock.setTimer(deadlineMs, () =>
    ended.abort(new RuntimeError("Unavailable", `no answer within ${deadlineMs / 1000} s`)),
  );
  const release = onAbort(signal, () => ended.abort(signal.reason));
  try {
    return await untilAborted(ended.signal, work(ended.signal));
  } finally {
    release();
    cancel();
  }
}
