// How long a failed daemon pod is left alone on its node before it is replaced: twice as long each time, from a second up to a
// quarter of an hour. What has kept quiet for twice the longest wait starts anew.

import { backoffDelayMs } from "../../lib/backoff.ts";
import type { Clock } from "../../lib/clock.ts";

const BACKOFF = { initialMs: 1000, maxMs: 15 * 60_000 };
/** Pairs of a DaemonSet and a node that are remembered; the one that has failed longest ago is forgotten. */
const ENTRIES_MAX = 10_000;

interface Entry {
  readonly failures: number;
  readonly sinceMs: number;
}

export class FailedPodBackoff {
  readonly #clock: Clock;
  /** The latest to fail last. */
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** 0: it may be replaced now. */
  waitMs(key: string): number {
    const entry = this.#entries.get(key);
    if (!entry) return 0;
    return Math.max(0, entry.sinceMs + backoffDelayMs(BACKOFF, entry.failures) - this.#clock.monotonic());
  }

  /** It is replaced now. */
  count(key: string): void {
    const nowMs = this.#clock.monotonic();
    const before = this.#entries.get(key);
    const isFresh = before !== undefined && nowMs - before.sinceMs <= 2 * BACKOFF.maxMs;
    this.#entries.delete(key);
    this.#entries.set(key, { failures: isFresh ? before.failures + 1 : 1, sinceMs: nowMs });
    for (const [oldest, { sinceMs }] of this.#entries) {
      if (this.#entries.size <= ENTRIES_MAX && nowMs - sinceMs <= 2 * BACKOFF.maxMs) break;
      this.#entries.delete(oldest);
    }
  }
}
