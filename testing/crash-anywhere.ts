// Crashes controllers after each of their writes in turn: whatever is left half done, those that come after finish it. Each time
// it is a new cluster, and everything else in it goes on.

import { startControllerCluster, type ControllerCluster, type ControllerClusterOptions } from "./controller-cluster.ts";
import type { Component } from "./cluster.ts";
import { dyingAfter } from "./dying-transport.ts";

export interface CrashScenario {
  /** Those that crash. */
  readonly controllers: Component;
  /** What else runs, and never crashes. */
  readonly others?: readonly Component[];
  /** What the cluster begins with. */
  readonly cluster?: Omit<ControllerClusterOptions, "controllers">;
  /** Before any of the controllers runs. */
  prepare?(parts: ControllerCluster): Promise<void>;
  /** What they have to react to, and the time they need for it; they crash somewhere in it. */
  act(parts: ControllerCluster): Promise<void>;
  /** Expects the end, once those that do not crash have had their time; `label` says after how many writes the others died. */
  check(parts: ControllerCluster, label: string): Promise<void>;
}

/** Longer than any back-off that a few failures lead to. */
const HEALED_MS = 20_000;

/** Resolves with the number of writes that there were to crash after. */
export async function crashAnywhere(scenario: CrashScenario): Promise<number> {
  for (let writes = 0; ; writes++) {
    const parts = await startControllerCluster({ ...scenario.cluster, controllers: () => Promise.resolve() });
    const { cluster } = parts;
    for (const component of scenario.others ?? []) cluster.run(component);
    await scenario.prepare?.(parts);
    await cluster.settle();
    const faulty = dyingAfter(cluster.transport, writes);
    const crash = cluster.run((own, signal) => scenario.controllers({ ...own, transport: faulty.transport }, signal));
    await cluster.settle();
    await scenario.act(parts);
    const died = faulty.isDead();
    crash();
    await cluster.settle();
    cluster.run(scenario.controllers);
    await cluster.step(HEALED_MS);
    await scenario.check(parts, `after a crash at write ${writes}`);
    await cluster.stop();
    if (!died) return writes;
  }
}
