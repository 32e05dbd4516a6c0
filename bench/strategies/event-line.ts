// Simulated time: what is to happen, in the order in which it is due. One thing is over, real waiting included, before the next
// begins, so that a run is the same each time.

import { Heap } from "../../scheduler/heap.ts";

type Happening = () => void | Promise<void>;

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly happen: Happening;
}

export class EventLine {
  readonly #due = new Heap<Due>((a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order));
  readonly #endMs: number;
  #nowMs = 0;
  #order = 0;

  constructor(endMs: number) {
    this.#endMs = endMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Until the end. */
  get leftMs(): number {
    return this.#endMs - this.#nowMs;
  }

  /** What is due at the same time happens in the order in which it was asked for. */
  in(delayMs: number, happen: Happening): void {
    this.#due.push({ atMs: this.#nowMs + Math.max(delayMs, 0), order: this.#order++, happen });
  }

  /** What is due later does not happen. */
  async run(): Promise<void> {
    for (let next = this.#due.peek(); next && next.atMs <= this.#endMs; next = this.#due.peek()) {
      this.#due.pop();
      this.#nowMs = next.atMs;
      await next.happen();
    }
    this.#nowMs = this.#endMs;
  }
}
