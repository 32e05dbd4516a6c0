// The cache behind an informer. One writer, the reflector, replaces or changes it; many readers look things up and listen.
// The two sides are different types, so that no reader can write. Objects are frozen: everybody shares them, and those that are
// alike share their parts.

import { formatKey, keyOf, type KubeObject, type ObjectKey } from "../api/meta/object.ts";
import { controllerOf } from "../api/meta/owner.ts";
import { matchesSelector, type Selector } from "../api/meta/selector.ts";
import { deepFreeze } from "../lib/deep-freeze.ts";
import { shareParts } from "../lib/share-parts.ts";
import type { Change, Indexers, Informer, Unsubscribe } from "./informer.ts";

/** The writing side. Bound: as many objects as the server has of the kind and selection. */
export interface CacheWriter<T extends KubeObject> {
  /** Takes the object over; a version that the cache has already changes nothing. */
  put(object: T): void;
  /** The object was deleted; `object` is its last state. */
  remove(object: T): void;
  /** Removes every object that is not among `keys`: what was deleted while nobody watched. */
  removeAllBut(keys: ReadonlySet<string>): void;
  /** The first list is complete. */
  markSynced(): void;
  /** No first list will come: `synced` rejects with `reason`, unless it has resolved. */
  abandon(reason: Error): void;
}

type Index<T> = Map<string, Map<string, T>>;
type IndexFunction<T> = Indexers<T>[string];

export class CachingInformer<T extends KubeObject> implements Informer<T>, CacheWriter<T> {
  readonly synced: Promise<void>;
  readonly markSynced: () => void;
  readonly abandon: (reason: Error) => void;
  readonly #objects = new Map<string, T>();
  /** The newest object of each kin, whose parts the next one shares. */
  readonly #newest = new Map<string, T>();
  readonly #indexes = new Map<string, { readonly of: IndexFunction<T>; readonly entries: Index<T> }>();
  readonly #listeners = new Set<(change: Change<T>) => void>();
  readonly #onListenerError: (error: unknown) => void;
  #listed: readonly T[] | undefined;

  /** `onListenerError`: a listener has thrown. The cache and the other listeners go on. */
  constructor(onListenerError: (error: unknown) => void) {
    const { promise, resolve, reject } = withResolvers();
    // Whoever waits for it sees the rejection; where nobody waits, it is no unhandled error.
    promise.catch(() => undefined);
    this.synced = promise;
    this.markSynced = resolve;
    this.abandon = reject;
    this.#onListenerError = onListenerError;
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(formatKey(key));
  }

  list(selector?: Selector): readonly T[] {
    this.#listed ??= [...this.#objects.values()];
    if (!selector || selector.length === 0) return this.#listed;
    return this.#listed.filter((object) => matchesSelector(selector, object.metadata.labels ?? {}));
  }

  byIndex(index: string, value: string): readonly T[] {
    const found = this.#indexes.get(index);
    if (!found) throw new Error(`the informer has no index named ${index}`);
    return [...(found.entries.get(value)?.values() ?? [])];
  }

  onChange(listen: (change: Change<T>) => void): Unsubscribe {
    this.#listeners.add(listen);
    for (const object of [...this.#objects.values()]) this.#tell(listen, { type: "added", object });
    return () => this.#listeners.delete(listen);
  }

  /** Adds the indexes that are not there yet. */
  addIndexers(indexers: Indexers<T>): void {
    for (const [name, of] of Object.entries(indexers)) {
      if (this.#indexes.has(name)) continue;
      const entries: Index<T> = new Map();
      for (const [key, object] of this.#objects) addToIndex(entries, key, { object, values: of(object) });
      this.#indexes.set(name, { of, entries });
    }
  }

  put(given: T): void {
    const key = formatKey(keyOf(given));
    const before = this.#objects.get(key);
    if (before && before.metadata.resourceVersion === given.metadata.resourceVersion) return;
    if (before && before.metadata.uid !== given.metadata.uid) this.#drop(key, before);
    const kin = kinOf(given);
    const object = shareParts(given, this.#newest.get(kin));
    this.#newest.set(kin, object);
    const known = this.#objects.get(key);
    this.#store(key, object, known);
    this.#announce(known ? { type: "updated", object, before: known } : { type: "added", object });
  }

  remove(object: T): void {
    const key = formatKey(keyOf(object));
    if (this.#objects.has(key)) this.#drop(key, deepFreeze(object));
  }

  removeAllBut(keys: ReadonlySet<string>): void {
    for (const [key, object] of [...this.#objects]) {
      if (!keys.has(key)) this.#drop(key, object);
    }
  }

  #drop(key: string, object: T): void {
    const before = this.#objects.get(key);
    this.#objects.delete(key);
    const kin = kinOf(object);
    if (this.#newest.get(kin) === before) this.#newest.delete(kin);
    this.#listed = undefined;
    for (const { of, entries } of this.#indexes.values()) {
      if (before) removeFromIndex(entries, key, of(before));
    }
    this.#announce({ type: "deleted", object });
  }

  #store(key: string, object: T, before: T | undefined): void {
    this.#objects.set(key, object);
    this.#listed = undefined;
    for (const { of, entries } of this.#indexes.values()) {
      if (before) removeFromIndex(entries, key, of(before));
      addToIndex(entries, key, { object, values: of(object) });
    }
  }

  #announce(change: Change<T>): void {
    for (const listen of [...this.#listeners]) this.#tell(listen, change);
  }

  #tell(listen: (change: Change<T>) => void, change: Change<T>): void {
    try {
      listen(change);
    } catch (error) {
      this.#onListenerError(error);
    }
  }
}

/** Those of one owner are often alike, as are those of a namespace without one. */
const kinOf = (object: KubeObject): string => controllerOf(object)?.uid ?? object.metadata.namespace ?? "";

function addToIndex<T>(entries: Index<T>, key: string, { object, values }: { object: T; values: readonly string[] }) {
  for (const value of values) {
    const found = entries.get(value);
    if (found) found.set(key, object);
    else entries.set(value, new Map([[key, object]]));
  }
}

function removeFromIndex<T>(entries: Index<T>, key: string, values: readonly string[]): void {
  for (const value of values) {
    const found = entries.get(value);
    found?.delete(key);
    if (found?.size === 0) entries.delete(value);
  }
}

function withResolvers() {
  let resolve = () => {};
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
