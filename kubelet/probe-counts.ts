// How often the probes of one container succeeded, failed or found out nothing, for those who draw it. Extra looks are not told.

import type { ProbeAttempt, ProbeKind } from "./container-probe.ts";
import type { ProbeResult } from "./probes/probe.ts";
import type { ProbeCount, ProbeOutcome } from "./stats/probe-metrics.ts";

const TYPES = { startup: "Startup", readiness: "Readiness", liveness: "Liveness" } as const;

export class ProbeCounts {
  readonly #container: string;
  readonly #counts = new Map<ProbeKind, Map<ProbeOutcome, number>>();

  constructor(container: string) {
    this.#container = container;
  }

  /** Looks, and counts what came of it. */
  async count(kind: ProbeKind, attempt: ProbeAttempt, look: () => Promise<ProbeResult>): Promise<ProbeResult> {
    if (attempt.isExtra) return look();
    try {
      const result = await look();
      this.#add(kind, result.ok ? "successful" : "failed");
      return result;
    } catch (error) {
      this.#add(kind, "unknown");
      throw error;
    }
  }

  list(podUid: string): readonly ProbeCount[] {
    return [...this.#counts].flatMap(([kind, counts]) =>
      [...counts].map(([result, count]) => ({ podUid, container: this.#container, type: TYPES[kind], result, count })),
    );
  }

  #add(kind: ProbeKind, result: ProbeOutcome): void {
    const counts = this.#counts.get(kind) ?? new Map<ProbeOutcome, number>();
    this.#counts.set(kind, counts.set(result, (counts.get(result) ?? 0) + 1));
  }
}
