// Keeps pods from being moved to and fro: an owner whose pods have been moved is left alone for a while, and for longer each time
// that moving did not make things better.

export interface MoveBackoff {
  readonly initialMs: number;
  readonly maxMs: number;
}

interface Entry {
  readonly untilMs: number;
  readonly delayMs: number;
  /** How many of the owner's pods were out of place when some of them were moved. */
  readonly misplaced: number;
}

const OWNERS_MAX = 1_000;

/** Bound: 1,000 owners; those moved longest ago are forgotten first. */
export class MoveMemory {
  readonly #backoff: MoveBackoff;
  readonly #owners = new Map<string, Entry>();

  constructor(backoff: MoveBackoff) {
    this.#backoff = backoff;
  }

  mayMove(owner: string, nowMs: number): boolean {
    return (this.#owners.get(owner)?.untilMs ?? 0) <= nowMs;
  }

  /** `misplaced`: how many of its pods are out of place, those included that are moved now. */
  moved(owner: string, misplaced: number, nowMs: number): void {
    const { initialMs, maxMs } = this.#backoff;
    const before = this.#owners.get(owner);
    // A new matter, long after the last one, is not the old one come back.
    const isNew = !before || nowMs - before.untilMs > maxMs;
    const isBetter = isNew || misplaced < before.misplaced;
    const delayMs = isBetter ? initialMs : Math.min(maxMs, before.delayMs * 2);
    this.#owners.delete(owner);
    this.#owners.set(owner, { untilMs: nowMs + delayMs, delayMs, misplaced });
    const [oldest] = this.#owners.keys();
    if (this.#owners.size > OWNERS_MAX && oldest !== undefined) this.#owners.delete(oldest);
  }

  /** When the next of the owners may be moved again; undefined: all may be now. */
  nextMs(owners: Iterable<string>, nowMs: number): number | undefined {
    let next: number | undefined;
    for (const owner of owners) {
      const untilMs = this.#owners.get(owner)?.untilMs ?? 0;
      if (untilMs > nowMs && (next === undefined || untilMs < next)) next = untilMs;
    }
    return next;
  }
}
