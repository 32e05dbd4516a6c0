// Volumes made of what the cluster knows: secrets, config maps, fields of the pod, tokens, and mixtures of them.

import { objectFieldSelector, resourceFieldSelector } from "./env.ts";
import { localObjectReference } from "./reference.ts";
import { labelSelector } from "../meta/label-selector.ts";
import {
  type Infer,
  boolean,
  completed,
  inlined,
  int32,
  int64,
  list,
  object,
  optional,
  required,
  string,
} from "../schema/schema.ts";

export const keyToPath = object("io.k8s.api.core.v1.KeyToPath", "Puts one entry into a file.", {
  key: required(1, string(), "The key of the entry."),
  path: required(2, string(), "The file's path in the volume, relative and without '..'."),
  mode: optional(3, int32(), "The file's permission bits; the volume's defaultMode unless given."),
});
export interface KeyToPath extends Infer<typeof keyToPath> {}

export const secretVolumeSource = completed(
  object("io.k8s.api.core.v1.SecretVolumeSource", "The entries of a secret, as files.", {
    secretName: optional(1, string(), "The name of the secret."),
    items: optional(
      2,
      list(keyToPath, { listType: "atomic" }),
      "The entries that are wanted, and where; all, under their keys, unless given.",
    ),
    defaultMode: optional(3, int32(), "The permission bits of the files; 0644 unless given."),
    optional: optional(4, boolean(), "If true, the secret or the entries may be missing."),
  }),
  (draft) => {
    draft.defaultMode ??= 0o644;
  },
);
export interface SecretVolumeSource extends Infer<typeof secretVolumeSource> {}

export const downwardAPIVolumeFile = object(
  "io.k8s.api.core.v1.DownwardAPIVolumeFile",
  "A file that holds a field of the pod.",
  {
    path: required(1, string(), "The file's path in the volume, relative and without '..'."),
    fieldRef: optional(
      2,
      objectFieldSelector,
      "The field of the pod: its labels, annotations, name, namespace or UID.",
    ),
    resourceFieldRef: optional(3, resourceFieldSelector, "The request or limit of a container."),
    mode: optional(4, int32(), "The file's permission bits; the volume's defaultMode unless given."),
  },
);
export interface DownwardAPIVolumeFile extends Infer<typeof downwardAPIVolumeFile> {}

export const downwardAPIVolumeSource = completed(
  object("io.k8s.api.core.v1.DownwardAPIVolumeSource", "Fields of the pod, as files.", {
    items: optional(1, list(downwardAPIVolumeFile, { listType: "atomic" }), "The files."),
    defaultMode: optional(2, int32(), "The permission bits of the files; 0644 unless given."),
  }),
  (draft) => {
    draft.defaultMode ??= 0o644;
  },
);
export interface DownwardAPIVolumeSource extends Infer<typeof downwardAPIVolumeSource> {}

export const configMapVolumeSource = completed(
  object("io.k8s.api.core.v1.ConfigMapVolumeSource", "The entries of a config map, as files.", {
    ...inlined(1, localObjectReference),
    items: optional(
      2,
      list(keyToPath, { listType: "atomic" }),
      "The entries that are wanted, and where; all, under their keys, unless given.",
    ),
    defaultMode: optional(3, int32(), "The permission bits of the files; 0644 unless given."),
    optional: optional(4, boolean(), "If true, the config map or the entries may be missing."),
  }),
  (draft) => {
    draft.defaultMode ??= 0o644;
  },
);
export interface ConfigMapVolumeSource extends Infer<typeof configMapVolumeSource> {}

export const secretProjection = object("io.k8s.api.core.v1.SecretProjection", "Entries of a secret.", {
  ...inlined(1, localObjectReference),
  items: optional(
    2,
    list(keyToPath, { listType: "atomic" }),
    "The entries that are wanted, and where; all, under their keys, unless given.",
  ),
  optional: optional(4, boolean(), "If true, the secret or the entries may be missing."),
});
export interface SecretProjection extends Infer<typeof secretProjection> {}

export const downwardAPIProjection = object("io.k8s.api.core.v1.DownwardAPIProjection", "Fields of the pod.", {
  items: optional(1, list(downwardAPIVolumeFile, { listType: "atomic" }), "The files."),
});
export interface DownwardAPIProjection extends Infer<typeof downwardAPIProjection> {}

export const configMapProjection = object("io.k8s.api.core.v1.ConfigMapProjection", "Entries of a config map.", {
  ...inlined(1, localObjectReference),
  items: optional(
    2,
    list(keyToPath, { listType: "atomic" }),
    "The entries that are wanted, and where; all, under their keys, unless given.",
  ),
  optional: optional(4, boolean(), "If true, the config map or the entries may be missing."),
});
export interface ConfigMapProjection extends Infer<typeof configMapProjection> {}

export const serviceAccountTokenProjection = completed(
  object("io.k8s.api.core.v1.ServiceAccountTokenProjection", "A token of the pod's service account.", {
    audience: optional(1, string(), "Whom the token is for; the API server unless given."),
    expirationSeconds: optional(2, int64(), "How many seconds it is valid for, 600 at least; 3600 unless given."),
    path: required(3, string(), "The file's path in the volume."),
  }),
  (draft) => {
    draft.expirationSeconds ??= 3600;
  },
);
export interface ServiceAccountTokenProjection extends Infer<typeof serviceAccountTokenProjection> {}

export const clusterTrustBundleProjection = object(
  "io.k8s.api.core.v1.ClusterTrustBundleProjection",
  "Certificates of authorities that the cluster trusts.",
  {
    name: optional(1, string(), "The name of one bundle."),
    signerName: optional(2, string(), "Selects the bundles of a signer. Cannot be used together with name."),
    labelSelector: optional(3, labelSelector, "Selects among the signer's bundles."),
    path: required(4, string(), "The file's path in the volume."),
    optional: optional(5, boolean(), "If true, the bundles may be missing."),
  },
);
export interface ClusterTrustBundleProjection extends Infer<typeof clusterTrustBundleProjection> {}

export const volumeProjection = object(
  "io.k8s.api.core.v1.VolumeProjection",
  "One source among several of a volume. Exactly one is set.",
  {
    secret: optional(1, secretProjection, "Entries of a secret."),
    downwardAPI: optional(2, downwardAPIProjection, "Fields of the pod."),
    configMap: optional(3, configMapProjection, "Entries of a config map."),
    serviceAccountToken: optional(
      4,
      serviceAccountTokenProjection,
      "A token of the pod's service account, renewed before it expires.",
    ),
    clusterTrustBundle: optional(
      5,
      clusterTrustBundleProjection,
      "Certificates of authorities that the cluster trusts.",
    ),
  },
);
export interface VolumeProjection extends Infer<typeof volumeProjection> {}

export const projectedVolumeSource = completed(
  object("io.k8s.api.core.v1.ProjectedVolumeSource", "Several sources in one directory.", {
    sources: optional(1, list(volumeProjection, { listType: "atomic" }), "The sources."),
    defaultMode: optional(2, int32(), "The permission bits of the files; 0644 unless given."),
  }),
  (draft) => {
    draft.defaultMode ??= 0o644;
  },
);
export interface ProjectedVolumeSource extends Infer<typeof projectedVolumeSource> {}
