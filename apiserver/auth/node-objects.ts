// What has to do with a node, as the caches show it at the moment of asking.

import { persistentVolumeClaims, type PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { resourceSlices, type ResourceSlice } from "../../api/resource/resource-slice.ts";
import { volumeAttachments, type VolumeAttachment } from "../../api/storage/volume-attachment.ts";
import { objectOf } from "../registry/view.ts";
import { collectionPrefix, storageKey, type ResourceTable } from "../served-resource.ts";
import { listPodReferences, type PodReferences } from "./pod-references.ts";

/** The objects that have to do with a node, as the caches show them. */
export class NodeObjects {
  readonly #resources: ResourceTable;

  constructor(resources: ResourceTable) {
    this.#resources = resources;
  }

  /** Whether a pod of the namespace on the node refers to what `isMeant` looks for. */
  someReference(node: string, namespace: string, isMeant: (references: PodReferences) => boolean): boolean {
    const served = this.#resources.require(pods);
    for (const entry of served.cache.walk(collectionPrefix(served, namespace))) {
      const pod = objectOf<Pod>(entry);
      if (pod.spec.nodeName === node && isMeant(listPodReferences(pod))) return true;
    }
    return false;
  }

  /** Also true of pods that are gone: what is asked about them is answered so. */
  runs(node: string, namespace: string, name: string): boolean {
    const served = this.#resources.require(pods);
    const entry = served.cache.get(storageKey(served, { namespace, name }));
    return entry === undefined || objectOf<Pod>(entry).spec.nodeName === node;
  }

  /** Volumes are reached through their claims. */
  usesVolume(node: string, name: string): boolean {
    const served = this.#resources.require(persistentVolumeClaims);
    for (const entry of served.cache.walk(served.prefix)) {
      const { spec, metadata } = objectOf<PersistentVolumeClaim>(entry);
      const isClaimed = spec.volumeName === name;
      if (isClaimed && this.someReference(node, metadata.namespace ?? "", ({ claims }) => claims.has(metadata.name)))
        return true;
    }
    return false;
  }

  isAttachedTo(node: string, name: string): boolean {
    const served = this.#resources.require(volumeAttachments);
    const entry = served.cache.get(storageKey(served, { name }));
    return entry !== undefined && objectOf<VolumeAttachment>(entry).spec.nodeName === node;
  }

  ownsSlice(node: string, name: string): boolean {
    const served = this.#resources.require(resourceSlices);
    const entry = served.cache.get(storageKey(served, { name }));
    return entry !== undefined && objectOf<ResourceSlice>(entry).spec.nodeName === node;
  }
}
