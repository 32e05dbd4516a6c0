// Those who wait until a revision has been reached. Bounded by its callers: each waits for a request or for a time limit.

import type { Revision } from "./store.ts";

interface Waiter {
  readonly revision: Revision;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

export class RevisionWaiters {
  readonly #waiters = new Set<Waiter>();

  /** Resolves when `reached` is called with this revision or a later one; rejects when the signal is aborted first. */
  wait(revision: Revision, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const waiter: Waiter = { revision, resolve: end(resolve), reject: end(reject) };
      const abort = () => waiter.reject(signal?.reason as Error);
      const waiters = this.#waiters;
      function end<A extends unknown[]>(settle: (...outcome: A) => void) {
        return (...outcome: A) => {
          waiters.delete(waiter);
          signal?.removeEventListener("abort", abort);
          settle(...outcome);
        };
      }
      signal?.addEventListener("abort", abort, { once: true });
      waiters.add(waiter);
    });
  }

  reached(revision: Revision): void {
    for (const waiter of this.#waiters) if (waiter.revision <= revision) waiter.resolve();
  }

  /** Ends all waits: the revision will not be reached. */
  fail(reason: Error): void {
    for (const waiter of this.#waiters) waiter.reject(reason);
  }
}
