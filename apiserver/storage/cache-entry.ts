// One version of an object as the watch cache holds it, and the changes between versions. Entries and events never change
// and are shared by all readers and watchers, so that a version is decoded once and encoded at most once.

import { renderObject } from "../render-object.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import type { Revision } from "./store.ts";

export interface Entry {
  readonly key: string;
  /** Frozen; `metadata.resourceVersion` is the revision. */
  readonly object: KubeObject;
  readonly revision: Revision;
  /** The object as JSON; encoded at the first call and kept with the entry. */
  bytes(): Uint8Array;
}

export interface CacheEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** For DELETED: the last state, with the revision of the deletion as its resourceVersion. */
  readonly entry: Entry;
  /** What was there before; absent for ADDED. */
  readonly previous?: Entry;
  readonly revision: Revision;
}

/** No events: mere progress. */
export interface CacheBatch {
  readonly revision: Revision;
  readonly events: readonly CacheEvent[];
}

export class CachedEntry implements Entry {
  #bytes: Uint8Array | undefined;
  #stored: Uint8Array | undefined;

  /** `object` must be frozen and carry `revision` as its resourceVersion. */
  constructor(
    readonly key: string,
    readonly object: KubeObject,
    readonly revision: Revision,
  ) {}

  /** A version that has just been stored: its bytes, which encodeStored has made, lack nothing but the revision. */
  static ofStored({ key, object, revision }: Omit<Entry, "bytes">, stored: Uint8Array): CachedEntry {
    const entry = new CachedEntry(key, object, revision);
    entry.#stored = stored;
    return entry;
  }

  bytes(): Uint8Array {
    this.#bytes ??= this.#stored ? withRevision(this.#stored, this.revision) : Buffer.from(renderObject(this.object));
    this.#stored = undefined;
    return this.#bytes;
  }
}

/** Strings have their quotes escaped, so that nothing but the key itself reads like this; and it is never empty. */
const METADATA = Buffer.from('"metadata":{');

function withRevision(stored: Uint8Array, revision: Revision): Uint8Array {
  const at = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength).indexOf(METADATA) + METADATA.length;
  const field = Buffer.from(`"resourceVersion":"${revision}",`);
  return Buffer.concat([stored.subarray(0, at), field, stored.subarray(at)]);
}

/** The object as of a revision: a frozen copy that shares everything but its metadata. */
export function atRevision(object: KubeObject, revision: Revision): KubeObject {
  const metadata = Object.freeze({ ...object.metadata, resourceVersion: String(revision) });
  return Object.freeze({ ...object, metadata });
}

/**
 * What a watcher must be told when `before` has become `after`. A name that was deleted and used again in between is told
 * as both: to a client it is another object.
 */
export function planEvents(
  before: Entry | undefined,
  after: Entry | undefined,
  revision: Revision,
): readonly CacheEvent[] {
  if (before && after && before.object.metadata.uid === after.object.metadata.uid) {
    return [{ type: "MODIFIED", entry: after, previous: before, revision }];
  }
  const events: CacheEvent[] = [];
  if (before) {
    const entry = new CachedEntry(before.key, atRevision(before.object, revision), revision);
    events.push({ type: "DELETED", entry, previous: before, revision });
  }
  if (after) events.push({ type: "ADDED", entry: after, revision });
  return events;
}
