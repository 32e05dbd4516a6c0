// The volumes that may be bound, by what a claim looks for: its class, and the node that its pod is to run on. Most volumes of
// a class that waits for pods lie on one node each, so that a node need not look at those of the others.

import type { PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import type { PersistentVolume } from "../../api/core/persistent-volume.ts";
import { volumeClassOf } from "../../api/core/volume-binding.ts";
import type { NodeSelectorTerm } from "../../api/core/affinity.ts";
import { formatKey, keyOf } from "../../api/meta/object.ts";

const HOSTNAME = "kubernetes.io/hostname";

type Labels = Readonly<Record<string, string>>;

const NO_VOLUMES: ReadonlySet<PersistentVolume> = new Set();

/** Bound: an entry for each volume and each host name that it is limited to. */
export class VolumeIndex {
  /** Free volumes, by class and host name; the empty name stands for those that are not limited to host names. */
  readonly #free = new Map<string, Set<PersistentVolume>>();
  readonly #reserved = new Map<string, Set<PersistentVolume>>();

  add(volume: PersistentVolume): void {
    const { places, map } = this.#placesOf(volume);
    for (const place of places) {
      const here = map.get(place) ?? new Set<PersistentVolume>();
      map.set(place, here.add(volume));
    }
  }

  remove(volume: PersistentVolume): void {
    const { places, map } = this.#placesOf(volume);
    for (const place of places) {
      const here = map.get(place);
      if (here?.delete(volume) && here.size === 0) map.delete(place);
    }
  }

  /** Those that are reserved for a claim of this name, and the free ones of the class that the node may reach. */
  *candidates(claim: PersistentVolumeClaim, className: string, labels: Labels = {}): Iterable<PersistentVolume> {
    for (const volume of this.#reserved.get(formatKey(keyOf(claim))) ?? NO_VOLUMES) {
      if (volumeClassOf(volume) === className) yield volume;
    }
    const host = labels[HOSTNAME];
    if (host) yield* this.#free.get(placeOf(className, host)) ?? NO_VOLUMES;
    yield* this.#free.get(placeOf(className, "")) ?? NO_VOLUMES;
  }

  #placesOf(volume: PersistentVolume) {
    const { claimRef, nodeAffinity } = volume.spec;
    if (claimRef) return { places: [`${claimRef.namespace ?? ""}/${claimRef.name ?? ""}`], map: this.#reserved };
    const hosts = hostsOf(nodeAffinity?.required?.nodeSelectorTerms ?? []) ?? [""];
    return { places: hosts.map((host) => placeOf(volumeClassOf(volume), host)), map: this.#free };
  }
}

const placeOf = (className: string, host: string) => `${className}/${host}`;

/** The host names that all of the terms together allow; undefined: not every term limits them. */
function hostsOf(terms: readonly NodeSelectorTerm[]): readonly string[] | undefined {
  const hosts = new Set<string>();
  for (const { matchExpressions = [] } of terms) {
    const byHost = matchExpressions.find(({ key, operator }) => key === HOSTNAME && operator === "In");
    if (!byHost) return undefined;
    byHost.values?.forEach((host) => hosts.add(host));
  }
  return hosts.size > 0 ? [...hosts] : undefined;
}
