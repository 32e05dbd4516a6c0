// Remembers what a controller has just created and deleted until its cache shows it. A controller that counts objects in
// its cache would otherwise create again what is only on its way there (Kubernetes solves the same with expectations,
// but has to wait for them; this shows the effective state at once).

import type { KubeObject } from "../api/meta/object.ts";
import { controllerOf } from "../api/meta/owner.ts";
import type { Change, Informer } from "../client/informer.ts";
import type { Clock } from "../lib/clock.ts";

/** How long a write may stay unseen: only an event that a re-list swallowed gets that old. As Kubernetes' expectations. */
const UNSEEN_MAX_MS = 5 * 60_000;

interface Unseen<T> {
  readonly object: T;
  readonly sinceMs: number;
}

/** Bounded by what its controller has under way: entries leave as soon as the cache catches up. */
export class OwnWrites<T extends KubeObject> {
  readonly #clock: Clock;
  /** By the owner's uid, then by the object's own. */
  readonly #created = new Map<string, Map<string, Unseen<T>>>();
  readonly #deleted = new Map<string, Unseen<T>>();

  constructor(informer: Informer<T>, clock: Clock) {
    this.#clock = clock;
    informer.onChange((change) => this.#seen(change));
  }

  created(ownerUid: string, object: T): void {
    const ofOwner = this.#created.get(ownerUid) ?? new Map<string, Unseen<T>>();
    this.#created.set(ownerUid, ofOwner.set(object.metadata.uid, this.#unseen(object)));
  }

  deleted(object: T): void {
    this.#deleted.set(object.metadata.uid, this.#unseen(object));
  }

  /** What the owner has: the cached objects, without those just deleted, with those just created. */
  effective(ownerUid: string, cached: readonly T[]): readonly T[] {
    const created = this.#created.get(ownerUid);
    if (!created && this.#deleted.size === 0) return cached;
    const shown = new Set(cached.map((object) => object.metadata.uid));
    const missing = [...(created?.values() ?? [])].filter(
      (each) => !shown.has(each.object.metadata.uid) && this.#isFresh(each),
    );
    const kept = cached.filter((object) => !this.#isDeleted(object.metadata.uid));
    return [...kept, ...missing.map(({ object }) => object)];
  }

  /** Drops what is remembered of an owner that is gone. */
  forgetOwner(ownerUid: string): void {
    this.#created.delete(ownerUid);
  }

  #seen({ type, object }: Change<T>): void {
    const { uid } = object.metadata;
    const ownerUid = controllerOf(object)?.uid ?? "";
    const ofOwner = this.#created.get(ownerUid);
    if (ofOwner?.delete(uid) && ofOwner.size === 0) this.#created.delete(ownerUid);
    if (type === "deleted" || object.metadata.deletionTimestamp) this.#deleted.delete(uid);
  }

  #unseen(object: T): Unseen<T> {
    return { object, sinceMs: this.#clock.monotonic() };
  }

  #isFresh({ sinceMs }: Unseen<T>): boolean {
    return this.#clock.monotonic() - sinceMs < UNSEEN_MAX_MS;
  }

  #isDeleted(uid: string): boolean {
    const deleted = this.#deleted.get(uid);
    return deleted !== undefined && this.#isFresh(deleted);
  }
}
