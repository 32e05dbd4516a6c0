// The current objects under one prefix and their recent changes, fed by a single store watch: what reads and client watches
// are served from. It never writes, and never shows a revision before everything up to it has been applied.
// Bounds: `windowMax` recent events are kept, and a watcher further behind than that is cut; `EXPECTED_MAX` objects on their
// way to the store are kept. The rest is one entry per object.

import { backoffDelayMs } from "../../lib/backoff.ts";
import { pause, sleep, type Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import { atRevision, CachedEntry, planEvents, type CacheBatch, type CacheEvent, type Entry } from "./cache-entry.ts";
import { EventLog } from "./event-log.ts";
import { readHistory } from "./read-history.ts";
import { RevisionWaiters } from "./revision-waiters.ts";
import { SharedCall } from "./shared-call.ts";
import { SortedMap } from "./sorted-map.ts";
import {
  Compacted,
  Unavailable,
  type Revision,
  type Store,
  type StoreBatch,
  type StoreEvent,
  type StoredList,
} from "./store.ts";

export interface WatchCacheOptions {
  readonly store: Store;
  /** The keys it holds, such as `/registry/pods/`. */
  readonly prefix: string;
  /** The frozen object of a stored version, `metadata.resourceVersion` set. Throws when it cannot be read: the object is then left out. */
  decode(stored: EncodedVersion): KubeObject;
  /** How many events are kept for late and slow watchers; 4096 unless given. */
  readonly windowMax?: number;
  readonly log: Log;
  readonly clock: Clock;
}

export interface EncodedVersion {
  readonly key: string;
  readonly value: Uint8Array;
  readonly revision: Revision;
}

/** A version that is about to be stored: its bytes, and the frozen object that they stand for. */
interface Expected {
  readonly bytes: Uint8Array;
  readonly object: KubeObject;
}

export interface CacheWatchOptions {
  readonly prefix: string;
  readonly after: Revision;
  readonly signal: AbortSignal;
  /**
   * Begins with the changes of `after` itself: the watcher has that revision from one of them, and may have been cut off
   * before the others.
   */
  readonly again?: boolean;
}

/** The watcher was further behind than the window reaches: it must list again. */
export class SlowWatcher extends Error {
  constructor() {
    super("the watcher was too slow: it is further behind than the recent events that are kept");
  }
}

/** Writes on their way are few; those that failed linger until they are the oldest of this many. */
const EXPECTED_MAX = 512;
const RETRY = { initialMs: 100, maxMs: 5000 };
/** Objects decoded before other work gets its turn: well under 20 ms. */
const LIST_PAGE = 500;
const PROGRESS_INTERVAL_MS = 1000;

export class WatchCache {
  readonly #options: WatchCacheOptions;
  /** Replaced when the cache has lost its place in the store. */
  #events: EventLog<CacheEvent>;
  readonly #waiters = new RevisionWaiters();
  readonly #storeRevision: SharedCall<Revision>;
  /** Objects that this server is writing, by key, the oldest first. */
  readonly #expected = new Map<string, Expected>();
  #entries = new SortedMap<Entry>();
  #revision: Revision = 0;
  /** The revision of a list whose own changes the store could not tell any more. */
  #untold: Revision | undefined;
  #changes = 0;
  #lastHistory: Promise<unknown> = Promise.resolve();
  #cancelReport: (() => void) | undefined;

  constructor(options: WatchCacheOptions) {
    this.#options = options;
    this.#events = this.#newLog(0);
    this.#storeRevision = new SharedCall(() => options.store.revision());
  }

  /** Lists, then follows until the signal is aborted. Resolves when first synced; rejects when aborted before. Called once. */
  async start(signal: AbortSignal): Promise<void> {
    void this.#run(signal);
    await this.#waiters.wait(1, signal);
  }

  /** Grows whenever an object changes: equal numbers mean equal content. */
  get changes(): number {
    return this.#changes;
  }

  /** What the cache has reached; 0 before the first sync. */
  get revision(): Revision {
    return this.#revision;
  }

  /**
   * Resolves when the cache shows everything committed before the call. Throws Unavailable when the store cannot say what
   * that is, and the signal's reason when that is aborted: while the store is out of reach this waits.
   */
  async fresh(caller: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const revision = await this.#storeRevision.run();
    if (this.#revision < revision) await this.#waiters.wait(revision, caller.signal);
  }

  /** Whether the cache reaches the revision within the time. Also when that is the revision of a change elsewhere. */
  async reached(revision: Revision, timeoutMs: number): Promise<boolean> {
    if (this.#revision >= revision) return true;
    const limit = new AbortController();
    const cancel = this.#options.clock.setTimer(timeoutMs, () => limit.abort());
    const wait = this.#waiters.wait(revision, limit.signal);
    // Asking for the store's revision makes the store report its progress to this cache.
    const nudge = this.#storeRevision.run().catch(() => 0);
    try {
      await wait;
    } catch (error) {
      if (!limit.signal.aborted) throw error;
    } finally {
      cancel();
    }
    await nudge;
    return this.#revision >= revision;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** The entries under a prefix in key order: a snapshot at `revision`. */
  list(prefix: string): readonly Entry[] {
    return Array.from(this.walk(prefix));
  }

  /** The same one by one, for readers that may stop early. To be read in one go: the cache must not change meanwhile. */
  *walk(prefix: string): IterableIterator<Entry> {
    for (const [, entry] of this.#entries.withPrefix(prefix)) yield entry;
  }

  /** How many entries under a prefix there are, or come after a key. */
  count(prefix: string, afterKey?: string): number {
    return this.#entries.countWithPrefix(prefix, afterKey === undefined ? prefix : `${afterKey}\u0000`);
  }

  /**
   * The changes after a revision, each once and in order, those of one revision in one batch; a batch's `revision` has been
   * reached by the watcher. Empty batches report progress, at most one a second, where only other keys have changed (see
   * `fresh`). What is older than the window comes from the store. Throws Compacted when `after` is older than that, too, and
   * when the cache itself has lost its place in the store; SlowWatcher when the watcher falls behind the window. Ends when
   * the signal is aborted or the cache is stopped.
   */
  async *watch(options: CacheWatchOptions): AsyncGenerator<CacheBatch, void, undefined> {
    const events = this.#events;
    let after = options.again && options.after !== this.#untold ? options.after - 1 : options.after;
    if (!events.covers(after)) {
      const history = await this.#readHistory({ ...options, after });
      after = history.at(-1)?.revision ?? after;
      yield* history;
    }
    yield* events.follow({ ...options, after });
    if (options.signal.aborted) return;
    if (events !== this.#events) throw new Compacted(this.#events.oldest);
    if (!events.closed) throw new SlowWatcher();
  }

  /** One after the other: after a restart many watchers come at once, and each history is held in memory. */
  async #readHistory({ prefix, after, signal }: CacheWatchOptions): Promise<readonly CacheBatch[]> {
    const { store, decode, clock } = this.#options;
    const until = this.#events.oldest;
    const history = this.#lastHistory.then(() => readHistory({ store, decode, prefix, after, until, signal, clock }));
    this.#lastHistory = history.catch(() => undefined);
    return history;
  }

  /**
   * Announces that these bytes, about to be committed under the key, are this frozen object, so that it need not be decoded
   * when the store hands the same bytes back. Forgotten with the next change of the key, or when many others have followed.
   */
  expect(key: string, { bytes, object }: Expected): void {
    this.#expected.delete(key);
    this.#expected.set(key, { bytes, object });
    const [oldest] = this.#expected.keys();
    if (this.#expected.size > EXPECTED_MAX && oldest !== undefined) this.#expected.delete(oldest);
  }

  #takeExpected(key: string, value: Uint8Array): KubeObject | undefined {
    const expected = this.#expected.get(key);
    if (!expected) return undefined;
    this.#expected.delete(key);
    const isSame = expected.bytes === value || Buffer.compare(expected.bytes, value) === 0;
    return isSame ? expected.object : undefined;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, log, prefix } = this.#options;
    let failures = 0;
    let listed = false;
    while (!signal.aborted) {
      try {
        if (!listed) await this.#load(signal);
        listed = true;
        for await (const batch of this.#options.store.watch(prefix, this.#revision, signal)) {
          this.#apply(batch);
          failures = 0;
        }
        if (!signal.aborted) throw new Unavailable("the store has ended the watch");
      } catch (error) {
        if (signal.aborted) break;
        if (error instanceof Compacted) listed = false;
        failures += 1;
        log.warn("the watch cache has lost the store and tries again", { prefix, failures, error });
        await pause(clock, backoffDelayMs(RETRY, failures), signal);
      }
    }
    this.#cancelReport?.();
    this.#events.close();
    this.#waiters.fail(new Unavailable("the watch cache has been stopped"));
  }

  /**
   * Reads everything; the old state is served until the new one is complete. What happened between the two is known by its
   * result only, so that those who watch are cut off: they list again.
   */
  async #load(signal: AbortSignal): Promise<void> {
    const loaded = new SortedMap<Entry>();
    let page = await this.#listPage();
    const { revision } = page;
    for (;;) {
      for (const stored of page.items) {
        const before = this.#entries.get(stored.key);
        const entry = before?.revision === stored.revision ? before : this.#decode(stored);
        if (entry) loaded.set(stored.key, entry);
      }
      if (page.remaining === 0) break;
      await sleep(this.#options.clock, 0, signal);
      page = await this.#listPage({ afterKey: page.items.at(-1)?.key, revision });
    }
    const log = await this.#logFrom(revision, signal);
    const stale = this.#events;
    this.#events = log;
    stale.close();
    this.#entries = loaded;
    this.#changes += 1;
    this.#publish({ revision, events: [] });
  }

  /** A log that begins with the changes of this revision, for those who know a part of them, where the store can still tell them. */
  async #logFrom(revision: Revision, signal: AbortSignal): Promise<EventLog<CacheEvent>> {
    const { store, prefix, decode, clock } = this.#options;
    const after = revision - 1;
    const log = this.#newLog(after);
    this.#untold = undefined;
    // The first revision of a store is that of nothing.
    if (after === 0) return log;
    try {
      const history = await readHistory({ store, decode, prefix, after, until: revision, signal, clock });
      for (const { events } of history) {
        log.append({ revision, events: events.filter((event) => event.revision === revision) });
      }
    } catch (error) {
      if (!(error instanceof Compacted)) throw error;
      this.#untold = revision;
      log.refuseBefore(revision);
    }
    return log;
  }

  #newLog(after: Revision): EventLog<CacheEvent> {
    const { windowMax = 4096 } = this.#options;
    return new EventLog({ after, eventsMax: windowMax, keyOf: (event) => event.entry.key });
  }

  #listPage(from: { readonly afterKey?: string; readonly revision?: Revision } = {}): Promise<StoredList> {
    return this.#options.store.list(this.#options.prefix, { limit: LIST_PAGE, ...from });
  }

  #apply(batch: StoreBatch): void {
    const events: CacheEvent[] = [];
    for (const event of batch.events) {
      const before = this.#entries.get(event.key);
      const after = this.#entryOf(event);
      if (after) this.#entries.set(event.key, after);
      else this.#entries.delete(event.key);
      events.push(...planEvents(before, after, event.revision));
    }
    this.#publish({ revision: batch.revision, events });
  }

  #entryOf({ key, value, revision }: StoreEvent): Entry | undefined {
    return value && this.#decode({ key, value, revision });
  }

  #decode(stored: EncodedVersion): Entry | undefined {
    const { key, value, revision } = stored;
    const expected = this.#takeExpected(key, value);
    if (expected) return new CachedEntry(key, atRevision(expected, revision), revision);
    try {
      return new CachedEntry(key, this.#options.decode(stored), revision);
    } catch (error) {
      // One unreadable object must not take its whole kind away.
      this.#options.log.error("a stored object cannot be read and is left out", { key, revision, error });
      return undefined;
    }
  }

  #publish(batch: CacheBatch): void {
    this.#revision = Math.max(this.#revision, batch.revision);
    if (batch.events.length > 0) this.#changes += 1;
    this.#events.append(batch);
    this.#waiters.reached(this.#revision);
    this.#cancelReport ??= this.#options.clock.setTimer(PROGRESS_INTERVAL_MS, () => {
      this.#cancelReport = undefined;
      this.#events.request(this.#revision);
    });
  }
}
