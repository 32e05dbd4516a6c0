// Prefers nodes where, with the pod, CPU and memory would be used to a similar share, so that neither is left over alone.

import { SCORE_MAX, type SchedulerPlugin } from "../framework.ts";

export const balancedAllocation: SchedulerPlugin = {
  name: "NodeResourcesBalancedAllocation",
  prepare({ request }, { cpuMillis, memoryBytes }) {
    // A pod that requests nothing moves no balance.
    if (request.cpuMillis === 0 && request.memoryBytes === 0) return undefined;
    return {
      score({ row }) {
        const cpu = share(cpuMillis.requested.get(row) + request.cpuMillis, cpuMillis.allocatable.get(row));
        const memory = share(memoryBytes.requested.get(row) + request.memoryBytes, memoryBytes.allocatable.get(row));
        // Half the difference is the standard deviation of two values.
        return Math.floor((1 - Math.abs(cpu - memory) / 2) * SCORE_MAX);
      },
    };
  },
};

const share = (requested: number, allocatable: number) => (allocatable > 0 ? Math.min(1, requested / allocatable) : 1);
