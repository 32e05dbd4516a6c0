// One simulated life of a cluster: chaos for a number of steps, then healing, then everything must be as desired. Whatever
// is wrong is told with the seed and the step; the same seed gives the same run.

import { silentLog, type Log } from "../../lib/log.ts";
import type { Dice } from "./dice.ts";
import { takeBroken, untilConverged, whileTimePasses } from "./recovery.ts";
import { SimulatedCluster } from "./simulated-cluster.ts";
import { Workload } from "./workload.ts";

export interface SimulationOptions {
  readonly seed: number;
  /** How many steps the chaos lasts. */
  readonly steps: number;
  readonly log?: Log;
  /** A line about each step. */
  trace?(line: string): void;
}

export interface SimulationResult {
  /** Equal for equal histories of the store. */
  readonly digest: string;
  /** The last revision of the store. */
  readonly revision: number;
  /** How much time passed in the cluster. */
  readonly simulatedMs: number;
  /** What was broken, with the step; empty when all is well. */
  readonly violations: readonly string[];
}

const ACTIONS_MAX = 3;
const STEP_MS_MAX = 4000;

export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { seed, log = silentLog } = options;
  const cluster = new SimulatedCluster({ seed, log });
  const run = new SimulationRun(cluster, options);
  try {
    const violations = await run.run();
    const simulatedMs = cluster.clock.monotonic();
    return { digest: cluster.history.digest(), revision: cluster.history.revision, simulatedMs, violations };
  } finally {
    await cluster.stop();
  }
}

class SimulationRun {
  readonly #cluster: SimulatedCluster;
  readonly #options: SimulationOptions;
  readonly #workload: Workload;
  readonly #dice: Dice;

  constructor(cluster: SimulatedCluster, options: SimulationOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#workload = new Workload(cluster);
    this.#dice = cluster.dice();
  }

  async run(): Promise<readonly string[]> {
    this.#cluster.start();
    await this.#cluster.clock.advance(5000);
    await whileTimePasses(this.#cluster, this.#workload.prepare());
    for (let step = 1; step <= this.#options.steps; step++) {
      await this.#step(step);
      const broken = takeBroken(this.#cluster);
      if (broken.length > 0) return broken.map((each) => `step ${step}: ${each}`);
    }
    return this.#heal();
  }

  async #step(step: number): Promise<void> {
    const { clock } = this.#cluster;
    const actions = this.#dice.between(0, ACTIONS_MAX);
    for (let action = 0; action < actions; action++) {
      const line = await whileTimePasses(this.#cluster, this.#workload.act());
      this.#options.trace?.(`step ${step}, ${(clock.monotonic() / 1000).toFixed(1)} s: ${line}`);
    }
    await clock.advance(this.#dice.between(0, STEP_MS_MAX));
  }

  async #heal(): Promise<readonly string[]> {
    const { clock } = this.#cluster;
    this.#options.trace?.(`healing, ${(clock.monotonic() / 1000).toFixed(1)} s`);
    await whileTimePasses(this.#cluster, this.#workload.heal());
    const violations = await untilConverged(this.#cluster);
    this.#options.trace?.(`converged or given up, ${(clock.monotonic() / 1000).toFixed(1)} s`);
    return violations;
  }
}
