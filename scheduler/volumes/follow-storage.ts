// Keeps the view of the storage as new as the caches, and wakes the pods that a change concerns.

import { storageClassOf } from "../../api/core/claim-quota.ts";
import { persistentVolumeClaims, type PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import { persistentVolumes, type PersistentVolume } from "../../api/core/persistent-volume.ts";
import { volumeClassOf } from "../../api/core/volume-binding.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import { csiDrivers } from "../../api/storage/csi-driver.ts";
import { csiNodes } from "../../api/storage/csi-node.ts";
import { csiStorageCapacities } from "../../api/storage/csi-storage-capacity.ts";
import { storageClasses } from "../../api/storage/storage-class.ts";
import { volumeAttachments } from "../../api/storage/volume-attachment.ts";
import type { ClusterChange } from "../framework.ts";
import type { PodInfo } from "../pod-info.ts";
import type { StageParts } from "../stage.ts";
import type { StorageView } from "./storage-view.ts";

interface Rule<T> {
  set(object: T): void;
  remove(object: T): void;
  /** Afterwards. */
  tell(object: T): void;
}

/** Resolves when the view is complete. `changed` is called after each change of a claim or a volume. */
export async function followStorage(
  parts: Pick<StageParts, "snapshot" | "wake" | "informer">,
  changed: () => void,
): Promise<void> {
  const { snapshot, wake } = parts;
  const { storage } = snapshot;
  const follow = <T extends KubeObject>(resource: ResourceDefinition<T>, { set, remove, tell }: Rule<T>) => {
    const informer = parts.informer(resource);
    informer.onChange(({ type, object }) => {
      if (type === "deleted") remove(object);
      else set(object);
      tell(object);
    });
    return informer.synced;
  };
  const wakeAll = (change: ClusterChange) => () => wake([change]);
  // Not waited for, so that it does not matter when this is never known: older servers let no scheduler read them.
  const attachments = follow(volumeAttachments, {
    set: (attachment) => storage.setAttachment(attachment),
    remove: (attachment) => storage.removeAttachment(attachment),
    tell({ spec }) {
      snapshot.touch(spec.nodeName);
      wake(["NodeDrivers"]);
    },
  });
  attachments.catch(() => undefined);
  await Promise.all([
    follow(persistentVolumeClaims, {
      set: (claim) => storage.setClaim(claim),
      remove: (claim) => storage.removeClaim(claim),
      tell(claim) {
        changed();
        wake(["Claim"], (pod) => uses(pod, claim));
      },
    }),
    follow(persistentVolumes, {
      set: (volume) => storage.setVolume(volume),
      remove: (volume) => storage.removeVolume(volume),
      tell(volume) {
        changed();
        wake(["Volume"], (pod) => mayUse(pod, volume, storage));
      },
    }),
    follow(storageClasses, {
      set: (storageClass) => storage.setClass(storageClass),
      remove: (storageClass) => storage.removeClass(storageClass),
      tell: wakeAll("StorageClass"),
    }),
    follow(csiDrivers, {
      set: (driver) => storage.setDriver(driver),
      remove: (driver) => storage.removeDriver(driver),
      tell: wakeAll("StorageDriver"),
    }),
    follow(csiStorageCapacities, {
      set: (capacity) => storage.setCapacity(capacity),
      remove: (capacity) => storage.removeCapacity(capacity),
      tell: wakeAll("StorageDriver"),
    }),
    follow(csiNodes, {
      set: (csiNode) => storage.setCsiNode(csiNode),
      remove: (csiNode) => storage.removeCsiNode(csiNode),
      tell({ metadata }) {
        snapshot.touch(metadata.name);
        wake(["NodeDrivers"]);
      },
    }),
  ]);
}

const uses = ({ namespace, claims }: PodInfo, { metadata }: PersistentVolumeClaim) =>
  namespace === metadata.namespace && claims.some(({ name }) => name === metadata.name);

/** One of its claims has the volume, or might find it. */
const mayUse = ({ namespace, claims }: PodInfo, volume: PersistentVolume, storage: StorageView) =>
  claims.some(({ name }) => {
    const claim = storage.claim(namespace, name);
    if (!claim) return false;
    const { volumeName } = claim.spec;
    return volumeName ? volumeName === volume.metadata.name : storageClassOf(claim) === volumeClassOf(volume);
  });
