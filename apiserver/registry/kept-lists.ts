// Lists that are often asked for, such as the limits of a namespace by nearly every write: made once, and kept until an object of
// the kind changes. The same array means the same content. Bound: one list for each namespace that was asked for since the last change.

import { collectionPrefix, type ServedResource } from "../served-resource.ts";
import type { Entry } from "../storage/cache-entry.ts";
import type { WatchCache } from "../storage/watch-cache.ts";

interface Kept {
  readonly changes: number;
  readonly lists: Map<string, readonly Entry[]>;
}

const ALL = "";
const kept = new WeakMap<WatchCache, Kept>();

/** What the cache shows of a kind, in all namespaces unless one is given, in the order of the keys. */
export function listKept(served: ServedResource, namespace: string = ALL): readonly Entry[] {
  const { cache } = served;
  let known = kept.get(cache);
  if (known?.changes !== cache.changes) {
    known = { changes: cache.changes, lists: new Map() };
    kept.set(cache, known);
  }
  const list = known.lists.get(namespace);
  if (list) return list;
  const made = cache.list(collectionPrefix(served, namespace));
  known.lists.set(namespace, made);
  return made;
}
