// What a standalone cluster costs that runs three pods and has nothing to do.

import { setTimeout as sleep } from "node:timers/promises";
import { pods } from "../api/core/pod.ts";
import { withCluster, type BenchRuntime } from "./bench-cluster.ts";
import { atMost, type Benchmark, type Figure } from "./benchmark.ts";
import { cpuSeconds, memoryMegabytes } from "./machine-load.ts";
import { isRunning, sleepingPod } from "./sleeping-pod.ts";
import { untilObjects } from "./until-object.ts";

const PODS = ["sleep-1", "sleep-2", "sleep-3"];
/** What the start and the first pods left to be done is done by then. */
const CALM_MS = 10_000;
const MEASURED_MS = 60_000;

const measure =
  (runtime: BenchRuntime): Benchmark["run"] =>
  (options) =>
    withCluster(options, { runtime, images: true }, async (cluster, client): Promise<readonly Figure[]> => {
      for (const name of PODS) await client.create(pods, sleepingPod(name));
      await untilObjects(client, { resource: pods, namespace: "default" }, (all) => all.every(isRunning));
      options.progress(`idle on ${runtime} for ${(CALM_MS + MEASURED_MS) / 1000} s`);
      await sleep(CALM_MS);
      const beganMs = performance.now();
      const before = cpuSeconds(cluster.pid);
      await sleep(MEASURED_MS);
      const share = (cpuSeconds(cluster.pid) - before) / ((performance.now() - beganMs) / 1000);
      const memory = memoryMegabytes(cluster.pid, "VmRSS");
      return [
        { name: `idle with 3 pods, ${runtime}`, unit: "% of a core", values: [share * 100], target: atMost(1) },
        { name: `memory with 3 pods, ${runtime}`, unit: "MB", values: [memory], target: atMost(250) },
      ];
    });

export const idle: Benchmark = {
  name: "idle",
  async run(options) {
    return [...(await measure("docker")(options)), ...(await measure("process")(options))];
  },
};
