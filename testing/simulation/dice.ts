// Choices of the simulator, from a seeded source of randomness.

import type { Random } from "../../lib/random.ts";

export class Dice {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** True in this share of all cases, 0 to 1. */
  chance(share: number): boolean {
    return this.#random.float() < share;
  }

  /** A whole number, both ends included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.#random.float() * (max - min + 1));
  }

  /** One of them; undefined when there are none. */
  pick<T>(among: readonly T[]): T | undefined {
    return among[Math.floor(this.#random.float() * among.length)];
  }

  /** One of the values, each as likely as its weight says. */
  weighted<T>(choices: readonly { readonly weight: number; readonly value: T }[]): T {
    let left = this.#random.float() * choices.reduce((sum, { weight }) => sum + weight, 0);
    for (const { weight, value } of choices) {
      left -= weight;
      if (left < 0) return value;
    }
    const last = choices.at(-1);
    if (!last) throw new RangeError("there is nothing to choose from");
    return last.value;
  }
}
