// Time as a dependency. Everything that waits or reads the time takes a Clock, so that tests and the simulator decide
// how time passes. Only main.ts files build the system clock.

export interface Clock {
  /** Milliseconds since 1970. May jump when the machine's clock is set: for timestamps only, never for durations. */
  now(): number;
  /** Milliseconds that never jump or go back: for leases, deadlines and back-off. */
  monotonic(): number;
  /** Calls `run` once, `delayMs` from now. The returned function cancels it; cancelling twice is harmless. */
  setTimer(delayMs: number, run: () => void): () => void;
}

/** The machine's clock and timers. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    setTimer(delayMs, run) {
      // Node fires timers above 2^31 ms at once, so that long waits are capped; callers re-check their condition.
      const timer = setTimeout(run, Math.min(Math.max(delayMs, 0), 2 ** 31 - 1));
      return () => clearTimeout(timer);
    },
  };
}

/** Resolves after `delayMs`; rejects with the signal's reason when it is aborted first. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const cancel = clock.setTimer(delayMs, () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    const abort = () => {
      cancel();
      reject(signal?.reason as Error);
    };
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/** Resolves after `delayMs`, or as soon as the signal is aborted: for loops that look at the signal themselves. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  // Sleeping fails for one reason only, the signal's.
  return sleep(clock, delayMs, signal).catch(() => undefined);
}

/** RFC 3339 with whole seconds, as metav1.Time is written. */
export const formatTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** RFC 3339 with six decimals, as metav1.MicroTime is written. */
export const formatMicroTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 23)}000Z`;
