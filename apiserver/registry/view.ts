// How one attempt of a write sees the stored state: the first from the caches, which may lag behind, the later ones from the
// store itself. Every object that a decision rests on is checked again by the transaction.

import type { KubeObject, ObjectKey } from "../../api/meta/object.ts";
import { storageKey, type ServedResource } from "../served-resource.ts";
import { decodeStored } from "../stored-object.ts";
import { CachedEntry, type Entry } from "../storage/cache-entry.ts";
import type { Store } from "../storage/store.ts";

export interface View {
  /** False while what is seen may be old: then only a committed transaction proves anything. */
  readonly isLive: boolean;
  get(served: ServedResource, key: ObjectKey): Promise<Entry | undefined>;
}

export const cachedView: View = {
  isLive: false,
  get: (served, key) => Promise.resolve(served.cache.get(storageKey(served, key))),
};

export const liveView = (store: Store): View => ({
  isLive: true,
  async get(served, key) {
    const storedKey = storageKey(served, key);
    const cached = served.cache.get(storedKey);
    const stored = await store.get(storedKey);
    if (!stored) return undefined;
    if (cached?.revision === stored.revision) return cached;
    return new CachedEntry(storedKey, decodeStored(served.resource.schema, stored), stored.revision);
  },
});

/** The object that an entry holds, as the kind that the caller knows it to be. */
export const objectOf = <T extends KubeObject>(entry: Entry): T => entry.object as T;
