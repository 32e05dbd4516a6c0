// Aborting as the runtimes promise it: a call rejects at once with the signal's reason, whatever it waits for.

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
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
