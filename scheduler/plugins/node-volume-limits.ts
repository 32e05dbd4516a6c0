// A node holds no more volumes of a CSI driver than the driver says that it can. Volumes that several pods use count once, and
// so do those that are still attached though no pod uses them.

import { storageClassOf } from "../../api/core/claim-quota.ts";
import type { PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import { formatKey, keyOf } from "../../api/meta/object.ts";
import type { SchedulerPlugin } from "../framework.ts";
import type { PodInfo } from "../pod-info.ts";
import type { Snapshot } from "../snapshot.ts";
import { claimsUnchanged } from "../volumes/pod-claims.ts";
import type { StorageView } from "../volumes/storage-view.ts";

const REJECTION = ["node(s) exceed max volume count"];

/** The driver of each volume, by a name that no other volume has. */
type DriversByVolume = ReadonlyMap<string, string>;

export const nodeVolumeLimits: SchedulerPlugin = {
  name: "NodeVolumeLimits",
  unblockedBy: ["NodeAdded", "NodeDrivers", "PodRemoved", "Claim"],
  prepare(pod, snapshot) {
    if (pod.claims.length === 0) return undefined;
    const { storage } = snapshot;
    const isCurrent = claimsUnchanged(pod, storage);
    const wanted = new Map<string, string>();
    addVolumes(pod, storage, wanted);
    if (wanted.size === 0) return { isCurrent };
    return {
      isCurrent,
      filter({ name }) {
        const limits = limitsOf(name, wanted, storage);
        return limits.size > 0 && exceeds(limits, wanted, volumesOn(name, snapshot)) ? REJECTION : undefined;
      },
    };
  },
};

/** How many volumes of the drivers in question the node can hold. */
function limitsOf(nodeName: string, wanted: DriversByVolume, storage: StorageView): ReadonlyMap<string, number> {
  const drivers = new Set(wanted.values());
  const limits = new Map<string, number>();
  for (const { name, allocatable } of storage.csiNode(nodeName)?.spec.drivers ?? []) {
    if (allocatable?.count !== undefined && drivers.has(name)) limits.set(name, allocatable.count);
  }
  return limits;
}

function volumesOn(nodeName: string, snapshot: Snapshot): DriversByVolume {
  const { storage } = snapshot;
  const found = new Map<string, string>();
  for (const pod of snapshot.podsOn(nodeName)) addVolumes(pod, storage, found);
  for (const { spec } of storage.attachments(nodeName)) {
    const csi = storage.volume(spec.source.persistentVolumeName ?? "")?.spec.csi;
    if (csi) found.set(nameOf(csi), spec.attacher);
  }
  return found;
}

function exceeds(limits: ReadonlyMap<string, number>, wanted: DriversByVolume, there: DriversByVolume): boolean {
  const added = new Map<string, number>();
  for (const [volume, driver] of wanted) {
    if (!there.has(volume)) added.set(driver, (added.get(driver) ?? 0) + 1);
  }
  const counts = new Map(added);
  for (const driver of there.values()) counts.set(driver, (counts.get(driver) ?? 0) + 1);
  return [...limits].some(([driver, limit]) => added.has(driver) && (counts.get(driver) ?? 0) > limit);
}

function addVolumes({ namespace, claims }: PodInfo, storage: StorageView, found: Map<string, string>): void {
  for (const { name } of claims) {
    const claim = storage.claim(namespace, name);
    if (claim) addVolume(claim, storage, found);
  }
}

/** A volume that is still to be made is of its provisioner's driver. */
function addVolume(claim: PersistentVolumeClaim, storage: StorageView, found: Map<string, string>): void {
  const volume = storage.volume(claim.spec.volumeName ?? "");
  if (volume?.spec.csi) found.set(nameOf(volume.spec.csi), volume.spec.csi.driver);
  if (volume) return;
  const provisioner = storage.storageClass(storageClassOf(claim))?.provisioner;
  if (provisioner) found.set(`${provisioner}/claim ${formatKey(keyOf(claim))}`, provisioner);
}

const nameOf = ({ driver, volumeHandle }: { readonly driver: string; readonly volumeHandle: string }) =>
  `${driver}/${volumeHandle}`;
