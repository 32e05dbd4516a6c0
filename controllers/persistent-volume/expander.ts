// Says of a claim that has grown beyond its volume who could enlarge that: nothing within the cluster's own controllers can.
// Kubernetes calls it persistentvolume-expander.

import { persistentVolumeClaims, type PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import { persistentVolumes, type PersistentVolume } from "../../api/core/persistent-volume.ts";
import { compareQuantities, parseQuantity } from "../../api/meta/quantity.ts";
import type { Controller } from "../../client/controller.ts";

const MESSAGE = "waiting for an external controller to expand this PVC";

export const volumeExpanderController: Controller<PersistentVolumeClaim> = {
  name: "persistentvolume-expander",
  for: persistentVolumeClaims,
  build: ({ informer, events }) => {
    const volumes = informer(persistentVolumes);
    return {
      reconcile(claim) {
        const volume = volumes.get({ name: claim.spec.volumeName ?? "" });
        if (volume && wantsMore(claim) && isOf(claim, volume)) {
          events.record({ object: claim }, isDriverOwned(volume) ? "Normal" : "Warning", "ExternalExpanding", MESSAGE);
        }
        return Promise.resolve();
      },
    };
  },
};

/** It asks for more than it has been given. */
export function wantsMore({ spec, status }: PersistentVolumeClaim): boolean {
  const has = status.capacity?.storage;
  if (status.phase !== "Bound" || has === undefined) return false;
  return compareQuantities(parseQuantity(spec.resources.requests?.storage ?? "0"), parseQuantity(has)) > 0;
}

const isOf = ({ metadata }: PersistentVolumeClaim, { spec }: PersistentVolume) => spec.claimRef?.uid === metadata.uid;

/** The driver of such volumes is asked by a controller of its own; of others nobody is known who could do it. */
const isDriverOwned = ({ spec }: PersistentVolume) => spec.csi !== undefined || spec.flexVolume !== undefined;
