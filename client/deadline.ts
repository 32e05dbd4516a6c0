// Ends a call after a while, or when its caller is stopped, and leaves no listener behind on the caller's signal.

import type { Clock } from "../lib/clock.ts";

export interface Deadline {
  readonly clock: Clock;
  readonly delayMs: number;
  /** Ends the call too. */
  readonly signal?: AbortSignal;
}

/** Calls `run` with a signal that is aborted after `delayMs` or with the given signal, whichever comes first. */
export async function withDeadline<R>(deadline: Deadline, run: (signal: AbortSignal) => Promise<R>): Promise<R> {
  const { clock, delayMs, signal } = deadline;
  const ended = new AbortController();
  const abort = () => ended.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  const cancel = clock.setTimer(delayMs, () => ended.abort(new Error(`the call took longer than ${delayMs} ms`)));
  try {
    return await run(ended.signal);
  } finally {
    cancel();
    signal?.removeEventListener("abort", abort);
  }
}
