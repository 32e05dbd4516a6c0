// How one attempt of a write sees the stored state: the first from the caches, which may lag behind, the later ones from the
// store itself. Every object that a decision rests on is checked again by the transaction.

import type { KubeObject, ObjectKey } from "../../api/meta/object.ts";
import { collectionPrefix, storageKey, type ServedResource } from "../served-resource.ts";
import { decodeStored } from "../stored-object.ts";
import { CachedEntry, type Entry } from "../storage/cache-entry.ts";
import { listKept } from "./kept-lists.ts";
import type { Store, Stored } from "../storage/store.ts";

export interface View {
  /** False while what is seen may be old: then only a committed transaction proves anything. */
  readonly isLive: boolean;
  get(served: ServedResource, key: ObjectKey): Promise<Entry | undefined>;
  /** The objects of a kind in the order of their keys; those of all namespaces unless one is given. */
  list(served: ServedResource, namespace?: string): Promise<readonly Entry[]>;
}

export const cachedView: View = {
  isLive: false,
  get: (served, key) => Promise.resolve(served.cache.get(storageKey(served, key))),
  list: (served, namespace) => Promise.resolve(listKept(served, namespace)),
};

export const liveView = (store: Store): View => ({
  isLive: true,
  async get(served, key) {
    const storedKey = storageKey(served, key);
    const stored = await store.get(storedKey);
    return stored && entryOf(served, stored);
  },
  async list(served, namespace) {
    const { items } = await store.list(collectionPrefix(served, namespace));
    return items.map((stored) => entryOf(served, stored));
  },
});

/** What the cache holds of the same version need not be decoded again. */
function entryOf({ cache, resource }: ServedResource, stored: Stored): Entry {
  const { key, revision } = stored;
  const cached = cache.get(key);
  return cached?.revision === revision ? cached : new CachedEntry(key, decodeStored(resource.schema, stored), revision);
}

/** The object that an entry holds, as the kind that the caller knows it to be. */
export const objectOf = <T extends KubeObject>(entry: Entry): T => entry.object as T;
