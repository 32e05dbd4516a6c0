// Commits transactions together with the allocation records of the nodes that they concern. Every write of the server goes
// through `commit`, so that no pod can reach a node past its record, whoever binds it.

import { StatusError } from "../../api/meta/status.ts";
import { mergeDrafts, type Draft } from "../registry/draft.ts";
import { Conflict, type Check, type Revision, type Store, type Write } from "../storage/store.ts";
import { KeyedLock } from "./keyed-lock.ts";
import {
  EMPTY_RECORD,
  isEmptyRecord,
  planAllocation,
  renderShortage,
  type AllocationChange,
  type AllocationRecord,
  type Shortage,
} from "./plan-allocation.ts";

export const ALLOCATIONS_PREFIX = "/gantry/allocations/";

export const recordKey = (node: string) => ALLOCATIONS_PREFIX + node;

/** A node has no room for what the transaction would place on it. */
export class NoRoom extends StatusError {
  constructor(
    readonly node: string,
    readonly shortages: readonly Shortage[],
  ) {
    const reasons = shortages.map(renderShortage).join(", ");
    super("Conflict", `Operation cannot be fulfilled: node "${node}" has no room for the pod: ${reasons}`, {
      details: {
        name: node,
        kind: "nodes",
        causes: shortages.map(({ resource, requested, used, capacity }) => ({
          reason: "InsufficientResource",
          field: resource,
          message: `requested: ${requested}, used: ${used}, capacity: ${capacity}`,
        })),
      },
    });
  }
}

interface StoredRecord {
  readonly record: AllocationRecord;
  readonly revision: Revision;
}

export interface CommitResult {
  /** 0 when every part was refused. */
  readonly revision: Revision;
  /** The parts that were left out, by index. */
  readonly refused: ReadonlyMap<number, NoRoom>;
}

export class Allocations {
  readonly #store: Store;
  readonly #lock = new KeyedLock();
  /** The newest known record of each node that has one; another server's writes show as a Conflict. */
  readonly #known = new Map<string, StoredRecord>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Commits, or throws NoRoom, or the store's Conflict when something else was changed. */
  async commit(draft: Draft): Promise<Revision> {
    if (draft.allocations.length === 0) return this.#store.commit(draft);
    const { revision, refused } = await this.commitParts([draft]);
    for (const refusal of refused.values()) throw refusal;
    return revision;
  }

  /** Commits in one transaction those parts that fit, in order; a part that does not fit is left out and reported. */
  async commitParts(parts: readonly Draft[]): Promise<CommitResult> {
    const nodes = new Set(parts.flatMap(({ allocations }) => allocations.map(({ node }) => node)));
    return this.#lock.hold(nodes, async () => {
      for (;;) {
        try {
          return await this.#attempt(parts, nodes);
        } catch (error) {
          if (!(error instanceof Conflict) || !this.#forget(error.key)) throw error;
        }
      }
    });
  }

  async #attempt(parts: readonly Draft[], nodes: ReadonlySet<string>): Promise<CommitResult> {
    const before = new Map<string, StoredRecord>();
    for (const node of nodes) before.set(node, await this.#read(node));
    const after = new Map([...before].map(([node, { record }]) => [node, record]));
    const refused = new Map<number, NoRoom>();
    const accepted = parts.filter((part, index) => {
      const refusal = applyAll(after, part.allocations);
      if (refusal) refused.set(index, refusal);
      return !refusal;
    });
    if (accepted.length === 0) return { revision: 0, refused };
    const changed = [...after].filter(([node, record]) => record !== before.get(node)?.record);
    const records: { checks: Check[]; writes: Write[] } = { checks: [], writes: [] };
    for (const [node, record] of changed) {
      records.checks.push({ key: recordKey(node), revision: before.get(node)?.revision ?? 0 });
      records.writes.push({ key: recordKey(node), ...encodeRecord(record) });
    }
    const { checks, writes } = mergeDrafts([...accepted, records]);
    const revision = await this.#store.commit({ checks, writes });
    for (const [node, record] of changed) this.#remember(node, { record, revision });
    return { revision, refused };
  }

  async #read(node: string): Promise<StoredRecord> {
    const known = this.#known.get(node);
    if (known) return known;
    const stored = await this.#store.get(recordKey(node));
    const read = stored
      ? { record: decodeRecord(stored.value), revision: stored.revision }
      : { record: EMPTY_RECORD, revision: 0 };
    this.#remember(node, read);
    return read;
  }

  #remember(node: string, stored: StoredRecord): void {
    if (isEmptyRecord(stored.record)) this.#known.delete(node);
    else this.#known.set(node, stored);
  }

  /** True when the key is that of a record, which must then be read again. */
  #forget(key: string): boolean {
    if (!key.startsWith(ALLOCATIONS_PREFIX)) return false;
    this.#known.delete(key.slice(ALLOCATIONS_PREFIX.length));
    return true;
  }
}

/** Applies all changes to the records, or none and says why. */
function applyAll(records: Map<string, AllocationRecord>, changes: readonly AllocationChange[]): NoRoom | undefined {
  const next = new Map<string, AllocationRecord>();
  for (const change of changes) {
    const record = next.get(change.node) ?? records.get(change.node) ?? EMPTY_RECORD;
    const plan = planAllocation(record, [change]);
    if ("shortages" in plan) return new NoRoom(change.node, plan.shortages);
    next.set(change.node, plan.record);
  }
  for (const [node, record] of next) records.set(node, record);
  return undefined;
}

/** An empty record is not stored. */
export const encodeRecord = (
  record: AllocationRecord,
): { readonly value: Uint8Array } | { readonly value: undefined } =>
  isEmptyRecord(record) ? { value: undefined } : { value: Buffer.from(JSON.stringify(record)) };

/** Records are written by this server's kind alone, so their form is known. */
export const decodeRecord = (value: Uint8Array): AllocationRecord =>
  JSON.parse(Buffer.from(value).toString()) as AllocationRecord;
