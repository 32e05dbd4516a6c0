// What is measured of a strategy while it works through a trace. All times are simulated.

import type { JobKind } from "./trace.ts";

export interface StrategyFigures {
  /** The part of the cell's CPU that tasks asked for, over time. */
  readonly use: number;
  readonly waits: Readonly<Record<JobKind, Waits>>;
  /** Each scheduler's placements that met a conflict, of all. */
  readonly conflicts: Readonly<Record<string, number>>;
  /** The part of the time in which each scheduler was thinking. */
  readonly busy: Readonly<Record<string, number>>;
  /** Tasks that had to leave for others. */
  readonly preemptions: number;
}

/** From a job's arrival until all of its tasks have a node; of those that still wait in the end, until then. */
export interface Waits {
  readonly jobs: number;
  readonly unplaced: number;
  readonly medianSeconds: number;
  /** 99 of 100 waited no longer. */
  readonly longSeconds: number;
}

interface Tally {
  readonly doneMs: number[];
  readonly sinceMs: Map<string, number>;
}

export class Measures {
  readonly #tallies: Readonly<Record<JobKind, Tally>> = { batch: newTally(), service: newTally() };
  readonly #busyMs = new Map<string, number>();
  readonly #placements = new Map<string, { made: number; conflicted: number }>();
  #preemptions = 0;
  #usedMs = 0;
  #used = 0;
  #usedSinceMs = 0;

  arrived(kind: JobKind, name: string, nowMs: number): void {
    this.#tallies[kind].sinceMs.set(name, nowMs);
  }

  /** The last of its tasks has a node. Called again for a job of which some had to leave: it has waited once. */
  placed(kind: JobKind, name: string, nowMs: number): void {
    const { sinceMs, doneMs } = this.#tallies[kind];
    const since = sinceMs.get(name);
    if (since === undefined) return;
    sinceMs.delete(name);
    doneMs.push(nowMs - since);
  }

  thought(scheduler: string, ms: number): void {
    this.#busyMs.set(scheduler, (this.#busyMs.get(scheduler) ?? 0) + ms);
  }

  placement(scheduler: string, { metConflict }: { readonly metConflict: boolean }): void {
    const { made = 0, conflicted = 0 } = this.#placements.get(scheduler) ?? {};
    this.#placements.set(scheduler, { made: made + 1, conflicted: conflicted + Number(metConflict) });
  }

  preempted(): void {
    this.#preemptions++;
  }

  /** `used`: from now on. */
  uses(used: number, nowMs: number): void {
    this.#usedMs += this.#used * (nowMs - this.#usedSinceMs);
    this.#usedSinceMs = nowMs;
    this.#used = used;
  }

  figures(capacity: number, endMs: number): StrategyFigures {
    this.uses(this.#used, endMs);
    return {
      use: this.#usedMs / (capacity * endMs),
      waits: {
        batch: waitsOf(this.#tallies.batch, endMs),
        service: waitsOf(this.#tallies.service, endMs),
      },
      conflicts: Object.fromEntries(
        [...this.#placements].map(([name, { made, conflicted }]) => [name, conflicted / made]),
      ),
      busy: Object.fromEntries([...this.#busyMs].map(([name, ms]) => [name, ms / endMs])),
      preemptions: this.#preemptions,
    };
  }
}

const newTally = (): Tally => ({ doneMs: [], sinceMs: new Map() });

function waitsOf({ doneMs, sinceMs }: Tally, endMs: number): Waits {
  const all = [...doneMs, ...[...sinceMs.values()].map((since) => endMs - since)].sort((a, b) => a - b);
  const at = (part: number) => (all[Math.max(0, Math.ceil(part * all.length) - 1)] ?? 0) / 1000;
  return { jobs: all.length, unplaced: sinceMs.size, medianSeconds: at(0.5), longSeconds: at(0.99) };
}
