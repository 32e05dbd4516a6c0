// Commits transactions together with the allocation records of the nodes that they concern. Every write of the server goes
// through `commit`, so that no pod can reach a node past its record, whoever binds it.

import { mergeDrafts, type Draft } from "../registry/draft.ts";
import { Conflict, type Check, type Revision, type Store, type Write } from "../storage/store.ts";
import { KeyedLock } from "./keyed-lock.ts";
import {
  EMPTY_RECORD,
  isEmptyRecord,
  planAllocation,
  type AllocationChange,
  type AllocationRecord,
} from "./plan-allocation.ts";
import { NodeChanged, NoRoom, NotInPool, type NodeRefusal } from "./refusals.ts";

export const ALLOCATIONS_PREFIX = "/gantry/allocations/";

export const recordKey = (node: string) => ALLOCATIONS_PREFIX + node;

interface StoredRecord {
  readonly record: AllocationRecord;
  readonly revision: Revision;
}

export interface CommitResult {
  /** 0 when every part was refused. */
  readonly revision: Revision;
  /** The parts that were left out, by index. */
  readonly refused: ReadonlyMap<number, NodeRefusal>;
  /** The revision in which each node's record has last been changed, 0 where there is none. */
  readonly generations: ReadonlyMap<string, Revision>;
}

/** The parts of a transaction that the nodes have room for. */
interface Sifted {
  readonly before: ReadonlyMap<string, StoredRecord>;
  readonly after: ReadonlyMap<string, AllocationRecord>;
  readonly generations: Map<string, Revision>;
  readonly accepted: readonly Draft[];
  readonly refused: ReadonlyMap<number, NodeRefusal>;
}

interface AttemptOptions {
  readonly nodes: ReadonlySet<string>;
  readonly mode: "each" | "all";
}

export class Allocations {
  readonly #store: Store;
  readonly #lock = new KeyedLock();
  /** The newest known record of each node that has one; another server's writes show as a Conflict. */
  readonly #known = new Map<string, StoredRecord>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Commits, or throws why a node may not take its pod, or the store's Conflict when something else was changed. */
  async commit(draft: Draft): Promise<Revision> {
    if (draft.allocations.length === 0) return this.#store.commit(draft);
    const { revision, refused } = await this.commitParts([draft]);
    for (const refusal of refused.values()) throw refusal;
    return revision;
  }

  /**
   * Commits in one transaction those parts that fit, in order; a part that does not fit is left out and reported. With "all"
   * nothing is committed unless every part fits.
   */
  async commitParts(parts: readonly Draft[], mode: "each" | "all" = "each"): Promise<CommitResult> {
    const nodes = nodesOf(parts);
    return this.#lock.hold(nodes, async () => {
      for (;;) {
        try {
          return await this.#attempt(parts, { nodes, mode });
        } catch (error) {
          if (!(error instanceof Conflict) || !this.#forget(error.key)) throw error;
        }
      }
    });
  }

  /** Which of the parts would be left out of a transaction now, and why. Changes nothing, and promises nothing. */
  async findRefusals(parts: readonly Draft[]): Promise<ReadonlyMap<number, NodeRefusal>> {
    return (await this.#sift(parts, nodesOf(parts))).refused;
  }

  async #sift(parts: readonly Draft[], nodes: ReadonlySet<string>): Promise<Sifted> {
    const before = new Map<string, StoredRecord>();
    const expected = expectedGenerations(parts);
    for (const node of nodes) before.set(node, await this.#readAsOf(node, expected.get(node)));
    const after = new Map([...before].map(([node, { record }]) => [node, record]));
    const generations = new Map([...before].map(([node, { revision }]) => [node, revision]));
    const refused = new Map<number, NodeRefusal>();
    const accepted = parts.filter((part, index) => {
      const refusal = findChanged(generations, part.allocations) ?? applyAll(after, part.allocations);
      if (refusal) refused.set(index, refusal);
      return !refusal;
    });
    return { before, after, generations, accepted, refused };
  }

  async #attempt(parts: readonly Draft[], { nodes, mode }: AttemptOptions): Promise<CommitResult> {
    const { before, after, generations, accepted, refused } = await this.#sift(parts, nodes);
    if (accepted.length === 0 || (mode === "all" && refused.size > 0)) return { revision: 0, refused, generations };
    const changed = [...after].filter(([node, record]) => record !== before.get(node)?.record);
    const records: { checks: Check[]; writes: Write[] } = { checks: [], writes: [] };
    for (const [node, record] of changed) {
      records.checks.push({ key: recordKey(node), revision: before.get(node)?.revision ?? 0 });
      records.writes.push({ key: recordKey(node), ...encodeRecord(record) });
    }
    const { checks, writes } = mergeDrafts([...accepted, records]);
    const revision = await this.#store.commit({ checks, writes });
    for (const [node, record] of changed) {
      this.#remember(node, { record, revision });
      generations.set(node, revision);
    }
    return { revision, refused, generations };
  }

  /** Somebody who has seen another generation may know more than is known here. */
  async #readAsOf(node: string, generation: Revision | undefined): Promise<StoredRecord> {
    const read = await this.#read(node);
    if (generation === undefined || generation === read.revision) return read;
    this.#known.delete(node);
    return this.#read(node);
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

const nodesOf = (parts: readonly Draft[]): ReadonlySet<string> =>
  new Set(parts.flatMap(({ allocations }) => allocations.map(({ node }) => node)));

function expectedGenerations(parts: readonly Draft[]): ReadonlyMap<string, Revision> {
  const expected = new Map<string, Revision>();
  for (const { node, generation } of parts.flatMap(({ allocations }) => allocations)) {
    if (generation !== undefined) expected.set(node, generation);
  }
  return expected;
}

function findChanged(
  generations: ReadonlyMap<string, Revision>,
  changes: readonly AllocationChange[],
): NodeChanged | undefined {
  for (const { node, generation } of changes) {
    const actual = generations.get(node) ?? 0;
    if (generation !== undefined && generation !== actual) return new NodeChanged(node, { seen: generation, actual });
  }
  return undefined;
}

/** Applies all changes to the records, or none and says why. */
function applyAll(
  records: Map<string, AllocationRecord>,
  changes: readonly AllocationChange[],
): NodeRefusal | undefined {
  const next = new Map<string, AllocationRecord>();
  for (const change of changes) {
    const record = next.get(change.node) ?? records.get(change.node) ?? EMPTY_RECORD;
    const plan = planAllocation(record, [change]);
    if ("shortages" in plan) return new NoRoom(change.node, plan.shortages);
    if ("mismatch" in plan) return new NotInPool(change.node, plan.mismatch);
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
