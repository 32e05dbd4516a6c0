// What a node keeps for roles that it has reserved something for. The API server's allocation records, the scheduler's snapshot
// and the offers all ask the same rule, so it is here. Pure.

import type { ResourceAmounts } from "../core/pod-resources.ts";
import { roleLineage } from "./sharing-role.ts";

/** What a node has set aside for one role. */
export interface SetAside {
  readonly role: string;
  readonly amounts: ResourceAmounts;
}

/** What the pods of each role on the node ask for. */
export type RequestsByRole = Readonly<Record<string, ResourceAmounts>>;

const NOTHING: ResourceAmounts = {};

/**
 * The amounts that pods of `role` must leave alone: what is set aside for others and not in use by them. Pods use up what is
 * reserved for their own role first, then what is reserved for the roles that it is a part of, then what anybody may use.
 */
export function heldBackFrom(
  role: string | undefined,
  reservations: readonly SetAside[],
  requests: RequestsByRole = {},
): ResourceAmounts {
  if (reservations.length === 0) return NOTHING;
  const left = unused(reservations, requests);
  const own = new Set(role === undefined ? [] : roleLineage(role));
  const held: Record<string, number> = {};
  for (const [reservedFor, amounts] of left) {
    if (own.has(reservedFor)) continue;
    for (const [resource, amount] of Object.entries(amounts)) held[resource] = (held[resource] ?? 0) + amount;
  }
  return held;
}

/** What is left of each role's reservations. */
function unused(
  reservations: readonly SetAside[],
  requests: RequestsByRole,
): ReadonlyMap<string, Record<string, number>> {
  const left = new Map<string, Record<string, number>>();
  for (const { role, amounts } of reservations) {
    const sum = left.get(role) ?? {};
    for (const [resource, amount] of Object.entries(amounts)) sum[resource] = (sum[resource] ?? 0) + amount;
    left.set(role, sum);
  }
  for (const [role, amounts] of Object.entries(requests)) {
    for (const [resource, amount] of Object.entries(amounts)) useUp(left, roleLineage(role), { resource, amount });
  }
  return left;
}

function useUp(
  left: ReadonlyMap<string, Record<string, number>>,
  lineage: readonly string[],
  { resource, amount }: { readonly resource: string; readonly amount: number },
): void {
  let rest = amount;
  for (const role of lineage) {
    const reserved = left.get(role);
    const available = reserved?.[resource] ?? 0;
    const used = Math.min(available, rest);
    if (reserved && used > 0) reserved[resource] = available - used;
    rest -= used;
  }
}
