// The storage systems that a persistent volume may lie in. Unlike the sources of a pod's volumes they name secrets and endpoints
// in any namespace, as the volume itself has none. No kubelet here mounts most of them; objects that use them are kept whole.

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
import {
  type Infer,
  boolean,
  byDefault,
  int32,
  list,
  map,
  object,
  optional,
  required,
  string,
} from "../schema/schema.ts";

export const glusterfsPersistentVolumeSource = object(
  "io.k8s.api.core.v1.GlusterfsPersistentVolumeSource",
  "A volume of GlusterFS.",
  {
    endpoints: required(1, string(), "The endpoints object that lists the servers."),
    path: required(2, string(), "The name of the volume."),
    readOnly: optional(3, boolean(), "If true, it is mounted read-only."),
    endpointsNamespace: optional(4, string(), "The namespace of the endpoints; the claim's unless given."),
  },
);
export interface GlusterfsPersistentVolumeSource extends Infer<typeof glusterfsPersistentVolumeSource> {}

export const rbdPersistentVolumeSource = object(
  "io.k8s.api.core.v1.RBDPersistentVolumeSource",
  "A Rados block device of Ceph.",
  {
    monitors: required(1, list(string(), { listType: "atomic" }), "The addresses of Ceph's monitors."),
    image: required(2, string(), "The name of the image."),
    fsType: optional(3, string(), "The file system on the device; ext4 unless given."),
    pool: byDefault("rbd", optional(4, string(), "The pool that the image lies in; rbd unless given.")),
    user: byDefault("admin", optional(5, string(), "The user; admin unless given.")),
    keyring: byDefault(
      "/etc/ceph/keyring",
      optional(6, string(), "The path of the user's keyring; /etc/ceph/keyring unless given."),
    ),
    secretRef: optional(7, secretReference, "A secret with the user's key, in place of keyring."),
    readOnly: optional(8, boolean(), "If true, it is mounted read-only."),
  },
);
export interface RBDPersistentVolumeSource extends Infer<typeof rbdPersistentVolumeSource> {}

export const iscsiPersistentVolumeSource = object(
  "io.k8s.api.core.v1.ISCSIPersistentVolumeSource",
  "A disk that is reached over iSCSI.",
  {
    targetPortal: required(1, string(), "The address of the target, with its port unless that is 860 or 3260."),
    iqn: required(2, string(), "The qualified name of the target."),
    lun: required(3, int32(), "The number of the unit, from 0 to 255."),
    iscsiInterface: byDefault(
      "default",
      optional(4, string(), "The interface that is used; default (TCP) unless given."),
    ),
    fsType: optional(5, string(), "The file system on the disk; ext4 unless given."),
    readOnly: optional(6, boolean(), "If true, it is mounted read-only."),
    portals: optional(7, list(string(), { listType: "atomic" }), "Further addresses of the target."),
    chapAuthDiscovery: optional(8, boolean(), "Whether discovery authenticates with CHAP."),
    secretRef: optional(10, secretReference, "The secret with the CHAP credentials."),
    chapAuthSession: optional(11, boolean(), "Whether the session authenticates with CHAP."),
    initiatorName: optional(12, string(), "The qualified name that the node gives itself."),
  },
);
export interface ISCSIPersistentVolumeSource extends Infer<typeof iscsiPersistentVolumeSource> {}

export const cinderPersistentVolumeSource = object(
  "io.k8s.api.core.v1.CinderPersistentVolumeSource",
  "A disk of OpenStack.",
  {
    volumeID: required(1, string(), "The id of the disk."),
    fsType: optional(2, string(), "The file system on the disk; ext4 unless given."),
    readOnly: optional(3, boolean(), "If true, it is mounted read-only."),
    secretRef: optional(4, secretReference, "A secret with what is needed to connect to OpenStack."),
  },
);
export interface CinderPersistentVolumeSource extends Infer<typeof cinderPersistentVolumeSource> {}

export const cephFSPersistentVolumeSource = object(
  "io.k8s.api.core.v1.CephFSPersistentVolumeSource",
  "A directory of CephFS.",
  {
    monitors: required(1, list(string(), { listType: "atomic" }), "The addresses of Ceph's monitors."),
    path: optional(2, string(), "The directory; the root unless given."),
    user: optional(3, string(), "The user; admin unless given."),
    secretFile: optional(4, string(), "The path of the file with the user's key."),
    secretRef: optional(5, secretReference, "A secret with the user's key, in place of secretFile."),
    readOnly: optional(6, boolean(), "If true, it is mounted read-only."),
  },
);
export interface CephFSPersistentVolumeSource extends Infer<typeof cephFSPersistentVolumeSource> {}

export const flexPersistentVolumeSource = object(
  "io.k8s.api.core.v1.FlexPersistentVolumeSource",
  "A volume of a FlexVolume driver.",
  {
    driver: required(1, string(), "The name of the driver."),
    fsType: optional(2, string(), "The file system of the volume; the driver's default unless given."),
    secretRef: optional(3, secretReference, "A secret that the driver is given."),
    readOnly: optional(4, boolean(), "If true, it is mounted read-only."),
    options: optional(5, map(string()), "Further options for the driver."),
  },
);
export interface FlexPersistentVolumeSource extends Infer<typeof flexPersistentVolumeSource> {}

export const azureFilePersistentVolumeSource = object(
  "io.k8s.api.core.v1.AzureFilePersistentVolumeSource",
  "A file share of Azure.",
  {
    secretName: required(1, string(), "The secret with the name and the key of the storage account."),
    shareName: required(2, string(), "The name of the share."),
    readOnly: optional(3, boolean(), "If true, it is mounted read-only."),
    secretNamespace: optional(4, string(), "The namespace of the secret; the pod's unless given."),
  },
);
export interface AzureFilePersistentVolumeSource extends Infer<typeof azureFilePersistentVolumeSource> {}

export const scaleIOPersistentVolumeSource = object(
  "io.k8s.api.core.v1.ScaleIOPersistentVolumeSource",
  "A volume of ScaleIO.",
  {
    gateway: required(1, string(), "The address of the gateway."),
    system: required(2, string(), "The name of the storage system."),
    secretRef: required(3, secretReference, "The secret with the user's credentials."),
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
  },
);
export interface ScaleIOPersistentVolumeSource extends Infer<typeof scaleIOPersistentVolumeSource> {}

export const localVolumeSource = object(
  "io.k8s.api.core.v1.LocalVolumeSource",
  "A disk, partition or directory of one node. The volume's node affinity names the node.",
  {
    path: required(1, string(), "The path on the node, to a directory or a block device."),
    fsType: optional(
      2,
      string(),
      "The file system to make on a block device; one that suits it is chosen unless given.",
    ),
  },
);
export interface LocalVolumeSource extends Infer<typeof localVolumeSource> {}

export const storageOSPersistentVolumeSource = object(
  "io.k8s.api.core.v1.StorageOSPersistentVolumeSource",
  "A volume of StorageOS.",
  {
    volumeName: optional(1, string(), "The name of the volume."),
    volumeNamespace: optional(2, string(), "The namespace of the volume within StorageOS; the pod's unless given."),
    fsType: optional(3, string(), "The file system of the volume; ext4 unless given."),
    readOnly: optional(4, boolean(), "If true, it is mounted read-only."),
    secretRef: optional(5, objectReference, "The secret with the credentials for StorageOS."),
  },
);
export interface StorageOSPersistentVolumeSource extends Infer<typeof storageOSPersistentVolumeSource> {}

export const csiPersistentVolumeSource = object(
  "io.k8s.api.core.v1.CSIPersistentVolumeSource",
  "A volume that a CSI driver manages.",
  {
    driver: required(1, string(), "The name of the driver."),
    volumeHandle: required(2, string(), "What the driver calls the volume."),
    readOnly: optional(3, boolean(), "If true, it is attached and mounted read-only."),
    fsType: optional(4, string(), "The file system of the volume; the driver's default unless given."),
    volumeAttributes: optional(5, map(string()), "Properties that the driver is told."),
    controllerPublishSecretRef: optional(
      6,
      secretReference,
      "A secret that the driver needs to attach and detach the volume.",
    ),
    nodeStageSecretRef: optional(
      7,
      secretReference,
      "A secret that the driver needs to make the volume ready on a node.",
    ),
    nodePublishSecretRef: optional(8, secretReference, "A secret that the driver needs to mount the volume for a pod."),
    controllerExpandSecretRef: optional(9, secretReference, "A secret that the driver needs to enlarge the volume."),
    nodeExpandSecretRef: optional(
      10,
      secretReference,
      "A secret that the driver needs to enlarge the volume's file system on a node.",
    ),
  },
);
export interface CSIPersistentVolumeSource extends Infer<typeof csiPersistentVolumeSource> {}

export const persistentVolumeSource = object(
  "io.k8s.api.core.v1.PersistentVolumeSource",
  "Where a persistent volume lies. Exactly one of the fields is set.",
  {
    gcePersistentDisk: optional(1, gcePersistentDiskVolumeSource, "A disk of Google Compute Engine."),
    awsElasticBlockStore: optional(2, awsElasticBlockStoreVolumeSource, "A disk of Amazon Web Services."),
    hostPath: optional(
      3,
      hostPathVolumeSource,
      "A file or directory of the node. Only for trying things out on a single node.",
    ),
    glusterfs: optional(4, glusterfsPersistentVolumeSource, "A volume of GlusterFS."),
    nfs: optional(5, nfsVolumeSource, "A directory of an NFS server."),
    rbd: optional(6, rbdPersistentVolumeSource, "A Rados block device of Ceph."),
    iscsi: optional(7, iscsiPersistentVolumeSource, "A disk that is reached over iSCSI."),
    cinder: optional(8, cinderPersistentVolumeSource, "A disk of OpenStack."),
    cephfs: optional(9, cephFSPersistentVolumeSource, "A directory of CephFS."),
    fc: optional(10, fcVolumeSource, "A disk that is reached over Fibre Channel."),
    flocker: optional(11, flockerVolumeSource, "A dataset of Flocker."),
    flexVolume: optional(12, flexPersistentVolumeSource, "A volume of a FlexVolume driver."),
    azureFile: optional(13, azureFilePersistentVolumeSource, "A file share of Azure."),
    vsphereVolume: optional(14, vsphereVirtualDiskVolumeSource, "A disk of vSphere."),
    quobyte: optional(15, quobyteVolumeSource, "A volume of Quobyte."),
    azureDisk: optional(16, azureDiskVolumeSource, "A disk of Azure."),
    photonPersistentDisk: optional(17, photonPersistentDiskVolumeSource, "A disk of Photon Controller."),
    portworxVolume: optional(18, portworxVolumeSource, "A volume of Portworx."),
    scaleIO: optional(19, scaleIOPersistentVolumeSource, "A volume of ScaleIO."),
    local: optional(20, localVolumeSource, "A disk, partition or directory of one node."),
    storageos: optional(21, storageOSPersistentVolumeSource, "A volume of StorageOS."),
    csi: optional(22, csiPersistentVolumeSource, "A volume that a CSI driver manages."),
  },
);
export interface PersistentVolumeSource extends Infer<typeof persistentVolumeSource> {}
