// A set of completion indexes, kept as intervals, because a job may have a great many: `0-999,1001`. Immutable.

import type { Interval } from "../../api/batch/index-list.ts";

export class IndexSet {
  static readonly empty = new IndexSet([]);
  /** Ascending, neither overlapping nor touching. */
  readonly #intervals: readonly Interval[];

  private constructor(intervals: readonly Interval[]) {
    this.#intervals = intervals;
  }

  static of(indexes: Iterable<number>): IndexSet {
    return IndexSet.#join([...indexes].map((index) => [index, index]));
  }

  /** Passes over what is no index below `completions`: after a job was made smaller, the status still tells of more. */
  static parse(text: string | undefined, completions: number): IndexSet {
    const intervals: Interval[] = [];
    for (const part of text ? text.split(",") : []) {
      const found = /^(\d+)(?:-(\d+))?$/.exec(part);
      if (!found) continue;
      const first = Number(found[1]);
      const last = Math.min(Number(found[2] ?? found[1]), completions - 1);
      if (first <= last) intervals.push([first, last]);
    }
    return IndexSet.#join(intervals);
  }

  static #join(intervals: readonly Interval[]): IndexSet {
    const joined: Interval[] = [];
    for (const [first, last] of [...intervals].sort((a, b) => a[0] - b[0])) {
      const previous = joined.at(-1);
      if (previous && first <= previous[1] + 1) joined[joined.length - 1] = [previous[0], Math.max(previous[1], last)];
      else joined.push([first, last]);
    }
    return new IndexSet(joined);
  }

  get size(): number {
    return this.#intervals.reduce((total, [first, last]) => total + last - first + 1, 0);
  }

  has(index: number): boolean {
    return this.#intervals.some(([first, last]) => first <= index && index <= last);
  }

  union(other: IndexSet): IndexSet {
    return IndexSet.#join([...this.#intervals, ...other.#intervals]);
  }

  countShared(other: IndexSet): number {
    const shared = this.#intervals.flatMap(([first, last]) =>
      other.#intervals.map(([from, to]) => Math.min(last, to) - Math.max(first, from) + 1),
    );
    return shared.reduce((total, count) => total + Math.max(count, 0), 0);
  }

  /** The lowest indexes below `limit` that are not in the set, `count` at most. */
  firstMissing(count: number, limit: number): readonly number[] {
    const found: number[] = [];
    let next = 0;
    for (const [first, last] of [...this.#intervals, [limit, limit] as const]) {
      for (; next < Math.min(first, limit) && found.length < count; next++) found.push(next);
      next = Math.max(next, last + 1);
    }
    return found;
  }

  /** As statuses have it: two neighbours are written with a comma, three and more with a hyphen. */
  toString(): string {
    return this.#intervals
      .map(([first, last]) => (first === last ? `${first}` : `${first}${last === first + 1 ? "," : "-"}${last}`))
      .join(",");
  }
}
