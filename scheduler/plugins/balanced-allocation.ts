// Prefers nodes where, with the pod, the resources would be used to a similar share, so that none is left over alone.

import { defaultPluginArgs, type BalancedAllocationArgs } from "../configuration/plugin-args.ts";
import { SCORE_MAX, type SchedulerPlugin } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodRequest } from "../pod-info.ts";
import type { Snapshot } from "../snapshot.ts";
import { resourceUses } from "./resource-use.ts";

export function buildBalancedAllocation({ resources }: BalancedAllocationArgs): SchedulerPlugin {
  return {
    name: "NodeResourcesBalancedAllocation",
    readsRequests: true,
    prepare({ request }, snapshot) {
      // A pod that requests nothing moves no balance.
      if (resources.every(({ name }) => amountOf(request, name) === 0)) return undefined;
      if (isCpuAndMemory(resources)) return { score: balanceOfCpuAndMemory(request, snapshot) };
      const uses = resourceUses(resources, [request, snapshot], { silent: "nothing" });
      const shares = new Float64Array(uses.length);
      return {
        score(node) {
          let count = 0;
          for (const { allocatable, requested } of uses) {
            const all = allocatable(node);
            if (all > 0) shares[count++] = Math.min(1, requested(node) / all);
          }
          return Math.trunc((1 - deviation(shares, count)) * SCORE_MAX);
        },
      };
    },
  };
}

/** As it works where nothing is set. */
export const balancedAllocation = buildBalancedAllocation(defaultPluginArgs.NodeResourcesBalancedAllocation);

const isCpuAndMemory = ([first, second, ...more]: BalancedAllocationArgs["resources"]) =>
  first?.name === "cpu" && second?.name === "memory" && more.length === 0;

/** The default, written out: it is asked about every node for every pod that is like no other. */
function balanceOfCpuAndMemory(request: PodRequest, { cpuMillis, memoryBytes }: Snapshot): (node: NodeInfo) => number {
  const { cpuMillis: askedCpu, memoryBytes: askedMemory } = request;
  return ({ row }) => {
    const cpu = cpuMillis.allocatable.get(row);
    const memory = memoryBytes.allocatable.get(row);
    if (cpu <= 0 || memory <= 0) return SCORE_MAX;
    const cpuShare = Math.min(1, (cpuMillis.requested.get(row) + askedCpu) / cpu);
    const memoryShare = Math.min(1, (memoryBytes.requested.get(row) + askedMemory) / memory);
    return Math.trunc((1 - Math.abs((cpuShare - memoryShare) / 2)) * SCORE_MAX);
  };
}

function amountOf({ cpuMillis, memoryBytes, ephemeralBytes, others }: PodRequest, name: string): number {
  if (name === "cpu") return cpuMillis;
  if (name === "memory") return memoryBytes;
  if (name === "ephemeral-storage") return ephemeralBytes;
  return others.find(([resource]) => resource === name)?.[1] ?? 0;
}

/** The standard deviation of the first `count` values; of two it is half their difference. */
function deviation(values: Float64Array, count: number): number {
  if (count < 2) return 0;
  const [first = 0, second = 0] = values;
  if (count === 2) return Math.abs((first - second) / 2);
  let sum = 0;
  for (let index = 0; index < count; index++) sum += values[index] ?? 0;
  const mean = sum / count;
  let squares = 0;
  for (let index = 0; index < count; index++) squares += ((values[index] ?? 0) - mean) ** 2;
  return Math.sqrt(squares / count);
}
