// Keeps volumes that are deleted as long as a claim has them: lets go of the finalizer that protects a volume once it is not
// bound. Kubernetes calls it pv-protection.

import { persistentVolumes, type PersistentVolume } from "../api/core/persistent-volume.ts";
import type { Controller } from "../client/controller.ts";
import { addFinalizer, removeFinalizer } from "./finalizer.ts";

const FINALIZER = "kubernetes.io/pv-protection";

export const volumeProtectionController: Controller<PersistentVolume> = {
  name: "pv-protection",
  for: persistentVolumes,
  build: ({ client }) => ({
    /** The server protects new volumes; this is for those from before it did. */
    async reconcile(volume: PersistentVolume): Promise<void> {
      await addFinalizer(client, { resource: persistentVolumes, object: volume, finalizer: FINALIZER });
    },
    async finalize(volume: PersistentVolume): Promise<void> {
      if (volume.status.phase === "Bound") return;
      await removeFinalizer(client, { resource: persistentVolumes, object: volume, finalizer: FINALIZER });
    },
  }),
};
