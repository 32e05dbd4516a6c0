// What one node keeps for roles, as the snapshot counts it: less to allocate for everybody, and more again for pods of a role
// that something is kept for.

import type { ResourceAmounts } from "../api/core/pod-resources.ts";
import { heldBackFrom, type RequestsByRole, type SetAside } from "../api/kctl-scheduling/held-back.ts";
import type { PodInfo } from "./pod-info.ts";

export interface NodeReserve {
  readonly setAside: readonly SetAside[];
  readonly requests: RequestsByRole;
  /** What pods without a role must leave alone. */
  readonly held: ResourceAmounts;
}

/** Undefined where nothing is set aside, as on most nodes. */
export function reserveOf(setAside: readonly SetAside[], pods: Iterable<PodInfo>): NodeReserve | undefined {
  if (setAside.length === 0) return undefined;
  const requests = requestsByRole(pods);
  return { setAside, requests, held: heldBackFrom(undefined, setAside, requests) };
}

/** What the node has for the role besides what it has for everybody. */
export function keptFor(role: string, { setAside, requests, held }: NodeReserve): ResourceAmounts {
  const others = heldBackFrom(role, setAside, requests);
  return Object.fromEntries(Object.entries(held).map(([name, amount]) => [name, amount - (others[name] ?? 0)]));
}

export function without(amounts: ResourceAmounts, held: ResourceAmounts): ResourceAmounts {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, amount - (held[name] ?? 0)]));
}

function requestsByRole(pods: Iterable<PodInfo>): RequestsByRole {
  const sums: Record<string, Record<string, number>> = {};
  for (const { role, request } of pods) {
    if (role === undefined) continue;
    const sum = (sums[role] ??= {});
    const { cpuMillis, memoryBytes, ephemeralBytes, others } = request;
    const amounts = [
      ["cpu", cpuMillis],
      ["memory", memoryBytes],
      ["ephemeral-storage", ephemeralBytes],
      ["pods", 1],
    ] as const;
    for (const [name, amount] of [...amounts, ...others]) sum[name] = (sum[name] ?? 0) + amount;
  }
  return sums;
}
