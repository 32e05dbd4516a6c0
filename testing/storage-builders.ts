// Builders of claims, volumes and storage classes: what a test does not name is something sensible, and fits the others.

import type { PersistentVolumeClaim } from "../api/core/persistent-volume-claim.ts";
import type { PersistentVolume } from "../api/core/persistent-volume.ts";
import type { NewObject } from "../api/meta/object.ts";
import type { ObjectMetaFields } from "../api/meta/object-meta.ts";
import type { StorageClass } from "../api/storage/storage-class.ts";

interface StorageOptions<Spec> {
  readonly size?: string;
  readonly modes?: readonly string[];
  readonly storageClassName?: string;
  readonly metadata?: ObjectMetaFields;
  readonly spec?: Partial<Spec>;
}

/** A claim for 1Gi that one node writes. */
export function newClaim(
  name: string,
  options: StorageOptions<PersistentVolumeClaim["spec"]> = {},
): NewObject<PersistentVolumeClaim> {
  const { size = "1Gi", modes = ["ReadWriteOnce"], storageClassName, metadata, spec } = options;
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: "default", ...metadata },
    spec: {
      accessModes: modes,
      resources: { requests: { storage: size } },
      ...(storageClassName !== undefined && { storageClassName }),
      ...spec,
    },
  };
}

/** A volume of 1Gi in a directory of its node. */
export function newVolume(
  name: string,
  options: StorageOptions<PersistentVolume["spec"]> = {},
): NewObject<PersistentVolume> {
  const { size = "1Gi", modes = ["ReadWriteOnce"], storageClassName, metadata, spec } = options;
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name, ...metadata },
    spec: {
      capacity: { storage: size },
      accessModes: modes,
      ...(storageClassName !== undefined && { storageClassName }),
      hostPath: { path: `/tmp/${name}` },
      ...spec,
    },
  };
}

/** A local volume of the class `local` that only one node reaches. */
export const newLocalVolume = (
  name: string,
  node: string,
  options: StorageOptions<PersistentVolume["spec"]> = {},
): NewObject<PersistentVolume> =>
  newVolume(name, {
    storageClassName: "local",
    ...options,
    spec: { hostPath: undefined, local: { path: `/mnt/${name}` }, nodeAffinity: onlyOn(node), ...options.spec },
  });

export const onlyOn = (node: string): PersistentVolume["spec"]["nodeAffinity"] => ({
  required: {
    nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] }],
  },
});

/** A class that nothing makes volumes of, whose claims wait for their first pod. */
export function newStorageClass(name: string, options: Partial<StorageClass> = {}): NewObject<StorageClass> {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name },
    provisioner: "kubernetes.io/no-provisioner",
    volumeBindingMode: "WaitForFirstConsumer",
    ...options,
  };
}

export const claimVolume = (claimName: string) => ({ name: claimName, persistentVolumeClaim: { claimName } });
