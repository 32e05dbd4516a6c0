// Does the same thing many times, a few at first: when the first create is refused (a quota, say), the other 499 are not tried.

export interface SlowStartResult {
  readonly succeeded: number;
  /** The errors of the batch that ended the run. */
  readonly errors: readonly unknown[];
}

/** Batches of 1, 2, 4 … calls at once; stops after the first batch in which a call fails (client-go's slowStartBatch). */
export async function slowStart(count: number, act: () => Promise<void>): Promise<SlowStartResult> {
  let succeeded = 0;
  for (let batch = 1; succeeded < count; batch *= 2) {
    const calls = Array.from({ length: Math.min(batch, count - succeeded) }, () => act());
    const results = await Promise.allSettled(calls);
    const errors = results.filter((each) => each.status === "rejected").map((each): unknown => each.reason);
    succeeded += calls.length - errors.length;
    if (errors.length > 0) return { succeeded, errors };
  }
  return { succeeded, errors: [] };
}
