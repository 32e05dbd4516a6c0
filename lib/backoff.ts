// Exponential back-off (each wait is twice the last) as pure arithmetic; who waits, and on which clock, is the caller's affair.

export interface Backoff {
  readonly initialMs: number;
  readonly maxMs: number;
  /** The share of the delay that is random, 0 to 1, so that many clients do not return at once. */
  readonly jitter?: number;
}

/** The wait after `failures` failures in a row (1 is the first). `random` is uniform in [0, 1). */
export function backoffDelayMs(backoff: Backoff, failures: number, random = 0): number {
  const { initialMs, maxMs, jitter = 0 } = backoff;
  const delayMs = Math.min(maxMs, initialMs * 2 ** Math.min(failures - 1, 60));
  return delayMs * (1 - jitter * random);
}
