// Bounds how many calls run at a time; the others wait their turn, first come, first served. What waits is bounded by the
// callers: one call per pod or container.

import { untilAborted } from "./abort.ts";

export class Limiter {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(inFlightMax: number) {
    this.#free = inFlightMax;
  }

  /** Runs `work` when it is its turn; rejects without running it when aborted before. */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#turn(signal);
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    let called: () => void = () => undefined;
    const turn = new Promise<void>((resolve) => (called = resolve));
    this.#waiting.push(called);
    try {
      await untilAborted(signal, turn);
    } catch (error) {
      const position = this.#waiting.indexOf(called);
      // Its turn may have come in the same moment: then it passes the turn on.
      if (position < 0) this.#next();
      else this.#waiting.splice(position, 1);
      throw error;
    }
  }

  #next(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
