// Remembers what a controller has just created and deleted until its cache shows it. A controller that counts objects in
// its cache would otherwise create again what is only on its way there (Kubernetes solves the same with expectations,
// but has to wait for them; this shows the effective state at once).

import { keyOf, type KubeObject } from "../api/meta/object.ts";
import { controllerOf } from "../api/meta/owner.ts";
import type { Change, Informer } from "../client/informer.ts";
import { formatTime, type Clock } from "../lib/clock.ts";

/** How long a write may stay unseen: only an event that a re-list swallowed gets that old. As Kubernetes' expectations. */
const UNSEEN_MAX_MS = 5 * 60_000;

interface Unseen<T> {
  readonly object: T;
  readonly sinceMs: number;
}

/** Bounded by what its controller has under way: entries leave as soon as the cache catches up, or after five minutes. */
export class OwnWrites<T extends KubeObject> {
  readonly #clock: Clock;
  readonly #informer: Informer<T>;
  /** By the owner's uid, then by the object's own. */
  readonly #created = new Map<string, Map<string, Unseen<T>>>();
  readonly #deleted = new Map<string, Unseen<T>>();
  #creating = 0;
  /** Objects that came and went in the cache while answers to creates were still on their way. */
  readonly #goneMeanwhile = new Set<string>();

  constructor(informer: Informer<T>, clock: Clock) {
    this.#clock = clock;
    this.#informer = informer;
    informer.onChange((change) => this.#seen(change));
  }

  /** Creates an object for the owner, and counts it as there from when the server says so. */
  async create(ownerUid: string, create: () => Promise<T>): Promise<T> {
    this.#creating++;
    try {
      const object = await create();
      this.#rememberCreated(ownerUid, object);
      return object;
    } finally {
      if (--this.#creating === 0) this.#goneMeanwhile.clear();
    }
  }

  /** The server has accepted the object's deletion, or knows it no more. */
  deleted(object: T): void {
    const cached = this.#informer.get(keyOf(object));
    if (cached?.metadata.uid !== object.metadata.uid || cached.metadata.deletionTimestamp) return;
    this.#deleted.set(object.metadata.uid, this.#unseen(object));
  }

  /** What the owner has: the cached objects, without those just deleted, with those just created. */
  effective(ownerUid: string, cached: readonly T[]): readonly T[] {
    return this.withEnding(ownerUid, cached).filter((object) => !this.#deleted.has(object.metadata.uid));
  }

  /** The same, but those just deleted are shown as on their way out: for who has to wait until they are gone. */
  withEnding(ownerUid: string, cached: readonly T[]): readonly T[] {
    this.#dropStale(ownerUid);
    const created = this.#created.get(ownerUid);
    if (!created && this.#deleted.size === 0) return cached;
    const shown = new Set(cached.map((object) => object.metadata.uid));
    const missing = [...(created?.values() ?? [])].filter(({ object }) => !shown.has(object.metadata.uid));
    return [...cached, ...missing.map(({ object }) => object)].map((object) =>
      this.#deleted.has(object.metadata.uid) ? this.#ending(object) : object,
    );
  }

  #ending(object: T): T {
    const deletionTimestamp = object.metadata.deletionTimestamp ?? formatTime(this.#clock.now());
    return { ...object, metadata: { ...object.metadata, deletionTimestamp } };
  }

  #rememberCreated(ownerUid: string, object: T): void {
    const { uid } = object.metadata;
    if (this.#goneMeanwhile.has(uid) || this.#informer.get(keyOf(object))?.metadata.uid === uid) return;
    const ofOwner = this.#created.get(ownerUid) ?? new Map<string, Unseen<T>>();
    this.#created.set(ownerUid, ofOwner.set(uid, this.#unseen(object)));
  }

  #seen({ type, object }: Change<T>): void {
    const { uid, deletionTimestamp } = object.metadata;
    this.#dropCreated(controllerOf(object)?.uid ?? "", uid);
    if (type === "deleted" || deletionTimestamp) this.#deleted.delete(uid);
    if (type === "deleted" && this.#creating > 0) this.#goneMeanwhile.add(uid);
  }

  #dropCreated(ownerUid: string, uid: string): void {
    const ofOwner = this.#created.get(ownerUid);
    if (ofOwner?.delete(uid) && ofOwner.size === 0) this.#created.delete(ownerUid);
  }

  #dropStale(ownerUid: string): void {
    const oldestMs = this.#clock.monotonic() - UNSEEN_MAX_MS;
    for (const [uid, { sinceMs }] of this.#created.get(ownerUid) ?? []) {
      if (sinceMs <= oldestMs) this.#dropCreated(ownerUid, uid);
    }
    for (const [uid, { sinceMs }] of this.#deleted) {
      if (sinceMs > oldestMs) break;
      this.#deleted.delete(uid);
    }
  }

  #unseen(object: T): Unseen<T> {
    return { object, sinceMs: this.#clock.monotonic() };
  }
}
