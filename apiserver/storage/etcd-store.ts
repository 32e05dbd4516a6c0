// The store in etcd. Reads are linearizable, a transaction is one of etcd's, and one raw watch stream over all keys of
// the cluster feeds every watch here: a change anywhere then shows how far all of them have come.
// It never repeats a transaction whose outcome it does not know. Bounds: `RECENT_EVENTS` events are kept for watches; older ones
// are streamed from etcd again; etcd takes 4,096 checks and 4,096 writes, and 1.5 MiB, per transaction.

import type { Duplex } from "node:stream";
import { backoffDelayMs } from "../../lib/backoff.ts";
import { pause, sleep, type Clock } from "../../lib/clock.ts";
import {
  connectToEtcd,
  type Etcd3,
  type IEvent,
  type IKeyValue,
  type IRangeResponse,
  type ITxnRequest,
  type IWatchResponse,
} from "./etcd-client.ts";
import { EtcdKeys } from "./etcd-keys.ts";
import { etcdError, isCompacted, isFuture } from "./etcd-error.ts";
import { EtcdTransactions } from "./etcd-transactions.ts";
import { EventLog } from "./event-log.ts";
import { SharedCall } from "./shared-call.ts";
import { compareKeys } from "./sorted-map.ts";
import { assertWellFormed } from "./transaction.ts";
import {
  Compacted,
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

export interface EtcdStoreOptions {
  /** Such as `http://127.0.0.1:2379`; one is used at a time, the next when it fails. */
  readonly endpoints: readonly string[];
  /** Put before every key, so that several clusters can share one etcd; empty unless given. */
  readonly keyPrefix?: string;
  /** PEM. Needed for https endpoints whose CA the system does not know. */
  readonly tls?: { readonly ca: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
  readonly clock: Clock;
}

const RECENT_EVENTS = 4096;
const RECONNECT = { initialMs: 50, maxMs: 2000 };
/** How long the watch may lag behind a revision asked for before a write of our own is used to find out where it is. */
const LAG_MS = 250;
/** How long our own write may take to appear before the stream counts as dead. */
const DEAD_STREAM_MS = 3000;
const PROGRESS_KEY = "/gantry/progress";

type WatchStream = Duplex & AsyncIterable<IWatchResponse> & { cancel(): void };

export class EtcdStore implements Store {
  readonly #clock: Clock;
  readonly #keys: EtcdKeys;
  readonly #clients: readonly Etcd3[];
  readonly #closed = new AbortController();
  readonly #transactions: EtcdTransactions;
  readonly #sharedRevision = new SharedCall(() => this.#readRevision());
  #current = 0;
  /** What the feed has delivered lately; replaced when the feed has lost its place. */
  #log: EventLog<StoreEvent> | undefined;
  #feedStream = new AbortController();
  #wanted: Revision = 0;
  #pursuing = false;

  constructor({ endpoints, keyPrefix = "", tls, clock }: EtcdStoreOptions) {
    this.#clock = clock;
    this.#keys = new EtcdKeys(keyPrefix);
    const send = (request: ITxnRequest) => this.#call((client) => client.kv.txn(request));
    this.#transactions = new EtcdTransactions({ keys: this.#keys, send });
    const credentials = tls && { rootCertificate: tls.ca, certChain: tls.cert, privateKey: tls.key };
    this.#clients = endpoints.map((hosts) => connectToEtcd({ hosts, credentials, clock }));
  }

  async get(key: string): Promise<Stored | undefined> {
    const { kvs } = await this.#read((client) => client.kv.range({ key: this.#keys.encode(key) }));
    return kvs[0] && this.#storedOf(kvs[0]);
  }

  async list(prefix: string, page: Page = {}): Promise<StoredList> {
    const { afterKey, limit = 0, revision = 0 } = page;
    // U+0000 is the lowest character, so that nothing sorts between a key and this successor of it.
    const start = afterKey === undefined || compareKeys(afterKey, prefix) < 0 ? prefix : `${afterKey}\u0000`;
    const range = { key: this.#keys.encode(start), range_end: this.#keys.endOf(prefix), limit, revision };
    let response: IRangeResponse;
    try {
      response = await this.#read((client) => client.kv.range(range));
    } catch (error) {
      if (!isCompacted(error)) throw error;
      throw new Compacted(await this.#oldestAfter(revision));
    }
    const items = response.kvs.map((each) => this.#storedOf(each));
    return { items, revision: revision || revisionOf(response), remaining: Number(response.count) - items.length };
  }

  async commit(transaction: Transaction): Promise<Revision> {
    assertWellFormed(transaction);
    return this.#transactions.commit(transaction);
  }

  async *watch(prefix: string, after: Revision, signal: AbortSignal): AsyncGenerator<StoreBatch, void, undefined> {
    const ended = AbortSignal.any([signal, this.#closed.signal]);
    let reached = after;
    for (let failures = 0; !ended.aborted;) {
      const log = this.#feed(reached);
      const source = log.covers(reached)
        ? log.follow({ prefix, after: reached, signal: ended })
        : this.#catchUp({ prefix, after: reached, signal: ended }, log);
      try {
        for await (const batch of source) {
          reached = batch.revision;
          failures = 0;
          yield batch;
        }
      } catch (error) {
        if (ended.aborted) return;
        if (error instanceof Compacted) throw error;
        failures += 1;
        await this.#pause(failures);
      }
    }
  }

  revision(): Promise<Revision> {
    return this.#sharedRevision.run();
  }

  async compact(before: Revision): Promise<void> {
    const revision = Math.min(before, await this.#readRevision());
    try {
      await this.#call((client) => client.kv.compact({ revision }));
    } catch (error) {
      if (!isCompacted(error)) throw error;
    }
    this.#log?.forget(revision);
  }

  close(): Promise<void> {
    this.#closed.abort();
    this.#feedStream.abort();
    this.#log?.close();
    for (const client of this.#clients) client.close();
    return Promise.resolve();
  }

  async #readRevision(): Promise<Revision> {
    const probe = { key: this.#keys.encode(PROGRESS_KEY), count_only: true };
    const revision = revisionOf(await this.#read((client) => client.kv.range(probe)));
    this.#log?.request(revision);
    this.#wanted = Math.max(this.#wanted, revision);
    if (this.#log && this.#log.revision < revision) void this.#pursue();
    return revision;
  }

  /**
   * Makes sure that the feed gets to the revision that was asked for. Usually its event is on the way. But others may write to
   * the same etcd outside of our prefix; then a write of our own shows the feed that nothing came before it. (etcd's progress
   * requests cannot be used for this: before 3.4.25 and 3.5.8 the answer can overtake events.)
   */
  async #pursue(): Promise<void> {
    if (this.#pursuing) return;
    this.#pursuing = true;
    const lags = () => this.#log !== undefined && this.#log.revision < this.#wanted;
    try {
      await sleep(this.#clock, LAG_MS, this.#closed.signal);
      if (!lags()) return;
      await this.commit({ checks: [], writes: [{ key: PROGRESS_KEY, value: new Uint8Array() }] });
      await sleep(this.#clock, DEAD_STREAM_MS, this.#closed.signal);
      if (!lags()) return;
      this.#rotate();
      this.#feedStream.abort();
    } catch {
      // The store is closed, or etcd is out of reach: then the feed reconnects, and the next call for the revision asks again.
    } finally {
      this.#pursuing = false;
    }
  }

  /** The log of recent events; the first watch starts it where it begins itself. */
  #feed(after: Revision): EventLog<StoreEvent> {
    if (!this.#log) {
      this.#log = new EventLog({ after, eventsMax: RECENT_EVENTS, keyOf: (event) => event.key });
      void this.#runFeed(this.#log);
    }
    return this.#log;
  }

  async #runFeed(log: EventLog<StoreEvent>): Promise<void> {
    for (let failures = 0; !this.#closed.signal.aborted;) {
      this.#feedStream = new AbortController();
      try {
        for await (const batch of this.#stream(log.revision, this.#feedStream.signal)) {
          log.append(batch);
          failures = 0;
        }
      } catch (error) {
        if (error instanceof Compacted) {
          // The watches find out one by one whether they, too, are too late.
          this.#log = undefined;
          log.close();
          return;
        }
      }
      failures += 1;
      await this.#pause(failures);
    }
  }

  /** Streams from etcd what the log does not reach back to, until it does. */
  async *#catchUp(
    { prefix, after, signal }: { readonly prefix: string; readonly after: Revision; readonly signal: AbortSignal },
    log: EventLog<StoreEvent>,
  ): AsyncGenerator<StoreBatch, void, undefined> {
    for await (const batch of this.#stream(after, signal)) {
      yield { revision: batch.revision, events: batch.events.filter((event) => event.key.startsWith(prefix)) };
      if (log.covers(batch.revision) || log.closed) return;
    }
  }

  /**
   * One watch stream over all our keys, from after a revision until it breaks or the signal is aborted. A batch reaches as far
   * as its last event and no further: the header's revision runs ahead while history is being sent.
   */
  async *#stream(after: Revision, signal: AbortSignal): AsyncGenerator<StoreBatch, void, undefined> {
    const stream = (await this.#client().watchClient.watch()) as unknown as WatchStream;
    const cancel = () => {
      // Ended first: the client takes the cancelling of an open stream for a failure of the server.
      stream.end();
      stream.cancel();
    };
    signal.addEventListener("abort", cancel);
    try {
      if (signal.aborted) return;
      stream.write({ create_request: this.#watchRequest(after) });
      let events: StoreEvent[] = [];
      for await (const response of stream) {
        if (response.canceled) throw cancellation(response);
        for (const event of response.events) {
          if (Number(event.kv.mod_revision) > after) events.push(this.#eventOf(event));
        }
        const last = events.at(-1);
        if (response.fragment || !last) continue;
        yield { revision: last.revision, events };
        events = [];
      }
    } catch (error) {
      if (signal.aborted || error instanceof Compacted) throw error;
      this.#rotate();
      throw etcdError(error);
    } finally {
      signal.removeEventListener("abort", cancel);
      cancel();
    }
  }

  /** Starts at `after` itself: from one later, etcd would silently leave out deletions at a revision just compacted. */
  #watchRequest(after: Revision) {
    return {
      key: this.#keys.encode(""),
      range_end: this.#keys.endOf(""),
      start_revision: Math.max(after, 1),
      prev_kv: true,
      fragment: true,
    };
  }

  /** The oldest revision kept, given one that is not: only a watch is told. */
  async #oldestAfter(revision: Revision): Promise<Revision> {
    try {
      await this.#stream(revision, this.#closed.signal).next();
    } catch (error) {
      if (error instanceof Compacted) return error.oldest;
      throw error;
    }
    return revision + 1;
  }

  /** A call that may be repeated: it is tried on each endpoint. */
  async #read<T>(call: (client: Etcd3) => Promise<T>): Promise<T> {
    for (let left = this.#clients.length - 1; left > 0; left -= 1) {
      try {
        return await this.#call(call);
      } catch (error) {
        if (isCompacted(error) || isFuture(error) || this.#closed.signal.aborted) throw error;
      }
    }
    return this.#call(call);
  }

  async #call<T>(call: (client: Etcd3) => Promise<T>): Promise<T> {
    const client = this.#client();
    try {
      return await call(client);
    } catch (cause) {
      const error = etcdError(cause);
      if (!isCompacted(error) && !isFuture(error) && error instanceof Unavailable && client === this.#client())
        this.#rotate();
      throw error;
    }
  }

  #client(): Etcd3 {
    const client = this.#clients[this.#current];
    if (!client || this.#closed.signal.aborted) throw new Unavailable("the store is closed");
    return client;
  }

  #rotate(): void {
    this.#current = (this.#current + 1) % this.#clients.length;
  }

  #pause(failures: number): Promise<void> {
    return pause(this.#clock, backoffDelayMs(RECONNECT, failures), this.#closed.signal);
  }

  #storedOf({ key, value, mod_revision, create_revision }: IKeyValue): Stored {
    return {
      key: this.#keys.decode(key),
      value,
      revision: Number(mod_revision),
      createRevision: Number(create_revision),
    };
  }

  #eventOf({ type, kv, prev_kv }: IEvent): StoreEvent {
    const previous = (prev_kv as IKeyValue | null)?.value;
    const value = type === "Put" ? kv.value : undefined;
    return { key: this.#keys.decode(kv.key), value, revision: Number(kv.mod_revision), previous };
  }
}

const revisionOf = (response: { readonly header: { readonly revision: string } }) => Number(response.header.revision);

function cancellation({ compact_revision, cancel_reason }: IWatchResponse): Error {
  const oldest = Number(compact_revision);
  return oldest > 0 ? new Compacted(oldest) : new Unavailable(`etcd has ended the watch: ${cancel_reason}`);
}
