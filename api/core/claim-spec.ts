// HEADER

import { typedLocalObjectReference, typedObjectReference } from "./reference.ts";
import { labelSelector } from "../meta/label-selector.ts";
import { objectMeta } from "../meta/object-meta.ts";
import {
  type Infer,
  completed,
  list,
  map,
  object,
  oneOf,
  optional,
  present,
  quantity,
  required,
  string,
} from "../schema/schema.ts";

export const volumeResourceRequirements = object("io.k8s.api.core.v1.VolumeResourceRequirements", "", {
  limits: optional(1, map(quantity()), ""),
  requests: optional(2, map(quantity()), ""),
});
export interface VolumeResourceRequirements extends Infer<typeof volumeResourceRequirements> {}

export const persistentVolumeClaimSpec = completed(
  object("io.k8s.api.core.v1.PersistentVolumeClaimSpec", "", {
    accessModes: optional(
      1,
      list(oneOf("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"), { listType: "atomic" }),
      "",
    ),
    resources: present(2, volumeResourceRequirements, ""),
    volumeName: optional(3, string(), ""),
    selector: optional(4, labelSelector, ""),
    storageClassName: optional(5, string(), ""),
    volumeMode: optional(6, oneOf("Block", "Filesystem"), ""),
    dataSource: optional(7, typedLocalObjectReference, ""),
    dataSourceRef: optional(8, typedObjectReference, ""),
    volumeAttributesClassName: optional(9, string(), ""),
  }),
  (draft) => {
    draft.volumeMode ??= "Filesystem";
  },
);
export interface PersistentVolumeClaimSpec extends Infer<typeof persistentVolumeClaimSpec> {}

export const persistentVolumeClaimTemplate = object("io.k8s.api.core.v1.PersistentVolumeClaimTemplate", "", {
  metadata: optional(1, objectMeta, ""),
  spec: required(2, persistentVolumeClaimSpec, ""),
});
export interface PersistentVolumeClaimTemplate extends Infer<typeof persistentVolumeClaimTemplate> {}
