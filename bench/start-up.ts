// From the start of the process to a Ready node, for a new cluster and for one that is there already.

import { atMost, type Benchmark, type Figure } from "./benchmark.ts";
import { BenchCluster, type BenchRuntime } from "./bench-cluster.ts";

const RUNTIMES: readonly BenchRuntime[] = ["docker", "process"];

export const startUp: Benchmark = {
  name: "start-up",
  async run(options) {
    const figures: Figure[] = [];
    for (const runtime of RUNTIMES) {
      const first: number[] = [];
      const again: number[] = [];
      for (let run = 0; run < options.runs; run++) {
        options.progress(`start-up on ${runtime}, run ${run + 1}`);
        const cluster = await BenchCluster.prepare(options, { runtime });
        try {
          first.push((await cluster.start()) / 1000);
          await cluster.stop();
          again.push((await cluster.start()) / 1000);
        } finally {
          await cluster.wipe();
        }
      }
      const target = atMost(2);
      figures.push(
        { name: `start to node Ready, new cluster, ${runtime}`, unit: "s", values: first, target },
        { name: `start to node Ready, second start, ${runtime}`, unit: "s", values: again, target },
      );
    }
    return figures;
  },
};
