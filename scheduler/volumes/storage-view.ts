// What the scheduler's rules about volumes may look at: claims, volumes, classes, and what CSI drivers say. Filled from the
// caches, and ahead of them by what has just been decided. Pure data: it asks nobody and tells nobody.

import type { PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import type { PersistentVolume } from "../../api/core/persistent-volume.ts";
import { volumeClassOf } from "../../api/core/volume-binding.ts";
import { formatKey, keyOf } from "../../api/meta/object.ts";
import type { CSIDriver } from "../../api/storage/csi-driver.ts";
import type { CSINode } from "../../api/storage/csi-node.ts";
import type { CSIStorageCapacity } from "../../api/storage/csi-storage-capacity.ts";
import type { StorageClass } from "../../api/storage/storage-class.ts";
import type { VolumeAttachment } from "../../api/storage/volume-attachment.ts";
import { AssumedObjects } from "./assumed-objects.ts";
import { VolumeIndex } from "./volume-index.ts";

type Labels = Readonly<Record<string, string>>;

/** Bound: the objects of these kinds. */
export class StorageView {
  readonly #claims = new AssumedObjects<PersistentVolumeClaim>();
  readonly #volumes = new AssumedObjects<PersistentVolume>();
  readonly #index = new VolumeIndex();
  readonly #classes = new Map<string, StorageClass>();
  readonly #drivers = new Map<string, CSIDriver>();
  readonly #csiNodes = new Map<string, CSINode>();
  readonly #capacities = new Map<string, CSIStorageCapacity>();
  readonly #attachments = new Map<string, Map<string, VolumeAttachment>>();
  readonly #classVersions = new Map<string, number>();
  #version = 0;

  claim(namespace: string, name: string): PersistentVolumeClaim | undefined {
    return this.#claims.get({ namespace, name });
  }

  volume(name: string): PersistentVolume | undefined {
    return this.#volumes.get({ name });
  }

  /** What the cache shows, whatever is on its way. */
  storedClaim(namespace: string, name: string): PersistentVolumeClaim | undefined {
    return this.#claims.stored({ namespace, name });
  }

  storedVolume(name: string): PersistentVolume | undefined {
    return this.#volumes.stored({ name });
  }

  storageClass(name: string): StorageClass | undefined {
    return this.#classes.get(name);
  }

  driver(name: string): CSIDriver | undefined {
    return this.#drivers.get(name);
  }

  csiNode(name: string): CSINode | undefined {
    return this.#csiNodes.get(name);
  }

  capacities(): Iterable<CSIStorageCapacity> {
    return this.#capacities.values();
  }

  attachments(nodeName: string): Iterable<VolumeAttachment> {
    return this.#attachments.get(nodeName)?.values() ?? [];
  }

  /** Volumes that may suit the claim on a node with these labels. */
  candidates(claim: PersistentVolumeClaim, className: string, labels: Labels | undefined): Iterable<PersistentVolume> {
    return this.#index.candidates(claim, className, labels);
  }

  /** Grows whenever claims of the class may find another volume, or another place for one. */
  classVersion(name: string): number {
    return this.#classVersions.get(name) ?? 0;
  }

  setClaim(claim: PersistentVolumeClaim): void {
    this.#claims.set(claim);
  }

  removeClaim(claim: PersistentVolumeClaim): void {
    this.#claims.remove(keyOf(claim));
  }

  setVolume(volume: PersistentVolume): void {
    this.#changeVolume(volume, () => this.#volumes.set(volume));
  }

  removeVolume(volume: PersistentVolume): void {
    this.#changeVolume(volume, () => this.#volumes.remove(keyOf(volume)));
  }

  assumeVolume(volume: PersistentVolume): void {
    this.#changeVolume(volume, () => this.#volumes.assume(volume));
  }

  restoreVolume(assumed: PersistentVolume): void {
    this.#changeVolume(assumed, () => this.#volumes.restore(assumed));
  }

  assumeClaim(claim: PersistentVolumeClaim): void {
    this.#claims.assume(claim);
  }

  restoreClaim(assumed: PersistentVolumeClaim): void {
    this.#claims.restore(assumed);
  }

  setClass(storageClass: StorageClass): void {
    this.#classes.set(storageClass.metadata.name, storageClass);
    this.#changeClass(storageClass.metadata.name);
  }

  removeClass({ metadata: { name } }: StorageClass): void {
    this.#classes.delete(name);
    this.#changeClass(name);
  }

  setDriver(driver: CSIDriver): void {
    this.#drivers.set(driver.metadata.name, driver);
    this.#changeClassesOf(driver.metadata.name);
  }

  removeDriver({ metadata: { name } }: CSIDriver): void {
    this.#drivers.delete(name);
    this.#changeClassesOf(name);
  }

  setCapacity(capacity: CSIStorageCapacity): void {
    this.#capacities.set(formatKey(keyOf(capacity)), capacity);
    this.#changeClass(capacity.storageClassName);
  }

  removeCapacity(capacity: CSIStorageCapacity): void {
    this.#capacities.delete(formatKey(keyOf(capacity)));
    this.#changeClass(capacity.storageClassName);
  }

  setCsiNode(csiNode: CSINode): void {
    this.#csiNodes.set(csiNode.metadata.name, csiNode);
  }

  removeCsiNode({ metadata: { name } }: CSINode): void {
    this.#csiNodes.delete(name);
  }

  setAttachment(attachment: VolumeAttachment): void {
    const { nodeName } = attachment.spec;
    const here = this.#attachments.get(nodeName) ?? new Map<string, VolumeAttachment>();
    this.#attachments.set(nodeName, here.set(attachment.metadata.name, attachment));
  }

  removeAttachment({ metadata, spec: { nodeName } }: VolumeAttachment): void {
    const here = this.#attachments.get(nodeName);
    if (here?.delete(metadata.name) && here.size === 0) this.#attachments.delete(nodeName);
  }

  #changeVolume({ metadata: { name } }: PersistentVolume, change: () => void): void {
    const before = this.volume(name);
    change();
    const after = this.volume(name);
    if (before === after) return;
    if (before) this.#index.remove(before);
    if (after) this.#index.add(after);
    for (const volume of [before, after]) if (volume) this.#changeClass(volumeClassOf(volume));
  }

  #changeClass(name: string): void {
    this.#classVersions.set(name, ++this.#version);
  }

  #changeClassesOf(provisioner: string): void {
    for (const [name, each] of this.#classes) if (each.provisioner === provisioner) this.#changeClass(name);
  }
}
