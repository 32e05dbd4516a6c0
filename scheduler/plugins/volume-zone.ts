// Volumes that carry labels of a zone or region are used by nodes of that zone or region. Newer volumes say it with their node
// affinity, which VolumeBinding looks at.

import type { PersistentVolume } from "../../api/core/persistent-volume.ts";
import { unresolvable, type SchedulerPlugin } from "../framework.ts";
import type { PodInfo } from "../pod-info.ts";
import { claimsUnchanged } from "../volumes/pod-claims.ts";
import type { StorageView } from "../volumes/storage-view.ts";

const REJECTION = unresolvable("node(s) had no available volume zone");

/** The labels, and what newer nodes have in place of the older ones. */
const NEWER_LABELS: Readonly<Record<string, string>> = {
  "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone": "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region": "topology.kubernetes.io/region",
};
const LABELS = Object.keys(NEWER_LABELS);

/** A volume that is spread over zones names them all. */
const SEPARATOR = "__";

interface Place {
  readonly label: string;
  readonly values: ReadonlySet<string>;
}

export const volumeZone: SchedulerPlugin = {
  name: "VolumeZone",
  unblockedBy: ["NodeAdded", "NodeLabels", "Claim", "Volume", "StorageClass"],
  prepare(pod, { storage }) {
    if (pod.claims.length === 0) return undefined;
    const isCurrent = claimsUnchanged(pod, storage);
    const volumes = volumesOf(pod, storage);
    if (!Array.isArray(volumes)) return { refusal: volumes.refusal, isCurrent };
    const places = volumes.flatMap(placesOf);
    if (places.length === 0) return { isCurrent };
    return {
      isCurrent,
      ignoresPods: true,
      filter({ node: { metadata } }) {
        const labels = metadata.labels ?? {};
        if (!LABELS.some((label) => label in labels)) return undefined;
        const fits = ({ label, values }: Place) =>
          values.has(labels[label] ?? "") || values.has(labels[NEWER_LABELS[label] ?? ""] ?? "");
        return places.every(fits) ? undefined : REJECTION;
      },
    };
  },
};

/** VolumeBinding speaks of claims that have no volume yet; this is of volumes that are gone. */
function volumesOf(pod: PodInfo, storage: StorageView): PersistentVolume[] | { readonly refusal: string } {
  const volumes: PersistentVolume[] = [];
  for (const { name } of pod.claims) {
    const volumeName = storage.claim(pod.namespace, name)?.spec.volumeName;
    if (!volumeName) continue;
    const volume = storage.volume(volumeName);
    if (!volume) return { refusal: `persistentvolume ${JSON.stringify(volumeName)} not found` };
    volumes.push(volume);
  }
  return volumes;
}

const placesOf = ({ metadata: { labels = {} } }: PersistentVolume): readonly Place[] =>
  LABELS.filter((label) => label in labels).map((label) => ({
    label,
    values: new Set((labels[label] ?? "").split(SEPARATOR)),
  }));
