// What was written and does not show in the cache yet, so that no decision is made twice. Bound: one entry for each write that
// the cache does not show; an offer that was created and never shows is forgotten when it would have expired.

import type { Offer } from "../../api/kctl-scheduling/offer.ts";
import type { Change } from "../../client/informer.ts";
import { timeOf } from "./connection.ts";

export class OwnWrites {
  readonly #newer = new Map<string, Offer>();
  readonly #removed = new Set<string>();

  written(offer: Offer): void {
    this.#newer.set(offer.metadata.uid, offer);
  }

  removed({ metadata }: Offer): void {
    this.#newer.delete(metadata.uid);
    this.#removed.add(metadata.uid);
  }

  seen({ type, object }: Change<Offer>): void {
    const { uid } = object.metadata;
    if (type === "deleted") {
      this.#newer.delete(uid);
      this.#removed.delete(uid);
      return;
    }
    const newer = this.#newer.get(uid);
    if (newer && versionOf(object) >= versionOf(newer)) this.#newer.delete(uid);
  }

  /** The offers as they are, as far as is known. */
  over(cached: readonly Offer[], nowMs: number): readonly Offer[] {
    const byUid = new Map(cached.map((offer) => [offer.metadata.uid, offer]));
    for (const [uid, offer] of this.#newer) {
      const isLost = !byUid.has(uid) && (timeOf(offer.spec.expiresAt) ?? 0) <= nowMs;
      if (isLost) this.#newer.delete(uid);
      else byUid.set(uid, offer);
    }
    for (const uid of this.#removed) {
      if (!byUid.delete(uid)) this.#removed.delete(uid);
    }
    return [...byUid.values()];
  }
}

const versionOf = ({ metadata }: Offer) => Number(metadata.resourceVersion);
