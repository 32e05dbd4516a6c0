// Objects of one kind as the cache shows them, some of them as they will be after writes that are on their way. What the
// scheduler has decided about a volume must count in its next decision, long before the server has answered.

import { formatKey, keyOf, type KubeObject, type ObjectKey } from "../../api/meta/object.ts";

/** Bound: the objects of the kind. */
export class AssumedObjects<T extends KubeObject> {
  readonly #stored = new Map<string, T>();
  readonly #assumed = new Map<string, T>();

  /** As it is assumed to be, or else as it is stored. */
  get(key: ObjectKey): T | undefined {
    const id = formatKey(key);
    return this.#assumed.get(id) ?? this.#stored.get(id);
  }

  stored(key: ObjectKey): T | undefined {
    return this.#stored.get(formatKey(key));
  }

  /** A newer version than the one that an assumption was built on ends the assumption. */
  set(object: T): void {
    const id = formatKey(keyOf(object));
    const assumed = this.#assumed.get(id);
    if (assumed && versionOf(object) > versionOf(assumed)) this.#assumed.delete(id);
    this.#stored.set(id, object);
  }

  remove(key: ObjectKey): void {
    this.#stored.delete(formatKey(key));
    this.#assumed.delete(formatKey(key));
  }

  /** `object` has the version of the stored one that it was built from. */
  assume(object: T): void {
    this.#assumed.set(formatKey(keyOf(object)), object);
  }

  /** Ends the assumption if it is still this one. */
  restore(assumed: T): void {
    const id = formatKey(keyOf(assumed));
    if (this.#assumed.get(id) === assumed) this.#assumed.delete(id);
  }
}

/** Versions of one object are numbers that grow, here as in Kubernetes' own scheduler. */
export const versionOf = ({ metadata }: KubeObject): number => Number(metadata.resourceVersion);
