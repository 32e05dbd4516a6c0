// Whether the server knows enough to answer. Until then an empty cache would be taken for an empty cluster: informers would be
// told that nothing exists, and everybody would lack every right.

import { RevisionWaiters } from "./storage/revision-waiters.ts";

const READY = 1;

export class Readiness {
  readonly #waiters = new RevisionWaiters();
  #isReady = false;

  get isReady(): boolean {
    return this.#isReady;
  }

  complete(): void {
    this.#isReady = true;
    this.#waiters.reached(READY);
  }

  /** Resolves when the server is ready; rejects with the signal's reason when the caller is gone before. */
  async wait(caller: { readonly signal: AbortSignal }): Promise<void> {
    // Asked for only where there is something to wait for: signals of requests are made when they are read.
    if (!this.#isReady) await this.#waiters.wait(READY, caller.signal);
  }
}
