// One limit of time for many pieces of work. All have the same, so that the one that began first is due first, and a single
// timer serves them all: a timer for each request would cost more than some requests do.

import type { Clock } from "./clock.ts";

interface Waiting {
  readonly dueMs: number;
  expire(): void;
}

export class Deadlines {
  readonly #clock: Clock;
  readonly #limitMs: number;
  /** In the order in which they are due. */
  readonly #waiting = new Set<Waiting>();
  #disarm: (() => void) | undefined;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  /** What comes of `work`, or what `late` gives if that takes longer than the limit. */
  limit<T>(work: Promise<T>, late: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const entry = { dueMs: this.#clock.monotonic() + this.#limitMs, expire: () => resolve(late()) };
      this.#waiting.add(entry);
      if (!this.#disarm) this.#arm(this.#limitMs);
      work.then(
        (value) => {
          this.#waiting.delete(entry);
          resolve(value);
        },
        (error: unknown) => {
          this.#waiting.delete(entry);
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  #arm(delayMs: number): void {
    this.#disarm = this.#clock.setTimer(delayMs, () => this.#expire());
  }

  /** Forgets what still waits, which then takes as long as it takes: no timer keeps the process from ending. */
  close(): void {
    this.#waiting.clear();
    this.#disarm?.();
    this.#disarm = undefined;
  }

  #expire(): void {
    this.#disarm = undefined;
    const nowMs = this.#clock.monotonic();
    for (const entry of this.#waiting) {
      if (entry.dueMs > nowMs) return this.#arm(entry.dueMs - nowMs);
      this.#waiting.delete(entry);
      entry.expire();
    }
  }
}
