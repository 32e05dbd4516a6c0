// Aborting as the runtimes promise it: a call rejects at once with the signal's reason, whatever it waits for.

import type { Clock } from "../../lib/clock.ts";
import { RuntimeError } from "./runtime-error.ts";

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
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

export interface Deadline {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
}

/** Passes on a signal that is also aborted after `deadlineMs`, with RuntimeError `Unavailable`: the other side hangs. */
export async function withDeadline<T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const cancel = deadline.clock.setTimer(deadline.deadlineMs, () =>
    late.abort(new RuntimeError("Unavailable", `no answer within ${deadline.deadlineMs / 1000} s`)),
  );
  const signal = AbortSignal.any([deadline.signal, late.signal]);
  try {
    return await untilAborted(signal, work(signal));
  } finally {
    cancel();
  }
}
