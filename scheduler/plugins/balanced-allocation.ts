// Prefers nodes where, with the pod, the resources would be used to a similar share, so that none is left over alone.

import { defaultPluginArgs, type BalancedAllocationArgs } from "../configuration/plugin-args.ts";
import { SCORE_MAX, type NodeJudge, type SchedulerPlugin } from "../framework.ts";
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
      if (isCpuAndMemory(resources)) return balanceOfCpuAndMemory(request, snapshot);
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
function balanceOfCpuAndMemory(request: PodRequest, { cpuMillis, memoryBytes }: Snapshot): NodeJudge {
  const { cpuMillis: askedCpu, memoryBytes: askedMemory } = request;
  return {
    score({ row }) {
      const cpu = balanceShare(cpuMillis.requested.get(row) + askedCpu, cpuMillis.allocatable.get(row));
      return balance(cpu, balanceShare(memoryBytes.requested.get(row) + askedMemory, memoryBytes.allocatable.get(row)));
    },
    scoreRows(scores) {
      const count = scores.length;
      const [allCpu, usedCpu] = [cpuMillis.allocatable.rows(count), cpuMillis.requested.rows(count)];
      const [allMemory, usedMemory] = [memoryBytes.allocatable.rows(count), memoryBytes.requested.rows(count)];
      for (let row = 0; row < count; row++) {
        const cpu = balanceShare((usedCpu[row] ?? 0) + askedCpu, allCpu[row] ?? 0);
        scores[row] = balance(cpu, balanceShare((usedMemory[row] ?? 0) + askedMemory, allMemory[row] ?? 0));
      }
    },
  };
}

/** What a node does not have counts for nothing. */
const NO_SHARE = -1;

const balanceShare = (used: number, all: number): number => (all <= 0 ? NO_SHARE : Math.min(1, used / all));

const balance = (cpu: number, memory: number): number =>
  cpu === NO_SHARE || memory === NO_SHARE ? SCORE_MAX : Math.trunc((1 - Math.abs((cpu - memory) / 2)) * SCORE_MAX);

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
