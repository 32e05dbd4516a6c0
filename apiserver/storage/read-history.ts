// The changes that a cache has not seen or has forgotten, read from the store again: a client that resumes its watch after this
// server was restarted misses nothing, as long as the store still knows what happened.

import type { KubeObject } from "../../api/meta/object.ts";
import type { Clock } from "../../lib/clock.ts";
import { Stretch } from "../../lib/stretch.ts";
import { CachedEntry, planEvents, type CacheBatch, type CacheEvent, type Entry } from "./cache-entry.ts";
import { Compacted, type Revision, type Store, type StoreEvent } from "./store.ts";

export interface HistoryOptions {
  readonly store: Pick<Store, "watch" | "revision">;
  /** Throws when the version cannot be read: it is then taken for absent, as in the cache. */
  decode(stored: { readonly key: string; readonly value: Uint8Array; readonly revision: Revision }): KubeObject;
  readonly prefix: string;
  readonly after: Revision;
  /** What the cache knows by itself begins here. */
  readonly until: Revision;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** More is not held in memory for one watcher: listing again is cheaper. */
const EVENTS_MAX = 10_000;

/** The changes after `after`, up to `until` at least; the last batch says how far. Throws Compacted where they are gone, or too many. */
export async function readHistory(options: HistoryOptions): Promise<readonly CacheBatch[]> {
  const { store, prefix, after, until, signal, clock } = options;
  const ended = new AbortController();
  const batches: CacheBatch[] = [];
  const stretch = new Stretch(clock);
  let count = 0;
  // Asked for its revision, the store reports how far its watches have come, also where nothing has changed for them.
  const nudge = store.revision();
  try {
    for await (const batch of store.watch(prefix, after, AbortSignal.any([signal, ended.signal]))) {
      const events: CacheEvent[] = [];
      for (const event of batch.events) {
        if (stretch.isOver) await stretch.pause();
        events.push(...eventsOf(event, options));
      }
      batches.push({ revision: batch.revision, events });
      count += events.length;
      if (count > EVENTS_MAX) throw new Compacted(until);
      if (batch.revision >= until) return batches;
    }
  } finally {
    ended.abort();
    await nudge;
  }
  return batches;
}

function eventsOf(event: StoreEvent, { decode }: HistoryOptions) {
  const { key, revision } = event;
  const read = (value: Uint8Array | undefined): Entry | undefined => {
    if (!value) return undefined;
    try {
      return new CachedEntry(key, decode({ key, value, revision }), revision);
    } catch {
      // The cache has said so when it left the object out.
      return undefined;
    }
  };
  return planEvents(read(event.previous), read(event.value), revision);
}
