// Streams the changes of a collection: first, where asked for, the current objects as ADDED, then what happens. A selector
// turns a change into an arrival or a departure when it changes whether the object is selected.

import { hasReason, StatusError } from "../../api/meta/status.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import { apiVersionOf } from "../../api/resource.ts";
import type { Answer, WatchChange } from "../answer.ts";
import { collectionPrefix } from "../served-resource.ts";
import { atRevision, CachedEntry, type CacheEvent } from "../storage/cache-entry.ts";
import { Compacted, type Revision } from "../storage/store.ts";
import { SlowWatcher, type WatchCache } from "../storage/watch-cache.ts";
import type { ListRequest } from "./list.ts";
import type { Selection } from "./selection.ts";
import { listFromCache } from "./list.ts";
import { waitForVersion } from "./wait-for-version.ts";

interface WatchDeps {
  readonly clock: Clock;
  readonly random: Random;
}

/** Watches last half an hour to an hour unless the client says otherwise, so that they do not all end together. */
const TIMEOUT_MIN_SECONDS = 1800;

export async function watchObjects(deps: WatchDeps, list: ListRequest): Promise<Answer> {
  const { clock, random } = deps;
  const { options, request } = list;
  const { cache } = request.served;
  const version = options.resourceVersion;
  // Unset and 0 mean "from now, with what there is"; unset in addition means not from an old state.
  const withInitial = options.sendInitialEvents ?? !version;
  const seconds = options.timeoutSeconds || TIMEOUT_MIN_SECONDS * (1 + random.float());
  if (options.sendInitialEvents || version === undefined) {
    const late = await waitForVersion(cache, version, request.http).catch(versionToCome);
    if (late) return { kind: "watch", changes: failed(late) };
  }
  const deadlineMs = clock.monotonic() + seconds * 1000;
  const ended = new AbortController();
  const cancel = clock.setTimer(seconds * 1000, () => ended.abort());
  const signal = AbortSignal.any([request.http.signal, ended.signal]);
  signal.addEventListener("abort", cancel, { once: true });
  const initial = withInitial
    ? await listFromCache(deps, { ...list, options: { ...options, resourceVersion: 0, limit: 0 } })
    : undefined;
  const from = initial ? Number(initial.metadata.resourceVersion) : version || cache.revision;
  // Who names a version may have been cut off between two changes that share it.
  const again = !withInitial && Boolean(version);
  const following = { list, clock, signal, from, again, cache, deadlineMs, initial: initial?.entries, release: cancel };
  const changes = follow(following);
  return { kind: "watch", changes };
}

/** A watch that cannot begin is told so by its first event, as one that cannot go on is. */
function versionToCome(error: unknown): StatusError {
  if (error instanceof StatusError && hasReason(error, "Timeout")) return error;
  throw error;
}

async function* failed(error: StatusError): AsyncGenerator<readonly WatchChange[], void, undefined> {
  yield await Promise.resolve([{ type: "ERROR", object: error.toStatus() } as const]);
}

interface Following {
  readonly list: ListRequest;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly from: Revision;
  /** The client may know `from` in part only. */
  readonly again: boolean;
  readonly cache: WatchCache;
  /** When the watch ends, by the monotonic clock. */
  readonly deadlineMs: number;
  /** Lets go of what the watch holds; called once, at its end. */
  release(): void;
  readonly initial?: Extract<Answer, { kind: "list" }>["entries"];
}

/** Told at once: what it takes to encode them holds up others. */
const INITIAL_EVENTS_MAX = 100;

async function* follow(following: Following): AsyncGenerator<readonly WatchChange[], void, undefined> {
  try {
    yield* tellInitial(following);
    yield* followChanges(following);
  } catch (error) {
    if (following.signal.aborted) return;
    yield [{ type: "ERROR", object: explainEnd(error, following.from).toStatus() }];
  } finally {
    following.release();
  }
}

function* tellInitial({ list, initial = [], from }: Following): Generator<readonly WatchChange[], void, undefined> {
  for (let start = 0; start < initial.length; start += INITIAL_EVENTS_MAX) {
    yield initial
      .slice(start, start + INITIAL_EVENTS_MAX)
      .map((entry): WatchChange => ({ type: "ADDED", object: entry.object, entry }));
  }
  if (list.options.sendInitialEvents && list.options.bookmarks) {
    yield [bookmark(list, from, { "k8s.io/initial-events-end": "true" })];
  }
}

/** Between bookmarks; Kubernetes sends them about once a minute, and a last one just before the watch ends. */
const BOOKMARK_INTERVAL_MS = 60_000;
const LAST_BOOKMARK_MS = 2_000;

/** How long to wait for the next bookmark. */
function bookmarkDelayMs({ clock, deadlineMs }: Following): number {
  const leftMs = deadlineMs - clock.monotonic() - LAST_BOOKMARK_MS;
  return leftMs > 0 ? Math.min(BOOKMARK_INTERVAL_MS, leftMs) : BOOKMARK_INTERVAL_MS;
}

async function* followChanges(following: Following): AsyncGenerator<readonly WatchChange[], void, undefined> {
  const { list, clock, cache, signal, from, again } = following;
  const prefix = collectionPrefix(list.request.served, list.request.namespace);
  const wantsBookmarks = list.options.bookmarks;
  const stopNudging = wantsBookmarks ? nudgeRegularly(following) : () => undefined;
  let bookmarkDueMs = clock.monotonic() + bookmarkDelayMs(following);
  let told = from;
  try {
    for await (const batch of cache.watch({ prefix, after: from, signal, again })) {
      const changes = selectChanges(batch.events, list.selection, from);
      const isDue = wantsBookmarks && batch.revision > told && clock.monotonic() >= bookmarkDueMs;
      if (changes.length === 0 && !isDue) continue;
      bookmarkDueMs = clock.monotonic() + bookmarkDelayMs(following);
      told = batch.revision;
      yield isDue ? [...changes, bookmark(list, batch.revision)] : changes;
    }
  } finally {
    stopNudging();
  }
}

/** A cache under which nothing changes does not know how far the store has come, and has no bookmarks to offer, until asked. */
function nudgeRegularly(following: Following): () => void {
  let cancel = () => {};
  const arm = () => {
    cancel = following.clock.setTimer(bookmarkDelayMs(following), () => {
      // A store that cannot be reached now is asked again in a minute.
      following.cache.fresh().catch(() => undefined);
      arm();
    });
  };
  arm();
  return () => cancel();
}

/**
 * What a watcher is told of these events. `from`: what it knows already. Of that revision's own changes it has been told the
 * only one; where there are several, it may have been cut off between them, and hears all of them again.
 */
export function selectChanges(
  events: readonly CacheEvent[],
  selection: Selection,
  from: Revision,
): readonly WatchChange[] {
  const changes: WatchChange[] = [];
  let known = 0;
  for (const event of events) {
    const change = event.revision >= from && selectChange(event, selection);
    if (!change) continue;
    if (event.revision === from) known += 1;
    changes.push(change);
  }
  return known === 1 ? changes.slice(1) : changes;
}

function selectChange(event: CacheEvent, selection: Selection): WatchChange | undefined {
  const { entry, previous, type } = event;
  const same: WatchChange = { type, object: entry.object, entry, source: event };
  if (selection.isAll) return same;
  const was = previous !== undefined && selection.matches(previous.object);
  const is = type !== "DELETED" && selection.matches(entry.object);
  if (is) return was === (type === "MODIFIED") ? same : { ...same, type: "ADDED" };
  if (!was) return undefined;
  if (type === "DELETED") return same;
  // The client knows the object as it was selected: it is told of the end of that state.
  const last = new CachedEntry(entry.key, atRevision(previous.object, event.revision), event.revision);
  return { type: "DELETED", object: last.object, entry: last };
}

function bookmark({ request }: ListRequest, revision: Revision, annotations?: object): WatchChange {
  const { version: resource } = request;
  const metadata = { resourceVersion: String(revision), creationTimestamp: null, ...(annotations && { annotations }) };
  return { type: "BOOKMARK", object: { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata } };
}

function explainEnd(error: unknown, from: Revision): StatusError {
  if (error instanceof Compacted) {
    return new StatusError("Expired", `too old resource version: ${from} (${error.oldest})`);
  }
  if (error instanceof SlowWatcher) return new StatusError("Expired", error.message);
  if (error instanceof StatusError) return error;
  return new StatusError("InternalError", `Internal error occurred: ${String(error)}`);
}
