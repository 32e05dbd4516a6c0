// Turns the change of one object into a transaction: its own key, and whatever its kind keeps beside it.

import type { KubeObject } from "../../api/meta/object.ts";
import { storageKey, type ServedResource } from "../served-resource.ts";
import { encodeStored } from "../stored-object.ts";
import { atRevision, CachedEntry, type Entry } from "../storage/cache-entry.ts";
import type { Revision } from "../storage/store.ts";
import type { Accompaniment, Change } from "../kinds/kind-rules.ts";
import { mergeDrafts, type Draft } from "./draft.ts";
import type { Attempt } from "./transact.ts";
import type { View } from "./view.ts";

export interface WriteOptions {
  readonly view: View;
  /** Further checks and writes, such as that the namespace still takes objects and that a fence holds. */
  readonly besides?: readonly Partial<Draft>[];
}

/** Puts `change.object`; the outcome is its new version. */
export async function planPut(
  served: ServedResource,
  change: Change & { readonly object: KubeObject },
  { view, besides = [] }: WriteOptions,
): Promise<Attempt<Entry>> {
  const key = storageKey(served, change.key);
  const beside: Accompaniment = (await served.rules.accompany?.(change, view)) ?? {};
  const { bytes, object } = encodeStored(beside.object ?? change.object);
  served.cache.expect(key, { bytes, object });
  return {
    draft: mergeDrafts([
      { checks: [{ key, revision: change.old?.revision ?? 0 }], writes: [{ key, value: bytes }] },
      beside,
      ...besides,
    ]),
    outcome: (revision) => versionOf({ key, object, revision, old: change.old, bytes }),
  };
}

interface Written {
  readonly key: string;
  readonly object: KubeObject;
  readonly revision: Revision;
  readonly old?: Entry;
  readonly bytes: Uint8Array;
}

/** A dry run gives no version: the object keeps the one it has, if any. */
function versionOf({ key, object, revision, old, bytes }: Written): Entry {
  if (revision > 0) return CachedEntry.ofStored({ key, object: atRevision(object, revision), revision }, bytes);
  return new CachedEntry(key, old ? atRevision(object, old.revision) : object, old?.revision ?? 0);
}

/** Removes the object; the outcome is its last version, as of its removal. */
export async function planRemoval(
  served: ServedResource,
  change: Change & { readonly old: Entry },
  { view, besides = [] }: WriteOptions,
): Promise<Attempt<Entry>> {
  const { old } = change;
  const { object: last = old.object, ...removal } = change;
  const beside = (await served.rules.accompany?.(removal, view)) ?? {};
  const key = storageKey(served, change.key);
  return {
    draft: mergeDrafts([
      { checks: [{ key, revision: old.revision }], writes: [{ key, value: undefined }] },
      beside,
      ...besides,
    ]),
    outcome: (revision) => new CachedEntry(key, atRevision(last, revision || old.revision), revision || old.revision),
  };
}
