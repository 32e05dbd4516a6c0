// Makes the allocation records say what the nodes and pods say: for stores that another API server has written to. Where they
// agree already, as after a restart, nothing is written.

import type { Node } from "../../api/core/node.ts";
import { nodes } from "../../api/core/node.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { poolOf } from "../../api/kctl-scheduling/pools.ts";
import { reservations, type Reservation } from "../../api/kctl-scheduling/reservation.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import type { Server } from "../server.ts";
import { planSettingAside } from "../kinds/reservation-rules.ts";
import { decodeStored } from "../stored-object.ts";
import { Conflict, type Store, type Stored } from "../storage/store.ts";
import { ALLOCATIONS_PREFIX, decodeRecord, encodeRecord, recordKey } from "./allocations.ts";
import {
  allocatableOf,
  claimOf,
  EMPTY_RECORD,
  isEmptyRecord,
  withClaim,
  withSetAside,
  type AllocationRecord,
} from "./plan-allocation.ts";

const ATTEMPTS_MAX = 5;

/** A record that changes meanwhile is true again by itself, or is looked at once more. */
export async function repairAllocations({ store, resources }: Pick<Server, "store" | "resources">): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await repairOnce(store, {
        pods: resources.require(pods).prefix,
        nodes: resources.require(nodes).prefix,
        reservations: resources.find(reservations.group, reservations.version, reservations.plural)?.prefix,
      });
    } catch (error) {
      if (!(error instanceof Conflict) || attempt >= ATTEMPTS_MAX) throw error;
    }
  }
}

interface Prefixes {
  readonly pods: string;
  readonly nodes: string;
  /** Absent where the server has no such kind. */
  readonly reservations: string | undefined;
}

async function repairOnce(store: Store, prefixes: Prefixes): Promise<void> {
  // The records are read first: a placement after that changes its record, and the check of its revision then fails.
  const stored = new Map((await store.list(ALLOCATIONS_PREFIX)).items.map((item) => [item.key, item]));
  const wanted = await sumUp(store, prefixes);
  for (const node of new Set([...wanted.keys(), ...nodesOf(stored)])) {
    const key = recordKey(node);
    const before = stored.get(key);
    const record = wanted.get(node) ?? EMPTY_RECORD;
    if (semanticEqual(record, before ? decodeRecord(before.value) : EMPTY_RECORD)) continue;
    await store.commit({
      checks: [{ key, revision: before?.revision ?? 0 }],
      writes: [{ key, ...encodeRecord(record) }],
    });
  }
}

const nodesOf = (stored: ReadonlyMap<string, Stored>) =>
  [...stored.keys()].map((key) => key.slice(ALLOCATIONS_PREFIX.length));

async function sumUp(store: Store, prefixes: Prefixes): Promise<ReadonlyMap<string, AllocationRecord>> {
  const records = new Map<string, AllocationRecord>();
  for (const stored of (await store.list(prefixes.nodes)).items) {
    const node = decodeStored(nodes.schema, stored) as Node;
    const allocatable = allocatableOf(node);
    const pool = poolOf(node.metadata.labels);
    const offered = { ...EMPTY_RECORD, ...(allocatable && { allocatable }), ...(pool !== undefined && { pool }) };
    if (!isEmptyRecord(offered)) records.set(node.metadata.name, offered);
  }
  for (const stored of (await store.list(prefixes.pods)).items) {
    const claim = claimOf(decodeStored(pods.schema, stored) as Pod);
    if (claim) records.set(claim.node, withClaim(records.get(claim.node) ?? EMPTY_RECORD, claim));
  }
  await addReservations(store, prefixes.reservations, records);
  return records;
}

async function addReservations(
  store: Store,
  prefix: string | undefined,
  records: Map<string, AllocationRecord>,
): Promise<void> {
  const stored = prefix === undefined ? [] : (await store.list(prefix)).items;
  const all = stored.map((each) => decodeStored(reservations.schema, each) as Reservation);
  for (const { node, setAside } of all.flatMap((each) => planSettingAside(undefined, each))) {
    if (setAside) records.set(node, withSetAside(records.get(node) ?? EMPTY_RECORD, setAside));
  }
}
