// Volume: a directory or device that the containers of a pod share, and the commonest places that its content comes from.

import { persistentVolumeClaimTemplate } from "./claim-spec.ts";
import { localObjectReference } from "./reference.ts";
import {
  awsElasticBlockStoreVolumeSource,
  azureDiskVolumeSource,
  azureFileVolumeSource,
  cephFSVolumeSource,
  cinderVolumeSource,
  fcVolumeSource,
  flexVolumeSource,
  flockerVolumeSource,
  gcePersistentDiskVolumeSource,
  gitRepoVolumeSource,
  glusterfsVolumeSource,
  iscsiVolumeSource,
  photonPersistentDiskVolumeSource,
  portworxVolumeSource,
  quobyteVolumeSource,
  rbdVolumeSource,
  scaleIOVolumeSource,
  storageOSVolumeSource,
  vsphereVirtualDiskVolumeSource,
} from "./volume-plugins.ts";
import {
  configMapVolumeSource,
  downwardAPIVolumeSource,
  projectedVolumeSource,
  secretVolumeSource,
} from "./volume-projection.ts";
import {
  type Infer,
  boolean,
  completed,
  inlined,
  map,
  object,
  oneOf,
  optional,
  quantity,
  required,
  string,
} from "../schema/schema.ts";

export const hostPathVolumeSource = completed(
  object("io.k8s.api.core.v1.HostPathVolumeSource", "A file or directory of the node.", {
    path: required(1, string(), "The path on the node."),
    type: optional(
      2,
      oneOf("", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"),
      "What must be there: empty for no check, DirectoryOrCreate, Directory, FileOrCreate, File, Socket, CharDevice or BlockDevice.",
    ),
  }),
  (draft) => {
    draft.type ??= "";
  },
);
export interface HostPathVolumeSource extends Infer<typeof hostPathVolumeSource> {}

export const emptyDirVolumeSource = object(
  "io.k8s.api.core.v1.EmptyDirVolumeSource",
  "A directory that lives as long as the pod.",
  {
    medium: optional(1, string(), "Where it is kept: empty for the node's disk, Memory for the node's memory."),
    sizeLimit: optional(2, quantity(), "The most that it may hold; no limit unless given."),
  },
);
export interface EmptyDirVolumeSource extends Infer<typeof emptyDirVolumeSource> {}

export const nfsVolumeSource = object("io.k8s.api.core.v1.NFSVolumeSource", "A directory of an NFS server.", {
  server: required(1, string(), "The name or address of the server."),
  path: required(2, string(), "The path that the server exports."),
  readOnly: optional(3, boolean(), "If true, it is mounted read-only."),
});
export interface NFSVolumeSource extends Infer<typeof nfsVolumeSource> {}

export const persistentVolumeClaimVolumeSource = object(
  "io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource",
  "The volume that a claim is bound to.",
  {
    claimName: required(1, string(), "The name of the claim."),
    readOnly: optional(2, boolean(), "If true, it is mounted read-only."),
  },
);
export interface PersistentVolumeClaimVolumeSource extends Infer<typeof persistentVolumeClaimVolumeSource> {}

export const csiVolumeSource = object(
  "io.k8s.api.core.v1.CSIVolumeSource",
  "A volume that a CSI driver makes for one pod.",
  {
    driver: required(1, string(), "The name of the driver."),
    readOnly: optional(2, boolean(), "If true, it is mounted read-only."),
    fsType: optional(3, string(), "The file system of the volume; the driver's default unless given."),
    volumeAttributes: optional(4, map(string()), "Properties that the driver is told."),
    nodePublishSecretRef: optional(5, localObjectReference, "A secret that the driver needs to mount the volume."),
  },
);
export interface CSIVolumeSource extends Infer<typeof csiVolumeSource> {}

export const ephemeralVolumeSource = object(
  "io.k8s.api.core.v1.EphemeralVolumeSource",
  "A volume from a claim that lives as long as the pod.",
  {
    volumeClaimTemplate: optional(
      1,
      persistentVolumeClaimTemplate,
      "What the claim is made from. It is named after the pod and the volume.",
    ),
  },
);
export interface EphemeralVolumeSource extends Infer<typeof ephemeralVolumeSource> {}

export const imageVolumeSource = object("io.k8s.api.core.v1.ImageVolumeSource", "The content of a container image.", {
  reference: optional(1, string(), "The image."),
  pullPolicy: optional(
    2,
    oneOf("Always", "Never", "IfNotPresent"),
    "When it is fetched: Always, IfNotPresent or Never.",
  ),
});
export interface ImageVolumeSource extends Infer<typeof imageVolumeSource> {}

export const volumeSource = object(
  "io.k8s.api.core.v1.VolumeSource",
  "Where the content of a volume comes from. Exactly one is set; an empty directory if none is.",
  {
    hostPath: optional(
      1,
      hostPathVolumeSource,
      "A file or directory of the node. Gives the pod access to the node itself.",
    ),
    emptyDir: optional(
      2,
      emptyDirVolumeSource,
      "A directory that is empty when the pod starts and is deleted with it.",
    ),
    gcePersistentDisk: optional(3, gcePersistentDiskVolumeSource, "A disk of Google Compute Engine. Deprecated."),
    awsElasticBlockStore: optional(4, awsElasticBlockStoreVolumeSource, "A disk of Amazon Web Services. Deprecated."),
    gitRepo: optional(
      5,
      gitRepoVolumeSource,
      "The content of a git repository. Deprecated; clone it in an init container instead.",
    ),
    secret: optional(6, secretVolumeSource, "The entries of a secret, as files."),
    nfs: optional(7, nfsVolumeSource, "A directory of an NFS server."),
    iscsi: optional(8, iscsiVolumeSource, "A disk that is reached over iSCSI."),
    glusterfs: optional(9, glusterfsVolumeSource, "A volume of GlusterFS. Deprecated."),
    persistentVolumeClaim: optional(
      10,
      persistentVolumeClaimVolumeSource,
      "The volume that a claim of the same namespace is bound to.",
    ),
    rbd: optional(11, rbdVolumeSource, "A Rados block device of Ceph. Deprecated."),
    flexVolume: optional(12, flexVolumeSource, "A volume of a FlexVolume driver. Deprecated."),
    cinder: optional(13, cinderVolumeSource, "A disk of OpenStack. Deprecated."),
    cephfs: optional(14, cephFSVolumeSource, "A directory of CephFS. Deprecated."),
    flocker: optional(15, flockerVolumeSource, "A dataset of Flocker. Deprecated."),
    downwardAPI: optional(16, downwardAPIVolumeSource, "Fields of the pod, as files."),
    fc: optional(17, fcVolumeSource, "A disk that is reached over Fibre Channel."),
    azureFile: optional(18, azureFileVolumeSource, "A file share of Azure. Deprecated."),
    configMap: optional(19, configMapVolumeSource, "The entries of a config map, as files."),
    vsphereVolume: optional(20, vsphereVirtualDiskVolumeSource, "A disk of vSphere. Deprecated."),
    quobyte: optional(21, quobyteVolumeSource, "A volume of Quobyte. Deprecated."),
    azureDisk: optional(22, azureDiskVolumeSource, "A disk of Azure. Deprecated."),
    photonPersistentDisk: optional(23, photonPersistentDiskVolumeSource, "A disk of Photon Controller. Deprecated."),
    portworxVolume: optional(24, portworxVolumeSource, "A volume of Portworx. Deprecated."),
    scaleIO: optional(25, scaleIOVolumeSource, "A volume of ScaleIO. Deprecated."),
    projected: optional(26, projectedVolumeSource, "Several sources put into one directory."),
    storageos: optional(27, storageOSVolumeSource, "A volume of StorageOS. Deprecated."),
    csi: optional(28, csiVolumeSource, "A volume that a CSI driver makes for this pod alone."),
    ephemeral: optional(
      29,
      ephemeralVolumeSource,
      "A volume from a claim that is made for this pod and deleted with it.",
    ),
    image: optional(30, imageVolumeSource, "The content of a container image, read-only."),
  },
);
export interface VolumeSource extends Infer<typeof volumeSource> {}

const volumeSourceNames = Object.keys(volumeSource.fields);

export const volume = completed(
  object("io.k8s.api.core.v1.Volume", "A directory, or a device, that the containers of a pod can share.", {
    ...inlined(2, volumeSource),
    name: required(1, string(), "The name of the volume, unique in the pod."),
  }),
  (draft) => {
    if (!volumeSourceNames.some((name) => name in draft)) draft.emptyDir = {};
  },
);
export interface Volume extends Infer<typeof volume> {}
