// Which versions each key has had since the last compaction: the in-memory index of the stores that keep their own history.
// It answers "what was there at revision R" and forgets versions that no kept revision can show. It does no I/O.

import type { Page, Revision } from "./store.ts";
import { SlidingList } from "./sliding-list.ts";
import { compareKeys, SortedMap } from "./sorted-map.ts";

export interface Version<V> {
  readonly revision: Revision;
  /** The revision that created the key; 0 for a deletion. */
  readonly createRevision: Revision;
  readonly value: V;
}

export interface VersionPage<V> {
  readonly items: readonly (readonly [string, Version<V>])[];
  /** As in StoredList: an estimate where it is large. */
  readonly remaining: number;
}

/** From revision `by` on, the oldest kept version of the key is not shown any more. */
interface Superseded {
  readonly key: string;
  readonly by: Revision;
}

/** What comes after a page is counted one by one up to here, and by the number of keys beyond. */
const COUNTED_MAX = 1000;

const isDeletion = (version: Version<unknown>) => version.createRevision === 0;

export class VersionIndex<V> {
  /** The kept versions of a key, oldest first; never empty. */
  readonly #keys = new SortedMap<Version<V>[]>();
  /** In the order of `by`, which is also the order of each key's versions. */
  readonly #superseded = new SlidingList<Superseded>();

  /** The key's newest version; undefined when it does not exist. */
  head(key: string): Version<V> | undefined {
    const version = this.#keys.get(key)?.at(-1);
    return version && !isDeletion(version) ? version : undefined;
  }

  /** What existed under the key at a revision. */
  at(key: string, revision: Revision): Version<V> | undefined {
    const version = this.#keys.get(key)?.findLast((each) => each.revision <= revision);
    return version && !isDeletion(version) ? version : undefined;
  }

  /** Adds the newest version of a key. Revisions must not go back. */
  add(key: string, version: Version<V>): void {
    const versions = this.#keys.get(key);
    if (versions) {
      // A deletion was noted as superseded, by itself, when it was added.
      const newest = versions.at(-1);
      if (newest && !isDeletion(newest)) this.#superseded.push({ key, by: version.revision });
      versions.push(version);
    } else {
      this.#keys.set(key, [version]);
    }
    if (isDeletion(version)) this.#superseded.push({ key, by: version.revision });
  }

  /** One page of what existed at a revision. */
  list(prefix: string, revision: Revision, page: Page): VersionPage<V> {
    const { limit = Infinity, afterKey } = page;
    const items: (readonly [string, Version<V>])[] = [];
    let remaining = 0;
    // U+0000 is the lowest character, so that nothing sorts between a key and this successor of it.
    const start = afterKey === undefined || compareKeys(afterKey, prefix) < 0 ? prefix : `${afterKey}\u0000`;
    for (const [key, versions] of this.#keys.withPrefix(prefix, start)) {
      const version = versions.findLast((each) => each.revision <= revision);
      if (!version || isDeletion(version)) continue;
      if (items.length < limit) {
        items.push([key, version]);
        continue;
      }
      remaining += 1;
      if (remaining < COUNTED_MAX) continue;
      remaining += this.#keys.countWithPrefix(prefix, `${key}\u0000`);
      break;
    }
    return { items, remaining };
  }

  /** Forgets the versions that no revision from `before` on can show, the oldest `max` of them, and returns them. */
  compact(before: Revision, max = Infinity): readonly Version<V>[] {
    const dropped: Version<V>[] = [];
    const end = Math.min(
      this.#superseded.search(({ by }) => by > before),
      this.#superseded.start + max,
    );
    for (let position = this.#superseded.start; position < end; position += 1) {
      const key = this.#superseded.at(position)?.key ?? "";
      const versions = this.#keys.get(key) ?? [];
      const oldest = versions.shift();
      if (oldest) dropped.push(oldest);
      if (versions.length === 0) this.#keys.delete(key);
    }
    this.#superseded.dropBefore(end);
    return dropped;
  }
}
