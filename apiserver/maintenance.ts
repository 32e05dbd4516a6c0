// What the server does on its own beside the requests: forgetting old events and old history. Every step is idempotent, and
// several servers may do it at once.

import { events, type Event } from "../api/core/event.ts";
import { pause, type Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { nextTurn } from "../lib/next-turn.ts";
import type { Server } from "./server.ts";
import type { Entry } from "./storage/cache-entry.ts";
import { Conflict, type Revision, type Store } from "./storage/store.ts";

const EVENT_SWEEP_MS = 5 * 60_000;
/** How long events are kept, as kube-apiserver does by default. */
export const EVENT_LIFE_MS = 60 * 60_000;

/** Removes events that nothing has happened to for an hour, until the signal is aborted: nobody else ever deletes them. */
export async function expireEvents(server: Server, signal: AbortSignal): Promise<void> {
  for (;;) {
    await pause(server.clock, EVENT_SWEEP_MS, signal);
    if (signal.aborted) return;
    try {
      await removeOldEvents(server);
    } catch (error) {
      server.log.warn("old events could not be removed", { error });
    }
  }
}

/** Events looked at before other work gets its turn. */
const EVENTS_PER_TURN = 1000;

async function removeOldEvents({ resources, store, clock }: Server): Promise<void> {
  const served = resources.require(events);
  const entries = served.cache.list(served.prefix);
  for (let start = 0; start < entries.length; start += EVENTS_PER_TURN) {
    if (start > 0) await nextTurn();
    for (const { key, revision } of planExpiry(entries.slice(start, start + EVENTS_PER_TURN), clock.now())) {
      await store
        .commit({ checks: [{ key, revision }], writes: [{ key, value: undefined }] })
        .catch((error: unknown) => {
          // It has been renewed, or another server was faster.
          if (!(error instanceof Conflict)) throw error;
        });
    }
  }
}

/** The events that are past their life, by when they happened last. */
export function planExpiry(entries: readonly Entry[], nowMs: number): readonly Entry[] {
  return entries.filter(({ object }) => {
    const { lastTimestamp, eventTime, metadata, series } = object as Event;
    const last = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp;
    return nowMs - Date.parse(last) > EVENT_LIFE_MS;
  });
}

const COMPACTION_KEY = "/gantry/compaction";

interface CompactionRecord {
  /** The newest revision when the record was written: what will be forgotten at the next round. */
  readonly revision: Revision;
}

export interface CompactionOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** How much history is kept, and how often older history is forgotten. */
  readonly historyMs: number;
}

/** Forgets history older than one to two periods, until the signal is aborted. Of several servers, one does each round. */
export async function compactRegularly(options: CompactionOptions, signal: AbortSignal): Promise<void> {
  const { store, clock, log, historyMs } = options;
  let seen: Revision | undefined;
  for (;;) {
    await pause(clock, historyMs, signal);
    if (signal.aborted) return;
    try {
      seen = await compactOnce(store, seen);
    } catch (error) {
      // Another server does this round, or the store is away: the next round will do.
      if (!(error instanceof Conflict)) log.warn("old history could not be forgotten", { error });
      seen = undefined;
    }
  }
}

/** One round: forgets what the record of the last round names, and writes down the newest revision for the next one. */
export async function compactOnce(store: Store, lastSeen: Revision | undefined): Promise<Revision> {
  const stored = await store.get(COMPACTION_KEY);
  // Somebody has written the record since our last round: this period has been taken care of.
  if (stored && lastSeen !== undefined && stored.revision !== lastSeen) return stored.revision;
  const newest = await store.revision();
  const record: CompactionRecord = { revision: newest };
  const checks = [{ key: COMPACTION_KEY, revision: stored?.revision ?? 0 }];
  const value = Buffer.from(JSON.stringify(record));
  const revision = await store.commit({ checks, writes: [{ key: COMPACTION_KEY, value }] });
  if (stored && lastSeen !== undefined) {
    await store.compact((JSON.parse(Buffer.from(stored.value).toString()) as CompactionRecord).revision);
  }
  return revision;
}
