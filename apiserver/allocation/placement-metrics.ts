// How each scheduler fares: what became of the bindings that it wanted, and which part of them met a conflict.
// Bound: 100 schedulers; what others do is counted together.

import { StatusError } from "../../api/meta/status.ts";
import type { Metrics } from "../../lib/metrics.ts";

/** Abandoned: it would have been possible, but another binding of the same all-or-nothing placement was not. */
export type BindingOutcome = "bound" | "conflict" | "failed" | "abandoned";

interface Tally {
  attempted: number;
  conflicts: number;
}

const SCHEDULERS_MAX = 100;
const OTHERS = "(others)";

export class PlacementMetrics {
  readonly #total: ReturnType<Metrics["counter"]>;
  readonly #fraction: ReturnType<Metrics["gauge"]>;
  readonly #tallies = new Map<string, Tally>();

  constructor(metrics: Metrics) {
    this.#total = metrics.counter({
      name: "kctl_placement_bindings_total",
      help: "Bindings that schedulers have asked for, by outcome.",
      labels: ["scheduler", "outcome"],
    });
    this.#fraction = metrics.gauge({
      name: "kctl_placement_conflict_fraction",
      help: "The part of a scheduler's bindings that met a conflict, since the server started.",
      labels: ["scheduler"],
    });
  }

  count(scheduler: string, outcome: BindingOutcome): void {
    const name = this.#tallies.has(scheduler) || this.#tallies.size < SCHEDULERS_MAX ? scheduler : OTHERS;
    const tally = this.#tallies.get(name) ?? { attempted: 0, conflicts: 0 };
    this.#tallies.set(name, tally);
    tally.attempted++;
    if (outcome === "conflict") tally.conflicts++;
    this.#total.add({ scheduler: name, outcome });
    this.#fraction.set(tally.conflicts / tally.attempted, { scheduler: name });
  }
}

/** Somebody else was first; everything else that fails is the scheduler's mistake, or the pod is gone. */
export const outcomeOf = (failure: unknown): BindingOutcome =>
  failure === undefined
    ? "bound"
    : failure instanceof StatusError && failure.reason === "Conflict"
      ? "conflict"
      : "failed";
