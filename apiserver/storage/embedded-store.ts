// The store of a single machine: a log of versions in lmdb, with an index of it in memory. Transactions that wait at the same
// time share one write and one fsync, and nothing is acknowledged or shown before it is on disk.
// One process, and in it one instance, per directory. Bounds: `WAITING_MAX` transactions wait; about `RECENT_EVENTS` values are
// kept in memory for watches; the disk holds what is not compacted.

import assert from "node:assert/strict";
import { mkdirSync, statfsSync } from "node:fs";
import { open, type Database, type RootDatabase } from "lmdb";
import { errorMessage } from "../../lib/error-message.ts";
import { EventLog } from "./event-log.ts";
import { planGroup, type PlannedCommit } from "./group-commit.ts";
import { decodeRecord, encodeRecord } from "./record-codec.ts";
import { assertWellFormed } from "./transaction.ts";
import { VersionIndex, type Version } from "./version-index.ts";
import {
  Compacted,
  Conflict,
  Unavailable,
  type Page,
  type Revision,
  type Store,
  type StoreBatch,
  type Stored,
  type StoredList,
  type StoreEvent,
  type Transaction,
} from "./store.ts";

/** An empty store is at revision 1, as in etcd: 0 would mean "before everything". */
const FIRST_REVISION = 1;
const WAITING_MAX = 10_000;
const GROUP_MAX = 1000;
const RECENT_EVENTS = 2048;
/** Records read or removed in one go. */
const STEP = 500;
const COMPACTED = "compacted";
/** With less than this left, a failed write is put down to lack of space. */
const FULL_DISK_BYTES = 2 ** 20;

/** A version's place on disk: its revision, and its position among the writes of that transaction. */
type RecordKey = [Revision, number];

interface Waiting {
  readonly transaction: Transaction;
  readonly resolve: (revision: Revision) => void;
  readonly reject: (reason: Error) => void;
}

export class EmbeddedStore implements Store {
  readonly #root: RootDatabase;
  readonly #directory: string;
  readonly #records: Database<Uint8Array, RecordKey>;
  readonly #marks: Database<Revision, string>;
  /** The value of a version is its position in its transaction. */
  readonly #index = new VersionIndex<number>();
  readonly #log: EventLog<StoreEvent>;
  readonly #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  /** Records that are forgotten but still on disk. */
  #garbage: RecordKey[] = [];
  #revision: Revision;
  #compacted: Revision;
  #closing: Promise<void> | undefined;

  /** Throws Unavailable, saying why, when the directory cannot be used or another process holds it. */
  static open(directory: string): EmbeddedStore {
    try {
      // What is stored includes Secrets.
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      // Without event-turn batching, lmdb leaves no promise of its own that fails unhandled; groups are batched here.
      const root = open({ path: directory, overlappingSync: false, eventTurnBatching: false, encoding: "binary" });
      const holder = otherProcess(root);
      if (holder === undefined) return new EmbeddedStore(root, directory);
      void root.close();
      throw new Error(`process ${holder} is using it`);
    } catch (cause) {
      throw new Unavailable(`cannot open the store in ${directory}: ${errorMessage(cause)}`, { cause });
    }
  }

  private constructor(root: RootDatabase, directory: string) {
    this.#root = root;
    this.#directory = directory;
    this.#records = root.openDB("records", { encoding: "binary" });
    this.#marks = root.openDB("marks", { encoding: "json" });
    this.#compacted = this.#marks.get(COMPACTED) ?? 0;
    // Compaction may have removed the newest record, a deletion.
    this.#revision = Math.max(FIRST_REVISION, this.#compacted);
    for (const { key: place, value } of this.#records.getRange()) {
      const [revision, position] = place;
      const { key, createRevision } = decodeRecord(value);
      this.#index.add(key, { revision, createRevision, value: position });
      this.#revision = Math.max(this.#revision, revision);
    }
    this.#log = new EventLog({ after: this.#revision, eventsMax: RECENT_EVENTS, keyOf: (event) => event.key });
  }

  get(key: string): Promise<Stored | undefined> {
    return this.#answer(() => {
      const version = this.#index.head(key);
      return version && this.#load(key, version);
    });
  }

  /** Reads a page at one go: callers with many keys set a limit. */
  list(prefix: string, page: Page = {}): Promise<StoredList> {
    return this.#answer(() => {
      const revision = page.revision ?? this.#revision;
      if (revision < this.#compacted) throw new Compacted(this.#compacted);
      if (revision > this.#revision) throw new Unavailable(`revision ${revision} has not been reached`);
      const { items, remaining } = this.#index.list(prefix, revision, page);
      return { items: items.map(([key, version]) => this.#load(key, version)), revision, remaining };
    });
  }

  commit(transaction: Transaction): Promise<Revision> {
    return new Promise((resolve, reject) => {
      this.#assertOpen();
      assertWellFormed(transaction);
      if (this.#waiting.length >= WAITING_MAX) throw new Unavailable("too many writes are waiting for the disk");
      this.#waiting.push({ transaction, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  async *watch(prefix: string, after: Revision, signal: AbortSignal): AsyncGenerator<StoreBatch, void, undefined> {
    let reached = after;
    while (!signal.aborted && !this.#closing) {
      if (reached < this.#compacted) throw new Compacted(this.#compacted);
      if (!this.#log.covers(reached)) {
        const batch = this.#readHistory(prefix, reached);
        reached = batch.revision;
        yield batch;
        continue;
      }
      for await (const batch of this.#log.follow({ prefix, after: reached, signal })) {
        reached = batch.revision;
        yield batch;
      }
    }
  }

  revision(): Promise<Revision> {
    return this.#answer(() => {
      this.#log.request(this.#revision);
      return this.#revision;
    });
  }

  async compact(before: Revision): Promise<void> {
    this.#assertOpen();
    const target = Math.min(before, this.#revision);
    if (target > this.#compacted) {
      await this.#persist(() => [this.#marks.put(COMPACTED, target)]);
      this.#compacted = Math.max(this.#compacted, target);
      this.#log.forget(this.#compacted);
    }
    // A step at a time: after a busy hour there are a million.
    for (;;) {
      const dropped = this.#index.compact(this.#compacted, STEP);
      this.#garbage.push(...dropped.map((version): RecordKey => [version.revision, version.value]));
      await this.#removeGarbage();
      if (dropped.length < STEP) return;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#log.close();
    await this.#writing;
    await this.#root.close();
  }

  async #writeAll(): Promise<void> {
    // Callers of this turn of the event loop are let into the first group.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#writeGroup(this.#waiting.splice(0, GROUP_MAX));
    this.#writing = undefined;
  }

  /** Conflicts, too, are told only afterwards: they may be with a transaction of the same group. */
  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    const plan = planGroup(
      group.map(({ transaction }) => transaction),
      { revision: this.#revision, head: (key) => this.#index.head(key) },
    );
    try {
      await this.#persist(() => plan.flatMap((commit) => this.#putRecords(commit)));
    } catch (error) {
      for (const { reject } of group) reject(error as Error);
      return;
    }
    group.forEach(({ resolve, reject }, index) => {
      const commit = plan[index];
      if (!commit) return;
      if (commit.conflict !== undefined) return reject(new Conflict(commit.conflict));
      if (commit.writes.length > 0) this.#apply(commit);
      resolve(commit.revision);
    });
  }

  #putRecords(commit: PlannedCommit): Promise<boolean>[] {
    if (commit.conflict !== undefined) return [];
    return commit.writes.map(({ key, createRevision, value = new Uint8Array() }, position) =>
      this.#records.put([commit.revision, position], encodeRecord({ key, createRevision, value })),
    );
  }

  #apply({ revision, writes }: Extract<PlannedCommit, { conflict: undefined }>): void {
    const events = writes.map(({ key, value, createRevision }, position): StoreEvent => {
      const before = this.#index.head(key);
      const previous = before && this.#load(key, before).value;
      this.#index.add(key, { revision, createRevision, value: position });
      return { key, value, revision, previous };
    });
    this.#revision = revision;
    this.#log.append({ revision, events });
  }

  /** Writes all or nothing, and resolves when it is on disk. Throws Unavailable; the database stays usable. */
  async #persist(queue: () => readonly Promise<boolean>[]): Promise<void> {
    let writes: readonly Promise<boolean>[] = [];
    const batch = this.#root.batch(() => {
      writes = queue();
    });
    // Each write has a promise of its own, which fails with the batch.
    const outcomes = await Promise.allSettled([batch, ...writes]);
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed) throw new Unavailable(await describeFailure(failed.reason, this.#directory), { cause: failed.reason });
  }

  async #removeGarbage(): Promise<void> {
    while (this.#garbage.length > 0) {
      const step = this.#garbage.splice(0, STEP);
      try {
        await this.#persist(() => step.map((place) => this.#records.remove(place)));
      } catch (error) {
        this.#garbage.push(...step);
        throw error;
      }
    }
  }

  /** What is older than the log in memory, a step at a time. */
  #readHistory(prefix: string, after: Revision): StoreBatch {
    const events: StoreEvent[] = [];
    let revision = after;
    let records = 0;
    const range = { start: [after + 1, 0] as RecordKey, end: [this.#revision + 1, 0] as RecordKey };
    for (const { key: place, value: bytes } of this.#records.getRange(range)) {
      if (records >= STEP && place[0] > revision) return { revision, events };
      records += 1;
      revision = place[0];
      const { key, createRevision, value } = decodeRecord(bytes);
      if (!key.startsWith(prefix)) continue;
      const before = this.#index.at(key, revision - 1);
      const previous = before && this.#load(key, before).value;
      events.push({ key, value: createRevision === 0 ? undefined : value, revision, previous });
    }
    return { revision: this.#revision, events };
  }

  /** Hands out the very bytes that were put while those are recent, so that what they stand for can be found by identity. */
  #load(key: string, { revision, createRevision, value: position }: Version<number>): Stored {
    const value = this.#log.find(key, revision)?.value ?? this.#read([revision, position]);
    return { key, value, revision, createRevision };
  }

  #read(place: RecordKey): Uint8Array {
    const record = this.#records.get(place);
    assert(record, `the record of ${place.join("/")} is on disk as long as the index has it`);
    return decodeRecord(record).value;
  }

  #answer<T>(run: () => T): Promise<T> {
    return new Promise((resolve) => {
      this.#assertOpen();
      resolve(run());
    });
  }

  #assertOpen(): void {
    if (this.#closing) throw new Unavailable("the store is closed");
  }
}

/** A process besides this one that has the database open. lmdb registers readers under locks that end with their process. */
function otherProcess(root: RootDatabase): number | undefined {
  // Reading registers this process, so that of two that open at the same time at least one sees the other.
  root.get("");
  root.readerCheck();
  const readers = [...root.readerList().matchAll(/^\s*(\d+)\s/gm)].map((match) => Number(match[1]));
  return readers.find((pid) => pid !== process.pid);
}

/** lmdb hides the cause of a failed commit in a promise on the error, and reports a disk that fills up in several ways. */
async function describeFailure(reason: unknown, directory: string): Promise<string> {
  const hidden = (reason as { commitError?: Promise<unknown> }).commitError;
  const cause = await Promise.resolve(hidden).catch((error: unknown) => error);
  const { bavail, bsize } = statfsSync(directory);
  if (bavail * bsize < FULL_DISK_BYTES) return "the store cannot write: the disk is full";
  return `the store cannot write: ${cause instanceof Error ? cause.message : String(reason)}`;
}
