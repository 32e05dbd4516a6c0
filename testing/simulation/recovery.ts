// The end of every simulation: faults are over, time passes, and everything must come to be as desired.

import { findDifferences, type ClusterState } from "./convergence.ts";
import type { SimulatedCluster } from "./simulated-cluster.ts";

/** Longer than the longest back-off, the eviction of a silent node, and a rollout after both. */
const HEAL_MS_MAX = 20 * 60_000;
const LOOK_EVERY_MS = 10_000;
/** As it should be at two looks in a row: not only in passing. */
const CALM_LOOKS = 2;

/** What was broken meanwhile or is still wrong after a long time; empty once all is as desired. */
export async function untilConverged(cluster: SimulatedCluster): Promise<readonly string[]> {
  const { clock } = cluster;
  const untilMs = clock.monotonic() + HEAL_MS_MAX;
  let differences: readonly string[] = [];
  for (let calm = 0; calm < CALM_LOOKS && clock.monotonic() < untilMs;) {
    await clock.advance(LOOK_EVERY_MS);
    const broken = takeBroken(cluster);
    if (broken.length > 0) return broken.map((each) => `healing: ${each}`);
    differences = findDifferences(await readState(cluster));
    calm = differences.length === 0 ? calm + 1 : 0;
  }
  return differences.map((each) => `not converged: ${each}`);
}

/** The rules that were broken since the last call: those of every revision, and that no component may fail. */
export const takeBroken = (cluster: SimulatedCluster): readonly string[] => [
  ...cluster.takeFailures(),
  ...cluster.history.takeViolations(),
];

/** The result of an action that may need time to pass. */
export async function whileTimePasses<T>({ clock }: SimulatedCluster, action: Promise<T>): Promise<T> {
  let isSettled = false;
  const done = () => (isSettled = true);
  action.then(done, done);
  for (let round = 0; !isSettled && round < 1000; round++) await clock.advance(round === 0 ? 0 : 100);
  if (!isSettled) throw new Error("an action of the workload got no answer");
  return action;
}

/** From the store and the runtimes themselves: nobody's cache is believed. */
async function readState({ history, nodes }: SimulatedCluster): Promise<ClusterState> {
  const { signal } = new AbortController();
  const running = await Promise.all(
    nodes.map(async ({ name, runtime }) => [name, await runtime.list(signal)] as const),
  );
  return {
    deployments: history.objects("/registry/deployments/"),
    replicaSets: history.objects("/registry/replicasets/"),
    pods: history.objects("/registry/pods/"),
    services: history.objects("/registry/services/specs/"),
    endpoints: history.objects("/registry/services/endpoints/"),
    endpointSlices: history.objects("/registry/endpointslices/"),
    nodes: history.objects("/registry/minions/"),
    running: new Map(running),
  };
}
