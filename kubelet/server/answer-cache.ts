// Answers that are asked for often and cost a request each: kept for as long as each is good for. One that could not be had is
// asked for again.

import type { Clock } from "../../lib/clock.ts";

export interface Answer<V> {
  readonly value: V;
  readonly forMs: number;
}

/** Answers kept at most; the oldest goes first. */
const ANSWERS_MAX = 1024;

export class AnswerCache<V> {
  readonly #clock: Clock;
  readonly #answers = new Map<string, { readonly value: V; readonly untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async get(key: string, ask: () => Promise<Answer<V>>): Promise<V> {
    const known = this.#answers.get(key);
    if (known && this.#clock.monotonic() < known.untilMs) return known.value;
    this.#answers.delete(key);
    const { value, forMs } = await ask();
    this.#answers.set(key, { value, untilMs: this.#clock.monotonic() + forMs });
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > ANSWERS_MAX && oldest !== undefined) this.#answers.delete(oldest);
    return value;
  }
}
