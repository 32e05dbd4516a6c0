// HEADER

import { localObjectReference } from "./reference.ts";
import {
  type Infer,
  boolean,
  byDefault,
  completed,
  int32,
  list,
  map,
  object,
  oneOf,
  optional,
  required,
  string,
} from "../schema/schema.ts";

export const gcePersistentDiskVolumeSource = object("io.k8s.api.core.v1.GCEPersistentDiskVolumeSource", "", {
  pdName: required(1, string(), ""),
  fsType: optional(2, string(), ""),
  partition: optional(3, int32(), ""),
  readOnly: optional(4, boolean(), ""),
});
export interface GCEPersistentDiskVolumeSource extends Infer<typeof gcePersistentDiskVolumeSource> {}

export const awsElasticBlockStoreVolumeSource = object("io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource", "", {
  volumeID: required(1, string(), ""),
  fsType: optional(2, string(), ""),
  partition: optional(3, int32(), ""),
  readOnly: optional(4, boolean(), ""),
});
export interface AWSElasticBlockStoreVolumeSource extends Infer<typeof awsElasticBlockStoreVolumeSource> {}

export const gitRepoVolumeSource = object("io.k8s.api.core.v1.GitRepoVolumeSource", "", {
  repository: required(1, string(), ""),
  revision: optional(2, string(), ""),
  directory: optional(3, string(), ""),
});
export interface GitRepoVolumeSource extends Infer<typeof gitRepoVolumeSource> {}

export const iscsiVolumeSource = object("io.k8s.api.core.v1.ISCSIVolumeSource", "", {
  targetPortal: required(1, string(), ""),
  iqn: required(2, string(), ""),
  lun: required(3, int32(), ""),
  iscsiInterface: byDefault("default", optional(4, string(), "")),
  fsType: optional(5, string(), ""),
  readOnly: optional(6, boolean(), ""),
  portals: optional(7, list(string(), { listType: "atomic" }), ""),
  chapAuthDiscovery: optional(8, boolean(), ""),
  secretRef: optional(10, localObjectReference, ""),
  chapAuthSession: optional(11, boolean(), ""),
  initiatorName: optional(12, string(), ""),
});
export interface ISCSIVolumeSource extends Infer<typeof iscsiVolumeSource> {}

export const glusterfsVolumeSource = object("io.k8s.api.core.v1.GlusterfsVolumeSource", "", {
  endpoints: required(1, string(), ""),
  path: required(2, string(), ""),
  readOnly: optional(3, boolean(), ""),
});
export interface GlusterfsVolumeSource extends Infer<typeof glusterfsVolumeSource> {}

export const rbdVolumeSource = object("io.k8s.api.core.v1.RBDVolumeSource", "", {
  monitors: required(1, list(string(), { listType: "atomic" }), ""),
  image: required(2, string(), ""),
  fsType: optional(3, string(), ""),
  pool: byDefault("rbd", optional(4, string(), "")),
  user: byDefault("admin", optional(5, string(), "")),
  keyring: byDefault("/etc/ceph/keyring", optional(6, string(), "")),
  secretRef: optional(7, localObjectReference, ""),
  readOnly: optional(8, boolean(), ""),
});
export interface RBDVolumeSource extends Infer<typeof rbdVolumeSource> {}

export const flexVolumeSource = object("io.k8s.api.core.v1.FlexVolumeSource", "", {
  driver: required(1, string(), ""),
  fsType: optional(2, string(), ""),
  secretRef: optional(3, localObjectReference, ""),
  readOnly: optional(4, boolean(), ""),
  options: optional(5, map(string()), ""),
});
export interface FlexVolumeSource extends Infer<typeof flexVolumeSource> {}

export const cinderVolumeSource = object("io.k8s.api.core.v1.CinderVolumeSource", "", {
  volumeID: required(1, string(), ""),
  fsType: optional(2, string(), ""),
  readOnly: optional(3, boolean(), ""),
  secretRef: optional(4, localObjectReference, ""),
});
export interface CinderVolumeSource extends Infer<typeof cinderVolumeSource> {}

export const cephFSVolumeSource = object("io.k8s.api.core.v1.CephFSVolumeSource", "", {
  monitors: required(1, list(string(), { listType: "atomic" }), ""),
  path: optional(2, string(), ""),
  user: optional(3, string(), ""),
  secretFile: optional(4, string(), ""),
  secretRef: optional(5, localObjectReference, ""),
  readOnly: optional(6, boolean(), ""),
});
export interface CephFSVolumeSource extends Infer<typeof cephFSVolumeSource> {}

export const flockerVolumeSource = object("io.k8s.api.core.v1.FlockerVolumeSource", "", {
  datasetName: optional(1, string(), ""),
  datasetUUID: optional(2, string(), ""),
});
export interface FlockerVolumeSource extends Infer<typeof flockerVolumeSource> {}

export const fcVolumeSource = object("io.k8s.api.core.v1.FCVolumeSource", "", {
  targetWWNs: optional(1, list(string(), { listType: "atomic" }), ""),
  lun: optional(2, int32(), ""),
  fsType: optional(3, string(), ""),
  readOnly: optional(4, boolean(), ""),
  wwids: optional(5, list(string(), { listType: "atomic" }), ""),
});
export interface FCVolumeSource extends Infer<typeof fcVolumeSource> {}

export const azureFileVolumeSource = object("io.k8s.api.core.v1.AzureFileVolumeSource", "", {
  secretName: required(1, string(), ""),
  shareName: required(2, string(), ""),
  readOnly: optional(3, boolean(), ""),
});
export interface AzureFileVolumeSource extends Infer<typeof azureFileVolumeSource> {}

export const vsphereVirtualDiskVolumeSource = object("io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource", "", {
  volumePath: required(1, string(), ""),
  fsType: optional(2, string(), ""),
  storagePolicyName: optional(3, string(), ""),
  storagePolicyID: optional(4, string(), ""),
});
export interface VsphereVirtualDiskVolumeSource extends Infer<typeof vsphereVirtualDiskVolumeSource> {}

export const quobyteVolumeSource = object("io.k8s.api.core.v1.QuobyteVolumeSource", "", {
  registry: required(1, string(), ""),
  volume: required(2, string(), ""),
  readOnly: optional(3, boolean(), ""),
  user: optional(4, string(), ""),
  group: optional(5, string(), ""),
  tenant: optional(6, string(), ""),
});
export interface QuobyteVolumeSource extends Infer<typeof quobyteVolumeSource> {}

export const azureDiskVolumeSource = completed(
  object("io.k8s.api.core.v1.AzureDiskVolumeSource", "", {
    diskName: required(1, string(), ""),
    diskURI: required(2, string(), ""),
    cachingMode: optional(3, oneOf("None", "ReadOnly", "ReadWrite"), ""),
    fsType: byDefault("ext4", optional(4, string(), "")),
    readOnly: byDefault(false, optional(5, boolean(), "")),
    kind: optional(6, oneOf("Shared", "Dedicated", "Managed"), ""),
  }),
  (draft) => {
    draft.cachingMode ??= "ReadWrite";
    draft.kind ??= "Shared";
  },
);
export interface AzureDiskVolumeSource extends Infer<typeof azureDiskVolumeSource> {}

export const photonPersistentDiskVolumeSource = object("io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource", "", {
  pdID: required(1, string(), ""),
  fsType: optional(2, string(), ""),
});
export interface PhotonPersistentDiskVolumeSource extends Infer<typeof photonPersistentDiskVolumeSource> {}

export const portworxVolumeSource = object("io.k8s.api.core.v1.PortworxVolumeSource", "", {
  volumeID: required(1, string(), ""),
  fsType: optional(2, string(), ""),
  readOnly: optional(3, boolean(), ""),
});
export interface PortworxVolumeSource extends Infer<typeof portworxVolumeSource> {}

export const scaleIOVolumeSource = object("io.k8s.api.core.v1.ScaleIOVolumeSource", "", {
  gateway: required(1, string(), ""),
  system: required(2, string(), ""),
  secretRef: required(3, localObjectReference, ""),
  sslEnabled: optional(4, boolean(), ""),
  protectionDomain: optional(5, string(), ""),
  storagePool: optional(6, string(), ""),
  storageMode: byDefault("ThinProvisioned", optional(7, string(), "")),
  volumeName: optional(8, string(), ""),
  fsType: byDefault("xfs", optional(9, string(), "")),
  readOnly: optional(10, boolean(), ""),
});
export interface ScaleIOVolumeSource extends Infer<typeof scaleIOVolumeSource> {}

export const storageOSVolumeSource = object("io.k8s.api.core.v1.StorageOSVolumeSource", "", {
  volumeName: optional(1, string(), ""),
  volumeNamespace: optional(2, string(), ""),
  fsType: optional(3, string(), ""),
  readOnly: optional(4, boolean(), ""),
  secretRef: optional(5, localObjectReference, ""),
});
export interface StorageOSVolumeSource extends Infer<typeof storageOSVolumeSource> {}
