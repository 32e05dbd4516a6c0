// What a node has given away, and whether there is room for more: the arithmetic of placement. One record per node is
// changed in the same transaction as the pods that it sums up, so that it is right at every revision of the store.

import { resourceAmounts, grantedRequests, type ResourceAmounts } from "../../api/core/pod-resources.ts";
import { isSidecar } from "../../api/core/pod-state.ts";
import type { Node } from "../../api/core/node.ts";
import type { Pod } from "../../api/core/pod.ts";
import { heldBackFrom, type RequestsByRole, type SetAside } from "../../api/kctl-scheduling/held-back.ts";
import { meetsDemand, type PoolDemand } from "../../api/kctl-scheduling/pools.ts";
import { roleOfPod } from "../../api/kctl-scheduling/sharing-role.ts";

import { omit } from "../omit.ts";

export interface AllocationRecord {
  /** What the node offers; absent while the node does not exist or has not said. Then nothing is refused. */
  readonly allocatable?: ResourceAmounts;
  /** The sum over the node's pods that have not finished. `pods` counts them. */
  readonly requested: ResourceAmounts;
  /** `TCP/0.0.0.0/8080`, sorted. */
  readonly hostPorts: readonly string[];
  /** The static partition that the node belongs to. */
  readonly pool?: string;
  /** What is set aside for roles, by the name of the reservation. */
  readonly reserved?: Readonly<Record<string, SetAside>>;
  /** The part of `requested` that is of pods with a role. */
  readonly requestedByRole?: RequestsByRole;
}

/** What one pod takes from its node. */
export interface PodClaim {
  readonly node: string;
  readonly amounts: ResourceAmounts;
  readonly hostPorts: readonly string[];
  /** The role of the pod, for which there may be something set aside. */
  readonly role?: string;
}

/** Releases come first, so that a claim may grow into its own old place. */
export interface AllocationChange {
  readonly node: string;
  readonly release?: PodClaim;
  readonly reserve?: PodClaim;
  /** What the node offers from now on; null: the node is gone. */
  readonly allocatable?: ResourceAmounts | null;
  /** The node's pool from now on; null: it is in none. */
  readonly pool?: string | null;
  /** What the node sets aside from now on; null: nothing any more for this reservation. */
  readonly setAside?: { readonly reservation: string; readonly kept: SetAside | null };
  /** Where the pod that comes to the node may go. */
  readonly demand?: PoolDemand;
  /** The revision in which the record must have been changed last, whatever would fit. */
  readonly generation?: number;
}

/** One resource that does not suffice, in the terms of the kubelet's admission. */
export interface Shortage {
  readonly resource: string;
  readonly requested: number;
  readonly used: number;
  readonly capacity: number;
}

/** The node's pool is not where the pod may go. */
export interface PoolMismatch {
  readonly wanted: string | undefined;
  readonly actual: string | undefined;
}

export type AllocationPlan =
  | { readonly record: AllocationRecord }
  | { readonly shortages: readonly Shortage[] }
  | { readonly mismatch: PoolMismatch };

export const EMPTY_RECORD: AllocationRecord = { requested: {}, hostPorts: [] };

/**
 * The claim of a pod; none while it is unscheduled and once it has finished. A pod may ask for more than its node has while
 * it runs, which is its kubelet's to judge: it claims what that has granted.
 */
export function claimOf(pod: Pod | undefined): PodClaim | undefined {
  if (!pod?.spec.nodeName || pod.status.phase === "Succeeded" || pod.status.phase === "Failed") return undefined;
  const role = roleOfPod(pod);
  return {
    node: pod.spec.nodeName,
    amounts: { ...grantedRequests(pod), pods: 1 },
    hostPorts: hostPortsOf(pod),
    ...(role !== undefined && { role }),
  };
}

export function allocatableOf(node: Node): ResourceAmounts | undefined {
  const { allocatable } = node.status;
  return allocatable && Object.keys(allocatable).length > 0 ? resourceAmounts(allocatable) : undefined;
}

/** Of containers that run as long as the pod does. */
function hostPortsOf({ spec }: Pod): readonly string[] {
  const all = [...(spec.containers ?? []), ...(spec.initContainers ?? []).filter(isSidecar)];
  return all.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, hostIP, protocol = "TCP" }) =>
      hostPort ? [`${protocol}/${hostIP || ANY_ADDRESS}/${hostPort}`] : [],
    ),
  );
}

/** Either every change fits and the record is the one after them, or nothing may change. */
export function planAllocation(record: AllocationRecord, changes: readonly AllocationChange[]): AllocationPlan {
  let next = record;
  for (const change of changes) {
    if (change.allocatable !== undefined) next = { ...next, allocatable: change.allocatable ?? undefined };
    if (change.pool !== undefined) next = { ...next, pool: change.pool ?? undefined };
    if (change.setAside) {
      const shortages = findUnkeepable(next, change.setAside);
      if (shortages.length > 0) return { shortages };
      next = withSetAside(next, change.setAside);
    }
    const mismatch = findMismatch(next, change);
    if (mismatch) return { mismatch };
    if (change.release) next = release(next, change.release);
    if (!change.reserve) continue;
    const shortages = findShortages(next, change.reserve);
    if (shortages.length > 0) return { shortages };
    next = withClaim(next, change.reserve);
  }
  return { record: next };
}

function findMismatch({ pool: actual }: AllocationRecord, { demand }: AllocationChange): PoolMismatch | undefined {
  if (!demand || demand === "any" || meetsDemand(demand, actual)) return undefined;
  return { wanted: demand.pool, actual };
}

type Setting = NonNullable<AllocationChange["setAside"]>;

/** What is kept already may stay, whatever has become of the node. More must fit beside all that is there. */
function findUnkeepable(record: AllocationRecord, { reservation, kept }: Setting): Shortage[] {
  const { allocatable, requested } = record;
  const before = record.reserved?.[reservation];
  if (!kept || !allocatable) return [];
  const without = withSetAside(record, { reservation, kept: null });
  const grows = ([resource, amount]: [string, number]) =>
    before?.role !== kept.role || amount > (before.amounts[resource] ?? 0);
  return Object.entries(kept.amounts)
    .filter(grows)
    .flatMap(([resource, amount]) => {
      const held = heldBack(withSetAside(record, { reservation, kept }), undefined)[resource] ?? 0;
      const capacity = allocatable[resource] ?? 0;
      const used = (requested[resource] ?? 0) + (heldBack(without, undefined)[resource] ?? 0);
      return (requested[resource] ?? 0) + held > capacity ? [{ resource, requested: amount, used, capacity }] : [];
    });
}

/** The record with what one reservation keeps, whether there is room for it or not. */
export function withSetAside(record: AllocationRecord, { reservation, kept }: Setting): AllocationRecord {
  const others = omit(record.reserved ?? {}, reservation);
  const reserved = kept ? { ...others, [reservation]: kept } : others;
  const rest = omit(record, "reserved");
  return Object.keys(reserved).length > 0 ? { ...rest, reserved } : rest;
}

const heldBack = ({ reserved, requestedByRole }: AllocationRecord, role: string | undefined): ResourceAmounts =>
  reserved ? heldBackFrom(role, Object.values(reserved), requestedByRole) : {};

function findShortages(record: AllocationRecord, claim: PodClaim): Shortage[] {
  const { allocatable, requested, hostPorts } = record;
  if (!allocatable) return [];
  const held = heldBack(record, claim.role);
  const shortages: Shortage[] = [];
  for (const [resource, amount] of Object.entries(claim.amounts)) {
    const used = (requested[resource] ?? 0) + (held[resource] ?? 0);
    const capacity = allocatable[resource] ?? 0;
    if (amount > 0 && used + amount > capacity) shortages.push({ resource, requested: amount, used, capacity });
  }
  if (claim.hostPorts.some((port) => hostPorts.some((taken) => portsClash(port, taken)))) {
    shortages.push({ resource: "hostPorts", requested: 1, used: 1, capacity: 1 });
  }
  return shortages;
}

const ANY_ADDRESS = "0.0.0.0";

/** The same number and protocol clash on the same address, and on all addresses of the host. */
function portsClash(a: string, b: string): boolean {
  const [protocolA, addressA, portA] = a.split("/");
  const [protocolB, addressB, portB] = b.split("/");
  if (protocolA !== protocolB || portA !== portB) return false;
  return addressA === addressB || addressA === ANY_ADDRESS || addressB === ANY_ADDRESS;
}

/** The record with one claim more, whether it fits or not. */
export function withClaim(record: AllocationRecord, { amounts, hostPorts, role }: PodClaim): AllocationRecord {
  return {
    ...withRole(record, { role, amounts, sign: 1 }),
    requested: added(record.requested, amounts, 1),
    hostPorts: hostPorts.length === 0 ? record.hostPorts : [...record.hostPorts, ...hostPorts].sort(),
  };
}

interface RoleChange {
  readonly role: string | undefined;
  readonly amounts: ResourceAmounts;
  readonly sign: 1 | -1;
}

function withRole(record: AllocationRecord, { role, amounts, sign }: RoleChange): AllocationRecord {
  if (role === undefined) return record;
  const { requestedByRole = {}, ...rest } = record;
  const { [role]: before = {}, ...others } = requestedByRole;
  const after = added(before, amounts, sign);
  const next = Object.keys(after).length > 0 ? { ...others, [role]: after } : others;
  return Object.keys(next).length > 0 ? { ...rest, requestedByRole: next } : rest;
}

function release(record: AllocationRecord, { amounts, hostPorts, role }: PodClaim): AllocationRecord {
  const remaining = [...record.hostPorts];
  for (const port of hostPorts) {
    const index = remaining.indexOf(port);
    if (index >= 0) remaining.splice(index, 1);
  }
  return {
    ...withRole(record, { role, amounts, sign: -1 }),
    requested: added(record.requested, amounts, -1),
    hostPorts: remaining,
  };
}

/** Resources that nothing asks for any more are left out. */
function added(sum: ResourceAmounts, amounts: ResourceAmounts, sign: 1 | -1): ResourceAmounts {
  const next: Record<string, number> = { ...sum };
  for (const [resource, amount] of Object.entries(amounts)) {
    const total = (next[resource] ?? 0) + sign * amount;
    if (total > 0) next[resource] = total;
    else delete next[resource];
  }
  return next;
}

/** A record that says nothing need not be stored. */
export const isEmptyRecord = ({ allocatable, requested, pool, reserved }: AllocationRecord): boolean =>
  !allocatable && !reserved && pool === undefined && Object.keys(requested).length === 0;

/** `Insufficient cpu`, `Too many pods`: the scheduler's words for a shortage. */
export function renderShortage({ resource }: Shortage): string {
  if (resource === "pods") return "Too many pods";
  if (resource === "hostPorts") return "node(s) didn't have free ports for the requested pod ports";
  return `Insufficient ${resource}`;
}
