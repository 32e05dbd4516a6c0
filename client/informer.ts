// A local copy of one kind, kept up to date by a reflector: one writer, many readers. Objects are frozen and shared.

import type { KubeObject, ObjectKey } from "../api/meta/object.ts";
import type { Selector } from "../api/meta/selector.ts";

/** Reads of the cache: synchronous, and as new as the last event that has arrived. */
export interface Lister<T extends KubeObject> {
  get(key: ObjectKey): T | undefined;
  /** All objects unless a selector is given, in no particular order. */
  list(selector?: Selector): readonly T[];
  /** The objects for which the index function named `index` gave `value`. */
  byIndex(index: string, value: string): readonly T[];
}

export interface Informer<T extends KubeObject> extends Lister<T> {
  /** Called after the cache has changed, synchronously and in order; at once with an "added" for each object already there. */
  onChange(listen: (change: Change<T>) => void): Unsubscribe;
  /** Resolves when the first list has arrived. */
  readonly synced: Promise<void>;
}

/** Changes between two looks may be merged: `before` is what listeners last saw, not necessarily the version before. */
export type Change<T> =
  | { readonly type: "added"; readonly object: T }
  | { readonly type: "updated"; readonly object: T; readonly before: T }
  | { readonly type: "deleted"; readonly object: T };

export type Unsubscribe = () => void;

/** Named functions that give the values under which `byIndex` finds an object. Pure. */
export type Indexers<T> = Readonly<Record<string, (object: T) => readonly string[]>>;
