// A store in memory, for tests and the simulator: the plainest implementation of the contract, and deterministic.
// It keeps all history until compacted, so its memory is bounded by how often that is done.

import { EventLog } from "./event-log.ts";
import { assertWellFormed, findConflict } from "./transaction.ts";
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
  type Write,
} from "./store.ts";

/** An empty store is at revision 1, as in etcd: 0 would mean "before everything". */
const FIRST_REVISION = 1;

type Bytes = Uint8Array | undefined;

export class MemoryStore implements Store {
  readonly #index = new VersionIndex<Bytes>();
  readonly #log = new EventLog<StoreEvent>({ after: 0, keyOf: (event) => event.key });
  #revision: Revision = FIRST_REVISION;
  #compacted: Revision = 0;
  #closed = false;

  get(key: string): Promise<Stored | undefined> {
    return this.#answer(() => {
      const version = this.#index.head(key);
      return version && storedOf(key, version);
    });
  }

  list(prefix: string, page: Page = {}): Promise<StoredList> {
    return this.#answer(() => {
      const revision = page.revision ?? this.#revision;
      if (revision < this.#compacted) throw new Compacted(this.#compacted);
      if (revision > this.#revision) throw new Unavailable(`revision ${revision} has not been reached`);
      const { items, remaining } = this.#index.list(prefix, revision, page);
      return { items: items.map(([key, version]) => storedOf(key, version)), revision, remaining };
    });
  }

  commit(transaction: Transaction): Promise<Revision> {
    return this.#answer(() => {
      assertWellFormed(transaction);
      const conflict = findConflict(transaction.checks, (key) => this.#index.head(key)?.revision ?? 0);
      if (conflict !== undefined) throw new Conflict(conflict);
      const writes = transaction.writes.filter(({ key, value }) => value ?? this.#index.head(key));
      if (writes.length === 0) return this.#revision;
      this.#revision += 1;
      this.#log.append({ revision: this.#revision, events: writes.map((write) => this.#apply(write)) });
      return this.#revision;
    });
  }

  async *watch(prefix: string, after: Revision, signal: AbortSignal): AsyncGenerator<StoreBatch, void, undefined> {
    if (!this.#log.covers(after)) throw new Compacted(this.#compacted);
    let reached = after;
    for await (const batch of this.#log.follow({ prefix, after, signal })) {
      reached = batch.revision;
      yield batch;
    }
    if (!signal.aborted && !this.#closed && !this.#log.covers(reached)) throw new Compacted(this.#compacted);
  }

  revision(): Promise<Revision> {
    return this.#answer(() => {
      this.#log.request(this.#revision);
      return this.#revision;
    });
  }

  compact(before: Revision): Promise<void> {
    return this.#answer(() => {
      this.#compacted = Math.max(this.#compacted, Math.min(before, this.#revision));
      this.#index.compact(this.#compacted);
      this.#log.forget(this.#compacted);
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#log.close();
    return Promise.resolve();
  }

  #apply({ key, value }: Write): StoreEvent {
    const revision = this.#revision;
    const previous = this.#index.head(key);
    const createRevision = value ? (previous?.createRevision ?? revision) : 0;
    this.#index.add(key, { revision, createRevision, value });
    return { key, value, revision, previous: previous?.value };
  }

  /** Runs at once, so that calls take effect in the order in which they are made. */
  #answer<T>(run: () => T): Promise<T> {
    return new Promise((resolve) => {
      if (this.#closed) throw new Unavailable("the store is closed");
      resolve(run());
    });
  }
}

const storedOf = (key: string, { revision, createRevision, value }: Version<Bytes>): Stored => ({
  key,
  value: value ?? new Uint8Array(),
  revision,
  createRevision,
});
