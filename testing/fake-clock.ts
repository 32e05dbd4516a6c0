// A clock that a test moves by hand. Timers run in the order they are due, and between two of them everything that was
// waiting for a promise gets its turn, so that a run is the same each time. It never looks at the real time.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../lib/clock.ts";

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

/** One turn of the event loop empties the microtask queue; a few let code through that yields by itself. */
const TURNS = 3;

export class FakeClock implements Clock {
  readonly #startMs: number;
  #elapsedMs = 0;
  #wallOffsetMs = 0;
  /** Sorted by due time; timers due at the same time keep the order in which they were set. */
  readonly #timers: Timer[] = [];

  /** `startMs`: milliseconds since 1970; 2026-01-01T00:00:00Z unless given. */
  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#startMs = startMs;
  }

  now(): number {
    return Math.floor(this.#startMs + this.#elapsedMs + this.#wallOffsetMs);
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  setTimer(delayMs: number, run: () => void): () => void {
    const timer = { dueMs: this.#elapsedMs + Math.max(delayMs, 0), run };
    this.#timers.splice(this.#positionAfter(timer.dueMs), 0, timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  }

  /** How long until the next timer runs; undefined when none is set. */
  nextTimerMs(): number | undefined {
    const next = this.#timers[0];
    return next && next.dueMs - this.#elapsedMs;
  }

  /**
   * Moves the time on by `ms`, running every timer that becomes due, those set on the way included. `advance(0)` runs what
   * is due now. Resolves when the promise chains that started are waiting for time again (or for real input and output).
   */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    await settle();
    for (let next = this.#timers[0]; next && next.dueMs <= untilMs; next = this.#timers[0]) {
      this.#timers.shift();
      this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs);
      next.run();
      await settle();
    }
    this.#elapsedMs = untilMs;
  }

  /** Sets the wall clock forward or back, as an operator or NTP does; monotonic time and timers do not notice. */
  jumpWallClock(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  #positionAfter(dueMs: number): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#timers[middle]?.dueMs ?? Infinity) <= dueMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await nextTurn();
}
