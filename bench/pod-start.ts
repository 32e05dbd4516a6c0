// How fast pods come up whose image is present: one by itself, and thirty at once.

import { pods } from "../api/core/pod.ts";
import type { Client } from "../client/client.ts";
import { withCluster } from "./bench-cluster.ts";
import { atMost, type Benchmark } from "./benchmark.ts";
import { isRunning, sleepingPod } from "./sleeping-pod.ts";
import { untilObjects } from "./until-object.ts";

const SELECTION = { resource: pods, namespace: "default", labelSelector: "app=sleep" };
export const AT_ONCE = 30;

/** Seconds from the first create to the last pod Running, as a watcher sees it. */
export async function startPods(client: Client, names: readonly string[]): Promise<number> {
  const startedMs = performance.now();
  await Promise.all(names.map((name) => client.create(pods, sleepingPod(name))));
  await untilObjects(client, SELECTION, (all) => all.length === names.length && all.every(isRunning));
  return (performance.now() - startedMs) / 1000;
}

export async function removePods(client: Client, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => client.delete(pods, { namespace: "default", name })));
  await untilObjects(client, SELECTION, (all) => all.length === 0);
}

export const names = (count: number, run: number) =>
  Array.from({ length: count }, (_, index) => `sleep-${run}-${index}`);

export const podStart: Benchmark = {
  name: "pods",
  run: (options) =>
    withCluster(options, { runtime: "docker", images: true }, async (_, client) => {
      const single: number[] = [];
      const many: number[] = [];
      // The first pod of a cluster also makes its network, so it is not counted.
      for (let run = -1; run < options.runs; run++) {
        options.progress(`one pod, run ${run + 1}`);
        const seconds = await startPods(client, names(1, run));
        if (run >= 0) single.push(seconds);
        await removePods(client, names(1, run));
      }
      for (let run = 0; run < options.runs; run++) {
        options.progress(`${AT_ONCE} pods, run ${run + 1}`);
        many.push(await startPods(client, names(AT_ONCE, run)));
        await removePods(client, names(AT_ONCE, run));
      }
      return [
        { name: "one pod to Running, image present, docker", unit: "s", values: single, target: atMost(0.5) },
        { name: `${AT_ONCE} pods at once to Running, docker`, unit: "s", values: many, target: atMost(10) },
      ];
    }),
};
