// The volumes as the controller's own writes have left them. A binder that looked at its cache alone would choose a volume
// again that it has just given away, and find out only when the server refuses.

import type { PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import type { PersistentVolume } from "../../api/core/persistent-volume.ts";
import { volumeClassOf } from "../../api/core/volume-binding.ts";
import { formatKey, keyOf } from "../../api/meta/object.ts";
import type { Indexers, Informer } from "../../client/informer.ts";

const FREE_OF_CLASS = "free-of-class";
export const BY_CLAIM = "claim";

export const volumeIndexers: Indexers<PersistentVolume> = {
  [FREE_OF_CLASS]: (volume) => (volume.spec.claimRef ? [] : [volumeClassOf(volume)]),
  [BY_CLAIM]: ({ spec: { claimRef } }) => (claimRef ? [`${claimRef.namespace ?? ""}/${claimRef.name ?? ""}`] : []),
};

/** Bound: what was written and the cache has not shown yet. */
export class LatestVolumes {
  readonly #informer: Informer<PersistentVolume>;
  readonly #written = new Map<string, PersistentVolume>();

  constructor(informer: Informer<PersistentVolume>) {
    this.#informer = informer;
    informer.onChange(({ type, object }) => {
      const { name } = object.metadata;
      const written = this.#written.get(name);
      if (written && (type === "deleted" || !isNewer(written, object))) this.#written.delete(name);
    });
  }

  /** What the server has answered to a write. */
  remember(volume: PersistentVolume): void {
    const cached = this.#informer.get(keyOf(volume));
    if (cached && isNewer(volume, cached)) this.#written.set(volume.metadata.name, volume);
  }

  get(name: string): PersistentVolume | undefined {
    return this.#written.get(name) ?? this.#informer.get({ name });
  }

  /** The free volumes of the class, and those that are reserved for a claim of this name. */
  candidates(claim: PersistentVolumeClaim, className: string): readonly PersistentVolume[] {
    const free = this.#informer.byIndex(FREE_OF_CLASS, className);
    const reserved = this.#informer.byIndex(BY_CLAIM, formatKey(keyOf(claim)));
    const cached = [...free, ...reserved];
    return this.#written.size === 0 ? cached : cached.map((volume) => this.get(volume.metadata.name) ?? volume);
  }
}

/** Versions of one object are numbers that grow, here as in Kubernetes' own caches. */
const isNewer = (a: PersistentVolume, b: PersistentVolume): boolean =>
  Number(a.metadata.resourceVersion) > Number(b.metadata.resourceVersion);
