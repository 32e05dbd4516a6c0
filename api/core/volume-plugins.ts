// Volumes of storage systems that Kubernetes once had built in. No kubelet here mounts them; objects that use them are kept
// whole.

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

export const gcePersistentDiskVolumeSource = object(
  "io.k8s.api.core.v1.GCEPersistentDiskVolumeSource",
  "A disk of Google Compute Engine.",
  {
    pdName: required(1, string(), "The name of the disk."),
    fsType: optional(2, string(), "The file system on the disk; ext4 unless given."),
    partition: optional(3, int32(), "The number of the partition; the whole disk unless given."),
    readOnly: optional(4, boolean(), "If true, it is mounted read-only."),
  },
);
export interface GCEPersistentDiskVolumeSource extends Infer<typeof gcePersistentDiskVolumeSource> {}

export const awsElasticBlockStoreVolumeSource = object(
  "io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource",
  "A disk of Amazon Web Services.",
  {
    volumeID: required(1, string(), "The id of the disk."),
    fsType: optional(2, string(), "The file system on the disk; ext4 unless given."),
    partition: optional(3, int32(), "The number of the partition; the whole disk unless given."),
    readOnly: optional(4, boolean(), "If true, it is mounted read-only."),
  },
);
export interface AWSElasticBlockStoreVolumeSource extends Infer<typeof awsElasticBlockStoreVolumeSource> {}

export const gitRepoVolumeSource = object(
  "io.k8s.api.core.v1.GitRepoVolumeSource",
  "The content of a git repository.",
  {
    repository: required(1, string(), "The URL of the repository."),
    revision: optional(2, string(), "The commit that is checked out."),
    directory: optional(
      3,
      string(),
      "The directory in the volume that it is put into; a new one of the repository's name unless given.",
    ),
  },
);
export interface GitRepoVolumeSource extends Infer<typeof gitRepoVolumeSource> {}

export const iscsiVolumeSource = object("io.k8s.api.core.v1.ISCSIVolumeSource", "A disk that is reached over iSCSI.", {
  targetPortal: required(1, string(), "The address of the target, with its port unless that is 860 or 3260."),
  iqn: required(2, string(), "The qualified name of the target."),
  lun: required(3, int32(), "The number of the unit."),
  iscsiInterface: byDefault(
    "default",
    optional(4, string(), "The interface that is used; default (TCP) unless given."),
  ),
  fsType: optional(5, string(), "The file system on the disk; ext4 unless given."),
  readOnly: optional(6, boolean(), "If true, it is mounted read-only."),
  portals: optional(7, list(string(), { listType: "atomic" }), "Further addresses of the target."),
  chapAuthDiscovery: optional(8, boolean(), "Whether discovery authenticates with CHAP."),
  secretRef: optional(10, localObjectReference, "The secret with the CHAP credentials."),
  chapAuthSession: optional(11, boolean(), "Whether the session authenticates with CHAP."),
  initiatorName: optional(12, string(), "The qualified name that the node gives itself."),
});
export interface ISCSIVolumeSource extends Infer<typeof iscsiVolumeSource> {}

export const glusterfsVolumeSource = object("io.k8s.api.core.v1.GlusterfsVolumeSource", "A volume of GlusterFS.", {
  endpoints: required(1, string(), "The endpoints object that lists the servers."),
  path: required(2, string(), "The name of the volume."),
  readOnly: optional(3, boolean(), "If true, it is mounted read-only."),
});
export interface GlusterfsVolumeSource extends Infer<typeof glusterfsVolumeSource> {}

export const rbdVolumeSource = object("io.k8s.api.core.v1.RBDVolumeSource", "A Rados block device of Ceph.", {
  monitors: required(1, list(string(), { listType: "atomic" }), "The addresses of Ceph's monitors."),
  image: required(2, string(), "The name of the image."),
  fsType: optional(3, string(), "The file system on the device; ext4 unless given."),
  pool: byDefault("rbd", optional(4, string(), "The pool that the image lies in; rbd unless given.")),
  user: byDefault("admin", optional(5, string(), "The user; admin unless given.")),
  keyring: byDefault(
    "/etc/ceph/keyring",
    optional(6, string(), "The path of the user's keyring; /etc/ceph/keyring unless given."),
  ),
  secretRef: optional(7, localObjectReference, "A secret with the user's key, in place of keyring."),
  readOnly: optional(8, boolean(), "If true, it is mounted read-only."),
});
export interface RBDVolumeSource extends Infer<typeof rbdVolumeSource> {}

export const flexVolumeSource = object("io.k8s.api.core.v1.FlexVolumeSource", "A volume of a FlexVolume driver.", {
  driver: required(1, string(), "The name of the driver."),
  fsType: optional(2, string(), "The file system of the volume; the driver's default unless given."),
  secretRef: optional(3, localObjectReference, "A secret that the driver is given."),
  readOnly: optional(4, boolean(), "If true, it is mounted read-only."),
  options: optional(5, map(string()), "Further options for the driver."),
});
export interface FlexVolumeSource extends Infer<typeof flexVolumeSource> {}

export const cinderVolumeSource = object("io.k8s.api.core.v1.CinderVolumeSource", "A disk of OpenStack.", {
  volumeID: required(1, string(), "The id of the disk."),
  fsType: optional(2, string(), "The file system on the disk; ext4 unless given."),
  readOnly: optional(3, boolean(), "If true, it is mounted read-only."),
  secretRef: optional(4, localObjectReference, "A secret with what is needed to connect to OpenStack."),
});
export interface CinderVolumeSource extends Infer<typeof cinderVolumeSource> {}

export const cephFSVolumeSource = object("io.k8s.api.core.v1.CephFSVolumeSource", "A directory of CephFS.", {
  monitors: required(1, list(string(), { listType: "atomic" }), "The addresses of Ceph's monitors."),
  path: optional(2, string(), "The directory; the root unless given."),
  user: optional(3, string(), "The user; admin unless given."),
  secretFile: optional(4, string(), "The path of the file with the user's key."),
  secretRef: optional(5, localObjectReference, "A secret with the user's key, in place of secretFile."),
  readOnly: optional(6, boolean(), "If true, it is mounted read-only."),
});
export interface CephFSVolumeSource extends Infer<typeof cephFSVolumeSource> {}

export const flockerVolumeSource = object(
  "io.k8s.api.core.v1.FlockerVolumeSource",
  "A dataset of Flocker. One of the two is set.",
  {
    datasetName: optional(1, string(), "The name of the dataset."),
    datasetUUID: optional(2, string(), "The id of the dataset."),
  },
);
export interface FlockerVolumeSource extends Infer<typeof flockerVolumeSource> {}

export const fcVolumeSource = object(
  "io.k8s.api.core.v1.FCVolumeSource",
  "A disk that is reached over Fibre Channel.",
  {
    targetWWNs: optional(1, list(string(), { listType: "atomic" }), "The world wide names of the targets."),
    lun: optional(2, int32(), "The number of the unit."),
    fsType: optional(3, string(), "The file system on the disk; ext4 unless given."),
    readOnly: optional(4, boolean(), "If true, it is mounted read-only."),
    wwids: optional(
      5,
      list(string(), { listType: "atomic" }),
      "The world wide ids of the disk, in place of targetWWNs and lun.",
    ),
  },
);
export interface FCVolumeSource extends Infer<typeof fcVolumeSource> {}

export const azureFileVolumeSource = object("io.k8s.api.core.v1.AzureFileVolumeSource", "A file share of Azure.", {
  secretName: required(1, string(), "The secret with the name and the key of the storage account."),
  shareName: required(2, string(), "The name of the share."),
  readOnly: optional(3, boolean(), "If true, it is mounted read-only."),
});
export interface AzureFileVolumeSource extends Infer<typeof azureFileVolumeSource> {}

export const vsphereVirtualDiskVolumeSource = object(
  "io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource",
  "A disk of vSphere.",
  {
    volumePath: required(1, string(), "The path of the disk."),
    fsType: optional(2, string(), "The file system on the disk; ext4 unless given."),
    storagePolicyName: optional(3, string(), "The name of the storage policy."),
    storagePolicyID: optional(4, string(), "The id of the storage policy."),
  },
);
export interface VsphereVirtualDiskVolumeSource extends Infer<typeof vsphereVirtualDiskVolumeSource> {}

export const quobyteVolumeSource = object("io.k8s.api.core.v1.QuobyteVolumeSource", "A volume of Quobyte.", {
  registry: required(1, string(), "The addresses of the registries, as host:port, separated by commas."),
  volume: required(2, string(), "The name of the volume."),
  readOnly: optional(3, boolean(), "If true, it is mounted read-only."),
  user: optional(4, string(), "The user that it is mounted as."),
  group: optional(5, string(), "The group that it is mounted as."),
  tenant: optional(6, string(), "The tenant that the volume belongs to."),
});
export interface QuobyteVolumeSource extends Infer<typeof quobyteVolumeSource> {}

export const azureDiskVolumeSource = completed(
  object("io.k8s.api.core.v1.AzureDiskVolumeSource", "A disk of Azure.", {
    diskName: required(1, string(), "The name of the disk."),
    diskURI: required(2, string(), "The URI of the disk."),
    cachingMode: optional(
      3,
      oneOf("None", "ReadOnly", "ReadWrite"),
      "How the host caches it: None, ReadOnly or ReadWrite (the default).",
    ),
    fsType: byDefault("ext4", optional(4, string(), "The file system on the disk; ext4 unless given.")),
    readOnly: byDefault(false, optional(5, boolean(), "If true, it is mounted read-only.")),
    kind: optional(
      6,
      oneOf("Shared", "Dedicated", "Managed"),
      "The sort of disk: Shared (the default), Dedicated or Managed.",
    ),
  }),
  (draft) => {
    draft.cachingMode ??= "ReadWrite";
    draft.kind ??= "Shared";
  },
);
export interface AzureDiskVolumeSource extends Infer<typeof azureDiskVolumeSource> {}

export const photonPersistentDiskVolumeSource = object(
  "io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource",
  "A disk of Photon Controller.",
  {
    pdID: required(1, string(), "The id of the disk."),
    fsType: optional(2, string(), "The file system on the disk; ext4 unless given."),
  },
);
export interface PhotonPersistentDiskVolumeSource extends Infer<typeof photonPersistentDiskVolumeSource> {}

export const portworxVolumeSource = object("io.k8s.api.core.v1.PortworxVolumeSource", "A volume of Portworx.", {
  volumeID: required(1, string(), "The id of the volume."),
  fsType: optional(2, string(), "The file system of the volume; ext4 unless given."),
  readOnly: optional(3, boolean(), "If true, it is mounted read-only."),
});
export interface PortworxVolumeSource extends Infer<typeof portworxVolumeSource> {}

export const scaleIOVolumeSource = object("io.k8s.api.core.v1.ScaleIOVolumeSource", "A volume of ScaleIO.", {
  gateway: required(1, string(), "The address of the gateway."),
  system: required(2, string(), "The name of the storage system."),
  secretRef: required(3, localObjectReference, "The secret with the user's credentials."),
  sslEnabled: optional(4, boolean(), "Whether the gateway is talked to over TLS."),
  protectionDomain: optional(5, string(), "The protection domain that the volume lies in."),
  storagePool: optional(6, string(), "The storage pool that the volume lies in."),
  storageMode: byDefault(
    "ThinProvisioned",
    optional(7, string(), "ThickProvisioned or ThinProvisioned; the latter unless given."),
  ),
  volumeName: optional(8, string(), "The name of the volume."),
  fsType: byDefault("xfs", optional(9, string(), "The file system of the volume; xfs unless given.")),
  readOnly: optional(10, boolean(), "If true, it is mounted read-only."),
});
export interface ScaleIOVolumeSource extends Infer<typeof scaleIOVolumeSource> {}

export const storageOSVolumeSource = object("io.k8s.api.core.v1.StorageOSVolumeSource", "A volume of StorageOS.", {
  volumeName: optional(1, string(), "The name of the volume."),
  volumeNamespace: optional(2, string(), "The namespace of the volume within StorageOS; the pod's unless given."),
  fsType: optional(3, string(), "The file system of the volume; ext4 unless given."),
  readOnly: optional(4, boolean(), "If true, it is mounted read-only."),
  secretRef: optional(5, localObjectReference, "The secret with the credentials for StorageOS."),
});
export interface StorageOSVolumeSource extends Infer<typeof storageOSVolumeSource> {}
