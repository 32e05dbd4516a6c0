// Prefers nodes with the largest share of CPU and memory left, so that load is spread over the cluster.

import { SCORE_MAX, type SchedulerPlugin } from "../framework.ts";

export const leastAllocated: SchedulerPlugin = {
  name: "NodeResourcesLeastAllocated",
  prepare: ({ request }, { cpuMillis, memoryBytes, scoredCpuMillis, scoredMemoryBytes }) => ({
    score({ row }) {
      const cpu = free(cpuMillis.allocatable.get(row), scoredCpuMillis.get(row) + request.scoredCpuMillis);
      const memory = free(memoryBytes.allocatable.get(row), scoredMemoryBytes.get(row) + request.scoredMemoryBytes);
      return Math.floor((cpu + memory) / 2);
    },
  }),
};

function free(allocatable: number, requested: number): number {
  return requested > allocatable ? 0 : Math.floor(((allocatable - requested) * SCORE_MAX) / Math.max(allocatable, 1));
}
