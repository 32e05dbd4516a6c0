// Waiting for a condition in tests that run on real time.

/** Tries until `probe` gives something other than undefined or false, or throws what the last try threw. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = 150_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const result = await probe();
      if (result !== undefined && result !== false) return result;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const cause = last instanceof Error ? `: ${last.message}` : "";
  throw new Error(`gave up waiting after ${limitMs / 1000} s until ${what}${cause}`, { cause: last });
}
