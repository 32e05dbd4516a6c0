// The rows of the nodes where a pod may go, and the points that each has so far. Everything is kept in packed numbers that are
// used again, so that a decision makes no garbage.

import type { Column } from "./column.ts";
import { SCORE_MAX } from "./framework.ts";

/** The `nth` of the rows that `row` stands for. */
export interface Choice {
  readonly row: number;
  readonly nth: number;
}

export class RowTotals {
  #rows = new Int32Array(0);
  #totals = new Float64Array(0);
  #scores = new Float64Array(0);
  /** How many rows each row stands for. */
  #members = new Int32Array(0);
  /** How many of those are as good as it. */
  #equals = new Int32Array(0);
  /** The rows of `#rows` that are in use. */
  #chosen = this.#rows;
  #length = 0;

  /** No row any more, and room for this many. */
  clear(rowsMax: number): void {
    this.#length = 0;
    if (this.#rows.length >= rowsMax) return;
    this.#rows = new Int32Array(rowsMax);
    this.#totals = new Float64Array(rowsMax);
    this.#scores = new Float64Array(rowsMax);
    this.#members = new Int32Array(rowsMax);
    this.#equals = new Int32Array(rowsMax);
  }

  /** `members`: how many rows it stands for, none of which is better; `equals`: how many of those are as good. */
  addRow(row: number, equals = 1, members = 1): void {
    this.#totals[this.#length] = 0;
    this.#equals[this.#length] = equals;
    this.#members[this.#length] = members;
    this.#rows[this.#length++] = row;
  }

  /** The amounts as they are. */
  addSums(sums: Column): void {
    for (let index = 0; index < this.#length; index++) this.#add(index, sums.get(this.#rows[index] ?? 0));
  }

  /** Brought to 0…100 first: the highest amount becomes 100 where most is best, and 0 where least is. */
  addScaled(raw: Column, weight: number, best: "most" | "least"): void {
    let highest = 0;
    for (let index = 0; index < this.#length; index++) highest = Math.max(highest, raw.get(this.#rows[index] ?? 0));
    const scale = highest || 1;
    for (let index = 0; index < this.#length; index++) {
      const score = Math.floor((raw.get(this.#rows[index] ?? 0) * SCORE_MAX) / scale);
      this.#add(index, weight * (best === "most" ? score : SCORE_MAX - score));
    }
  }

  /** `score` writes a number for each of the rows. */
  addScores(score: (rows: Int32Array, scores: Float64Array, counts: Int32Array) => void, weight: number): void {
    if (this.#chosen.buffer !== this.#rows.buffer || this.#chosen.length !== this.#length)
      this.#chosen = this.#rows.subarray(0, this.#length);
    score(this.#chosen, this.#scores, this.#members);
    for (let index = 0; index < this.#length; index++) this.#add(index, weight * (this.#scores[index] ?? 0));
  }

  /** The rows and their points. */
  all(): readonly (readonly [row: number, points: number])[] {
    return Array.from(
      { length: this.#length },
      (_, index) => [this.#rows[index] ?? 0, this.#totals[index] ?? 0] as const,
    );
  }

  /** The row with the most points; `random` in [0, 1) picks one among equals, and among those that are as good. */
  best(random: () => number): Choice | undefined {
    let highest = -Infinity;
    let equals = 0;
    for (let index = 0; index < this.#length; index++) {
      const total = this.#totals[index] ?? 0;
      if (total < highest) continue;
      if (total > highest) equals = 0;
      highest = total;
      equals += this.#equals[index] ?? 1;
    }
    let rest = equals > 1 ? Math.floor(random() * equals) : 0;
    for (let index = 0; index < this.#length; index++) {
      if (this.#totals[index] !== highest) continue;
      const count = this.#equals[index] ?? 1;
      if (rest < count) return { row: this.#rows[index] ?? 0, nth: rest };
      rest -= count;
    }
    return undefined;
  }

  #add(index: number, amount: number): void {
    this.#totals[index] = (this.#totals[index] ?? 0) + amount;
  }
}
