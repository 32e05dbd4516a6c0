// maxSurge and maxUnavailable of a DaemonSet in numbers of nodes; both are rounded up. Pure.

import type { DaemonSet } from "../../api/apps/daemon-set.ts";

export interface UpdateBounds {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** `desired`: how many nodes are to have a pod. */
export function updateBounds(daemonSet: DaemonSet, desired: number): UpdateBounds {
  const maxSurge = surgeOf(daemonSet, desired);
  const maxUnavailable = nodeCount(daemonSet.spec.updateStrategy.rollingUpdate?.maxUnavailable, desired);
  // With neither, nothing could ever move.
  return { maxSurge, maxUnavailable: maxSurge === 0 && desired > 0 ? Math.max(1, maxUnavailable) : maxUnavailable };
}

export function surgeOf({ spec: { updateStrategy } }: DaemonSet, desired: number): number {
  return updateStrategy.type === "RollingUpdate" ? nodeCount(updateStrategy.rollingUpdate?.maxSurge, desired) : 0;
}

function nodeCount(value: number | string | undefined, total: number): number {
  if (typeof value !== "string") return value ?? 0;
  return Math.ceil((Number(value.replace("%", "")) * total) / 100);
}
