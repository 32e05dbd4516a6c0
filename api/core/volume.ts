// HEADER

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
  object("io.k8s.api.core.v1.HostPathVolumeSource", "", {
    path: required(1, string(), ""),
    type: optional(
      2,
      oneOf("", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"),
      "",
    ),
  }),
  (draft) => {
    draft.type ??= "";
  },
);
export interface HostPathVolumeSource extends Infer<typeof hostPathVolumeSource> {}

export const emptyDirVolumeSource = object("io.k8s.api.core.v1.EmptyDirVolumeSource", "", {
  medium: optional(1, string(), ""),
  sizeLimit: optional(2, quantity(), ""),
});
export interface EmptyDirVolumeSource extends Infer<typeof emptyDirVolumeSource> {}

export const nfsVolumeSource = object("io.k8s.api.core.v1.NFSVolumeSource", "", {
  server: required(1, string(), ""),
  path: required(2, string(), ""),
  readOnly: optional(3, boolean(), ""),
});
export interface NFSVolumeSource extends Infer<typeof nfsVolumeSource> {}

export const persistentVolumeClaimVolumeSource = object("io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource", "", {
  claimName: required(1, string(), ""),
  readOnly: optional(2, boolean(), ""),
});
export interface PersistentVolumeClaimVolumeSource extends Infer<typeof persistentVolumeClaimVolumeSource> {}

export const csiVolumeSource = object("io.k8s.api.core.v1.CSIVolumeSource", "", {
  driver: required(1, string(), ""),
  readOnly: optional(2, boolean(), ""),
  fsType: optional(3, string(), ""),
  volumeAttributes: optional(4, map(string()), ""),
  nodePublishSecretRef: optional(5, localObjectReference, ""),
});
export interface CSIVolumeSource extends Infer<typeof csiVolumeSource> {}

export const ephemeralVolumeSource = object("io.k8s.api.core.v1.EphemeralVolumeSource", "", {
  volumeClaimTemplate: optional(1, persistentVolumeClaimTemplate, ""),
});
export interface EphemeralVolumeSource extends Infer<typeof ephemeralVolumeSource> {}

export const imageVolumeSource = object("io.k8s.api.core.v1.ImageVolumeSource", "", {
  reference: optional(1, string(), ""),
  pullPolicy: optional(2, oneOf("Always", "Never", "IfNotPresent"), ""),
});
export interface ImageVolumeSource extends Infer<typeof imageVolumeSource> {}

export const volumeSource = object("io.k8s.api.core.v1.VolumeSource", "", {
  hostPath: optional(1, hostPathVolumeSource, ""),
  emptyDir: optional(2, emptyDirVolumeSource, ""),
  gcePersistentDisk: optional(3, gcePersistentDiskVolumeSource, ""),
  awsElasticBlockStore: optional(4, awsElasticBlockStoreVolumeSource, ""),
  gitRepo: optional(5, gitRepoVolumeSource, ""),
  secret: optional(6, secretVolumeSource, ""),
  nfs: optional(7, nfsVolumeSource, ""),
  iscsi: optional(8, iscsiVolumeSource, ""),
  glusterfs: optional(9, glusterfsVolumeSource, ""),
  persistentVolumeClaim: optional(10, persistentVolumeClaimVolumeSource, ""),
  rbd: optional(11, rbdVolumeSource, ""),
  flexVolume: optional(12, flexVolumeSource, ""),
  cinder: optional(13, cinderVolumeSource, ""),
  cephfs: optional(14, cephFSVolumeSource, ""),
  flocker: optional(15, flockerVolumeSource, ""),
  downwardAPI: optional(16, downwardAPIVolumeSource, ""),
  fc: optional(17, fcVolumeSource, ""),
  azureFile: optional(18, azureFileVolumeSource, ""),
  configMap: optional(19, configMapVolumeSource, ""),
  vsphereVolume: optional(20, vsphereVirtualDiskVolumeSource, ""),
  quobyte: optional(21, quobyteVolumeSource, ""),
  azureDisk: optional(22, azureDiskVolumeSource, ""),
  photonPersistentDisk: optional(23, photonPersistentDiskVolumeSource, ""),
  portworxVolume: optional(24, portworxVolumeSource, ""),
  scaleIO: optional(25, scaleIOVolumeSource, ""),
  projected: optional(26, projectedVolumeSource, ""),
  storageos: optional(27, storageOSVolumeSource, ""),
  csi: optional(28, csiVolumeSource, ""),
  ephemeral: optional(29, ephemeralVolumeSource, ""),
  image: optional(30, imageVolumeSource, ""),
});
export interface VolumeSource extends Infer<typeof volumeSource> {}

const volumeSourceNames = Object.keys(volumeSource.fields);

export const volume = completed(
  object("io.k8s.api.core.v1.Volume", "", {
    ...inlined(2, volumeSource),
    name: required(1, string(), ""),
  }),
  (draft) => {
    if (!volumeSourceNames.some((name) => name in draft)) draft.emptyDir = {};
  },
);
export interface Volume extends Infer<typeof volume> {}
