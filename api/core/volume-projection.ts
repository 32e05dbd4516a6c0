// HEADER

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

export const keyToPath = object("io.k8s.api.core.v1.KeyToPath", "", {
  key: required(1, string(), ""),
  path: required(2, string(), ""),
  mode: optional(3, int32(), ""),
});
export interface KeyToPath extends Infer<typeof keyToPath> {}

export const secretVolumeSource = completed(
  object("io.k8s.api.core.v1.SecretVolumeSource", "", {
    secretName: optional(1, string(), ""),
    items: optional(2, list(keyToPath, { listType: "atomic" }), ""),
    defaultMode: optional(3, int32(), ""),
    optional: optional(4, boolean(), ""),
  }),
  (draft) => {
    draft.defaultMode ??= 0o644;
  },
);
export interface SecretVolumeSource extends Infer<typeof secretVolumeSource> {}

export const downwardAPIVolumeFile = object("io.k8s.api.core.v1.DownwardAPIVolumeFile", "", {
  path: required(1, string(), ""),
  fieldRef: optional(2, objectFieldSelector, ""),
  resourceFieldRef: optional(3, resourceFieldSelector, ""),
  mode: optional(4, int32(), ""),
});
export interface DownwardAPIVolumeFile extends Infer<typeof downwardAPIVolumeFile> {}

export const downwardAPIVolumeSource = completed(
  object("io.k8s.api.core.v1.DownwardAPIVolumeSource", "", {
    items: optional(1, list(downwardAPIVolumeFile, { listType: "atomic" }), ""),
    defaultMode: optional(2, int32(), ""),
  }),
  (draft) => {
    draft.defaultMode ??= 0o644;
  },
);
export interface DownwardAPIVolumeSource extends Infer<typeof downwardAPIVolumeSource> {}

export const configMapVolumeSource = completed(
  object("io.k8s.api.core.v1.ConfigMapVolumeSource", "", {
    ...inlined(1, localObjectReference),
    items: optional(2, list(keyToPath, { listType: "atomic" }), ""),
    defaultMode: optional(3, int32(), ""),
    optional: optional(4, boolean(), ""),
  }),
  (draft) => {
    draft.defaultMode ??= 0o644;
  },
);
export interface ConfigMapVolumeSource extends Infer<typeof configMapVolumeSource> {}

export const secretProjection = object("io.k8s.api.core.v1.SecretProjection", "", {
  ...inlined(1, localObjectReference),
  items: optional(2, list(keyToPath, { listType: "atomic" }), ""),
  optional: optional(4, boolean(), ""),
});
export interface SecretProjection extends Infer<typeof secretProjection> {}

export const downwardAPIProjection = object("io.k8s.api.core.v1.DownwardAPIProjection", "", {
  items: optional(1, list(downwardAPIVolumeFile, { listType: "atomic" }), ""),
});
export interface DownwardAPIProjection extends Infer<typeof downwardAPIProjection> {}

export const configMapProjection = object("io.k8s.api.core.v1.ConfigMapProjection", "", {
  ...inlined(1, localObjectReference),
  items: optional(2, list(keyToPath, { listType: "atomic" }), ""),
  optional: optional(4, boolean(), ""),
});
export interface ConfigMapProjection extends Infer<typeof configMapProjection> {}

export const serviceAccountTokenProjection = completed(
  object("io.k8s.api.core.v1.ServiceAccountTokenProjection", "", {
    audience: optional(1, string(), ""),
    expirationSeconds: optional(2, int64(), ""),
    path: required(3, string(), ""),
  }),
  (draft) => {
    draft.expirationSeconds ??= 3600;
  },
);
export interface ServiceAccountTokenProjection extends Infer<typeof serviceAccountTokenProjection> {}

export const clusterTrustBundleProjection = object("io.k8s.api.core.v1.ClusterTrustBundleProjection", "", {
  name: optional(1, string(), ""),
  signerName: optional(2, string(), ""),
  labelSelector: optional(3, labelSelector, ""),
  path: required(4, string(), ""),
  optional: optional(5, boolean(), ""),
});
export interface ClusterTrustBundleProjection extends Infer<typeof clusterTrustBundleProjection> {}

export const volumeProjection = object("io.k8s.api.core.v1.VolumeProjection", "", {
  secret: optional(1, secretProjection, ""),
  downwardAPI: optional(2, downwardAPIProjection, ""),
  configMap: optional(3, configMapProjection, ""),
  serviceAccountToken: optional(4, serviceAccountTokenProjection, ""),
  clusterTrustBundle: optional(5, clusterTrustBundleProjection, ""),
});
export interface VolumeProjection extends Infer<typeof volumeProjection> {}

export const projectedVolumeSource = completed(
  object("io.k8s.api.core.v1.ProjectedVolumeSource", "", {
    sources: optional(1, list(volumeProjection, { listType: "atomic" }), ""),
    defaultMode: optional(2, int32(), ""),
  }),
  (draft) => {
    draft.defaultMode ??= 0o644;
  },
);
export interface ProjectedVolumeSource extends Infer<typeof projectedVolumeSource> {}
