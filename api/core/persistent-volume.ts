// HEADER: say what PersistentVolume is and what it must never do.

import { nodeSelector } from "./affinity.ts";
import { objectReference, secretReference } from "./reference.ts";
import { hostPathVolumeSource, nfsVolumeSource } from "./volume.ts";
import {
  awsElasticBlockStoreVolumeSource,
  azureDiskVolumeSource,
  fcVolumeSource,
  flockerVolumeSource,
  gcePersistentDiskVolumeSource,
  photonPersistentDiskVolumeSource,
  portworxVolumeSource,
  quobyteVolumeSource,
  vsphereVirtualDiskVolumeSource,
} from "./volume-plugins.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  boolean,
  byDefault,
  inlined,
  int32,
  list,
  map,
  object,
  oneOf,
  optional,
  present,
  quantity,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const glusterfsPersistentVolumeSource = object("io.k8s.api.core.v1.GlusterfsPersistentVolumeSource", "", {
  endpoints: required(1, string(), ""),
  path: required(2, string(), ""),
  readOnly: optional(3, boolean(), ""),
  endpointsNamespace: optional(4, string(), ""),
});
export interface GlusterfsPersistentVolumeSource extends Infer<typeof glusterfsPersistentVolumeSource> {}

export const rbdPersistentVolumeSource = object("io.k8s.api.core.v1.RBDPersistentVolumeSource", "", {
  monitors: required(1, list(string(), { listType: "atomic" }), ""),
  image: required(2, string(), ""),
  fsType: optional(3, string(), ""),
  pool: byDefault("rbd", optional(4, string(), "")),
  user: byDefault("admin", optional(5, string(), "")),
  keyring: byDefault("/etc/ceph/keyring", optional(6, string(), "")),
  secretRef: optional(7, secretReference, ""),
  readOnly: optional(8, boolean(), ""),
});
export interface RBDPersistentVolumeSource extends Infer<typeof rbdPersistentVolumeSource> {}

export const iscsiPersistentVolumeSource = object("io.k8s.api.core.v1.ISCSIPersistentVolumeSource", "", {
  targetPortal: required(1, string(), ""),
  iqn: required(2, string(), ""),
  lun: required(3, int32(), ""),
  iscsiInterface: byDefault("default", optional(4, string(), "")),
  fsType: optional(5, string(), ""),
  readOnly: optional(6, boolean(), ""),
  portals: optional(7, list(string(), { listType: "atomic" }), ""),
  chapAuthDiscovery: optional(8, boolean(), ""),
  secretRef: optional(10, secretReference, ""),
  chapAuthSession: optional(11, boolean(), ""),
  initiatorName: optional(12, string(), ""),
});
export interface ISCSIPersistentVolumeSource extends Infer<typeof iscsiPersistentVolumeSource> {}

export const cinderPersistentVolumeSource = object("io.k8s.api.core.v1.CinderPersistentVolumeSource", "", {
  volumeID: required(1, string(), ""),
  fsType: optional(2, string(), ""),
  readOnly: optional(3, boolean(), ""),
  secretRef: optional(4, secretReference, ""),
});
export interface CinderPersistentVolumeSource extends Infer<typeof cinderPersistentVolumeSource> {}

export const cephFSPersistentVolumeSource = object("io.k8s.api.core.v1.CephFSPersistentVolumeSource", "", {
  monitors: required(1, list(string(), { listType: "atomic" }), ""),
  path: optional(2, string(), ""),
  user: optional(3, string(), ""),
  secretFile: optional(4, string(), ""),
  secretRef: optional(5, secretReference, ""),
  readOnly: optional(6, boolean(), ""),
});
export interface CephFSPersistentVolumeSource extends Infer<typeof cephFSPersistentVolumeSource> {}

export const flexPersistentVolumeSource = object("io.k8s.api.core.v1.FlexPersistentVolumeSource", "", {
  driver: required(1, string(), ""),
  fsType: optional(2, string(), ""),
  secretRef: optional(3, secretReference, ""),
  readOnly: optional(4, boolean(), ""),
  options: optional(5, map(string()), ""),
});
export interface FlexPersistentVolumeSource extends Infer<typeof flexPersistentVolumeSource> {}

export const azureFilePersistentVolumeSource = object("io.k8s.api.core.v1.AzureFilePersistentVolumeSource", "", {
  secretName: required(1, string(), ""),
  shareName: required(2, string(), ""),
  readOnly: optional(3, boolean(), ""),
  secretNamespace: optional(4, string(), ""),
});
export interface AzureFilePersistentVolumeSource extends Infer<typeof azureFilePersistentVolumeSource> {}

export const scaleIOPersistentVolumeSource = object("io.k8s.api.core.v1.ScaleIOPersistentVolumeSource", "", {
  gateway: required(1, string(), ""),
  system: required(2, string(), ""),
  secretRef: required(3, secretReference, ""),
  sslEnabled: optional(4, boolean(), ""),
  protectionDomain: optional(5, string(), ""),
  storagePool: optional(6, string(), ""),
  storageMode: byDefault("ThinProvisioned", optional(7, string(), "")),
  volumeName: optional(8, string(), ""),
  fsType: byDefault("xfs", optional(9, string(), "")),
  readOnly: optional(10, boolean(), ""),
});
export interface ScaleIOPersistentVolumeSource extends Infer<typeof scaleIOPersistentVolumeSource> {}

export const localVolumeSource = object("io.k8s.api.core.v1.LocalVolumeSource", "", {
  path: required(1, string(), ""),
  fsType: optional(2, string(), ""),
});
export interface LocalVolumeSource extends Infer<typeof localVolumeSource> {}

export const storageOSPersistentVolumeSource = object("io.k8s.api.core.v1.StorageOSPersistentVolumeSource", "", {
  volumeName: optional(1, string(), ""),
  volumeNamespace: optional(2, string(), ""),
  fsType: optional(3, string(), ""),
  readOnly: optional(4, boolean(), ""),
  secretRef: optional(5, objectReference, ""),
});
export interface StorageOSPersistentVolumeSource extends Infer<typeof storageOSPersistentVolumeSource> {}

export const csiPersistentVolumeSource = object("io.k8s.api.core.v1.CSIPersistentVolumeSource", "", {
  driver: required(1, string(), ""),
  volumeHandle: required(2, string(), ""),
  readOnly: optional(3, boolean(), ""),
  fsType: optional(4, string(), ""),
  volumeAttributes: optional(5, map(string()), ""),
  controllerPublishSecretRef: optional(6, secretReference, ""),
  nodeStageSecretRef: optional(7, secretReference, ""),
  nodePublishSecretRef: optional(8, secretReference, ""),
  controllerExpandSecretRef: optional(9, secretReference, ""),
  nodeExpandSecretRef: optional(10, secretReference, ""),
});
export interface CSIPersistentVolumeSource extends Infer<typeof csiPersistentVolumeSource> {}

export const persistentVolumeSource = object("io.k8s.api.core.v1.PersistentVolumeSource", "", {
  gcePersistentDisk: optional(1, gcePersistentDiskVolumeSource, ""),
  awsElasticBlockStore: optional(2, awsElasticBlockStoreVolumeSource, ""),
  hostPath: optional(3, hostPathVolumeSource, ""),
  glusterfs: optional(4, glusterfsPersistentVolumeSource, ""),
  nfs: optional(5, nfsVolumeSource, ""),
  rbd: optional(6, rbdPersistentVolumeSource, ""),
  iscsi: optional(7, iscsiPersistentVolumeSource, ""),
  cinder: optional(8, cinderPersistentVolumeSource, ""),
  cephfs: optional(9, cephFSPersistentVolumeSource, ""),
  fc: optional(10, fcVolumeSource, ""),
  flocker: optional(11, flockerVolumeSource, ""),
  flexVolume: optional(12, flexPersistentVolumeSource, ""),
  azureFile: optional(13, azureFilePersistentVolumeSource, ""),
  vsphereVolume: optional(14, vsphereVirtualDiskVolumeSource, ""),
  quobyte: optional(15, quobyteVolumeSource, ""),
  azureDisk: optional(16, azureDiskVolumeSource, ""),
  photonPersistentDisk: optional(17, photonPersistentDiskVolumeSource, ""),
  portworxVolume: optional(18, portworxVolumeSource, ""),
  scaleIO: optional(19, scaleIOPersistentVolumeSource, ""),
  local: optional(20, localVolumeSource, ""),
  storageos: optional(21, storageOSPersistentVolumeSource, ""),
  csi: optional(22, csiPersistentVolumeSource, ""),
});
export interface PersistentVolumeSource extends Infer<typeof persistentVolumeSource> {}

export const volumeNodeAffinity = object("io.k8s.api.core.v1.VolumeNodeAffinity", "", {
  required: optional(1, nodeSelector, ""),
});
export interface VolumeNodeAffinity extends Infer<typeof volumeNodeAffinity> {}

export const persistentVolumeSpec = object("io.k8s.api.core.v1.PersistentVolumeSpec", "", {
  ...inlined(2, persistentVolumeSource),
  capacity: optional(1, map(quantity()), ""),
  accessModes: optional(
    3,
    list(oneOf("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"), { listType: "atomic" }),
    "",
  ),
  claimRef: optional(4, objectReference, ""),
  persistentVolumeReclaimPolicy: optional(5, oneOf("Recycle", "Delete", "Retain"), ""),
  storageClassName: optional(6, string(), ""),
  mountOptions: optional(7, list(string(), { listType: "atomic" }), ""),
  volumeMode: optional(8, oneOf("Block", "Filesystem"), ""),
  nodeAffinity: optional(9, volumeNodeAffinity, ""),
  volumeAttributesClassName: optional(10, string(), ""),
});
export interface PersistentVolumeSpec extends Infer<typeof persistentVolumeSpec> {}

export const persistentVolumeStatus = object("io.k8s.api.core.v1.PersistentVolumeStatus", "", {
  phase: optional(1, oneOf("Pending", "Available", "Bound", "Released", "Failed"), ""),
  message: optional(2, string(), ""),
  reason: optional(3, string(), ""),
  lastPhaseTransitionTime: optional(4, time(), ""),
});
export interface PersistentVolumeStatus extends Infer<typeof persistentVolumeStatus> {}

export const persistentVolume = kubeObject("io.k8s.api.core.v1.PersistentVolume", "", {
  spec: present(2, persistentVolumeSpec, ""),
  status: present(3, persistentVolumeStatus, ""),
});
export interface PersistentVolume extends Infer<typeof persistentVolume> {}

export const persistentVolumes: ResourceDefinition<PersistentVolume> = {
  group: "",
  version: "v1",
  kind: "PersistentVolume",
  plural: "persistentvolumes",
  shortNames: ["pv"],
  scope: "Cluster",
  schema: persistentVolume,
  subresources: ["status"],
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
