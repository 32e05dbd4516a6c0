// maxSurge and maxUnavailable in numbers of pods. Pure. Rounding as in Kubernetes: surge up, unavailable down.

import type { Deployment } from "../../api/apps/deployment.ts";

export interface RolloutBounds {
  readonly desired: number;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

export function rolloutBounds(deployment: Deployment): RolloutBounds {
  const desired = deployment.spec.replicas ?? 1;
  if (deployment.spec.strategy.type === "Recreate") return { desired, maxSurge: 0, maxUnavailable: desired };
  const rolling = deployment.spec.strategy.rollingUpdate;
  const maxSurge = podCount(rolling?.maxSurge ?? "25%", desired, Math.ceil);
  const maxUnavailable = podCount(rolling?.maxUnavailable ?? "25%", desired, Math.floor);
  // Both may round to zero, and then nothing could ever move.
  if (maxSurge === 0 && maxUnavailable === 0) return { desired, maxSurge, maxUnavailable: Math.min(1, desired) };
  return { desired, maxSurge, maxUnavailable: Math.min(maxUnavailable, desired) };
}

function podCount(value: number | string, total: number, round: (value: number) => number): number {
  if (typeof value === "number") return value;
  return round((Number(value.replace("%", "")) * total) / 100);
}
