// How many replicas one metric asks for. Pure, and Kubernetes' replica calculator to the last rounding: all values are whole
// thousandths.

import type { PodGroups } from "./pod-groups.ts";

/** By the pod's name. */
export type Values = ReadonlyMap<string, number>;

export interface Load {
  /** What is used, as a multiple of what is to be used. */
  readonly ratio: number;
  /** For each pod. */
  readonly average: number;
  /** In percent of what is requested; only where that is what is looked at. */
  readonly utilization?: number;
}

/** What is to be used, and how that is compared. */
export interface Yardstick {
  /** Throws MetricError where nothing can be compared. */
  loadOf(values: Values): Load;
  /** What a pod counts with that runs without a metric; undefined: it does not count. */
  assume(pod: string, ratio: number): number | undefined;
}

/** A metric that cannot be judged by; the message is Kubernetes'. */
export class MetricError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MetricError";
  }
}

export interface Proposal {
  readonly replicas: number;
  readonly load: Load;
}

const TOLERANCE = 0.1;

export const isWithinTolerance = (ratio: number): boolean => 1 - TOLERANCE <= ratio && ratio <= 1 + TOLERANCE;

export const averageYardstick = (target: number): Yardstick => ({
  loadOf: (values) => {
    const average = Math.trunc(sumOf(values) / values.size);
    return { ratio: average / target, average };
  },
  assume: (_, ratio) => (ratio < 1 ? target : 0),
});

export const utilizationYardstick = (targetPercent: number, requests: Values): Yardstick => ({
  loadOf: (values) => {
    const known = [...values].filter(([pod]) => requests.has(pod));
    const requested = known.reduce((sum, [pod]) => sum + (requests.get(pod) ?? 0), 0);
    if (requested === 0) throw new MetricError("no metrics returned matched known pods");
    const used = known.reduce((sum, [, value]) => sum + value, 0);
    const utilization = Math.trunc((used * 100) / requested);
    return { ratio: utilization / targetPercent, average: Math.trunc(used / known.length), utilization };
  },
  assume: (pod, ratio) => {
    if (ratio === 1) return undefined;
    return ratio > 1 ? 0 : Math.trunc(((requests.get(pod) ?? 0) * Math.max(100, targetPercent)) / 100);
  },
});

const sumOf = (values: Values): number => [...values.values()].reduce((sum, value) => sum + value, 0);

export interface PodInput {
  readonly groups: PodGroups;
  readonly values: Values;
  readonly currentReplicas: number;
  readonly yardstick: Yardstick;
}

/** Throws MetricError where no pod has a metric that counts. */
export function proposeByPods({ groups, values, currentReplicas, yardstick }: PodInput): Proposal {
  const counted = new Map(values);
  for (const pod of [...groups.ignored, ...groups.unready]) counted.delete(pod);
  if (counted.size === 0) {
    throw new MetricError("did not receive metrics for targeted pods (pods might be unready)");
  }
  const load = yardstick.loadOf(counted);
  const growsBesideUnready = groups.unready.length > 0 && load.ratio > 1;
  if (!growsBesideUnready && groups.missing.length === 0) {
    const replicas = isWithinTolerance(load.ratio) ? currentReplicas : Math.ceil(load.ratio * groups.readyCount);
    return { replicas, load };
  }
  for (const pod of groups.missing) {
    const value = yardstick.assume(pod, load.ratio);
    if (value !== undefined) counted.set(pod, value);
  }
  // Pods that come up already are part of the answer to a load that has grown.
  if (growsBesideUnready) for (const pod of groups.unready) counted.set(pod, 0);
  return {
    replicas: damped(load.ratio, yardstick.loadOf(counted).ratio, { currentReplicas, count: counted.size }),
    load,
  };
}

/** What is assumed of pods may make a change smaller, but never turn it round. */
function damped(
  before: number,
  after: number,
  { currentReplicas, count }: { readonly currentReplicas: number; readonly count: number },
): number {
  const isTurned = (before < 1 && after > 1) || (before > 1 && after < 1);
  if (isWithinTolerance(after) || isTurned) return currentReplicas;
  const replicas = Math.ceil(after * count);
  const isContrary = (after < 1 && replicas > currentReplicas) || (after > 1 && replicas < currentReplicas);
  return isContrary ? currentReplicas : replicas;
}

/** For a value of the whole: of another object, or from outside. */
export function proposeByRatio(ratio: number, currentReplicas: number, readyCount: () => number): number {
  if (currentReplicas === 0) return Math.ceil(ratio);
  return isWithinTolerance(ratio) ? currentReplicas : Math.ceil(ratio * readyCount());
}

/** For a value that is shared out between all replicas. */
export function proposeByShare(usage: number, targetAverage: number, replicas: number): Proposal {
  const ratio = usage / (targetAverage * replicas);
  const average = replicas === 0 ? 0 : Math.ceil(usage / replicas);
  const proposed = replicas > 0 && isWithinTolerance(ratio) ? replicas : Math.ceil(usage / targetAverage);
  return { replicas: proposed, load: { ratio, average } };
}
