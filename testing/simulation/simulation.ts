// One simulated life of a cluster: chaos for a number of steps, then healing, then everything must be as desired. Whatever
// is wrong is told with the seed and the step; the same seed gives the same run.

import { silentLog, type Log } from "../../lib/log.ts";
import type { Dice } from "./dice.ts";
import { findDifferences, type ClusterState } from "./convergence.ts";
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
/** Longer than the longest back-off, the eviction of a silent node, and a rollout after both. */
const HEAL_MS_MAX = 20 * 60_000;
const LOOK_EVERY_MS = 10_000;
/** As it should be at two looks in a row: not only in passing. */
const CALM_LOOKS = 2;

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
    await this.#settled(this.#workload.prepare());
    for (let step = 1; step <= this.#options.steps; step++) {
      await this.#step(step);
      const broken = this.#takeBroken();
      if (broken.length > 0) return broken.map((each) => `step ${step}: ${each}`);
    }
    return this.#heal();
  }

  async #step(step: number): Promise<void> {
    const { clock } = this.#cluster;
    const actions = this.#dice.between(0, ACTIONS_MAX);
    for (let action = 0; action < actions; action++) {
      const line = await this.#settled(this.#workload.act());
      this.#options.trace?.(`step ${step}, ${(clock.monotonic() / 1000).toFixed(1)} s: ${line}`);
    }
    await clock.advance(this.#dice.between(0, STEP_MS_MAX));
  }

  async #heal(): Promise<readonly string[]> {
    const { clock } = this.#cluster;
    this.#options.trace?.(`healing, ${(clock.monotonic() / 1000).toFixed(1)} s`);
    await this.#settled(this.#workload.heal());
    const untilMs = clock.monotonic() + HEAL_MS_MAX;
    let differences: readonly string[] = [];
    for (let calm = 0; calm < CALM_LOOKS && clock.monotonic() < untilMs;) {
      await clock.advance(LOOK_EVERY_MS);
      const broken = this.#takeBroken();
      if (broken.length > 0) return broken.map((each) => `healing: ${each}`);
      differences = findDifferences(await this.#state());
      calm = differences.length === 0 ? calm + 1 : 0;
    }
    this.#options.trace?.(`converged or given up, ${(clock.monotonic() / 1000).toFixed(1)} s`);
    return differences.map((each) => `not converged: ${each}`);
  }

  #takeBroken(): readonly string[] {
    return [...this.#cluster.takeFailures(), ...this.#cluster.history.takeViolations()];
  }

  /** The result of an action, which may need time to pass. */
  async #settled<T>(action: Promise<T>): Promise<T> {
    let isSettled = false;
    const done = () => (isSettled = true);
    action.then(done, done);
    for (let round = 0; !isSettled && round < 1000; round++) await this.#cluster.clock.advance(round === 0 ? 0 : 100);
    if (!isSettled) throw new Error("an action of the workload got no answer");
    return action;
  }

  /** From the store and the runtimes themselves: nobody's cache is believed. */
  async #state(): Promise<ClusterState> {
    const { history, nodes } = this.#cluster;
    const running = new Map<string, Awaited<ReturnType<(typeof nodes)[number]["runtime"]["list"]>>>();
    for (const { name, runtime } of nodes) running.set(name, await runtime.list(new AbortController().signal));
    return {
      deployments: history.objects("/registry/deployments/"),
      replicaSets: history.objects("/registry/replicasets/"),
      pods: history.objects("/registry/pods/"),
      services: history.objects("/registry/services/specs/"),
      endpoints: history.objects("/registry/services/endpoints/"),
      endpointSlices: history.objects("/registry/endpointslices/"),
      nodes: history.objects("/registry/minions/"),
      running,
    };
  }
}
