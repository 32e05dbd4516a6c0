// What a claim asks of storage, as far as a pod can contain it: in the template of an ephemeral volume.

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
  presentRequired,
  quantity,
  string,
} from "../schema/schema.ts";

export const volumeResourceRequirements = object(
  "io.k8s.api.core.v1.VolumeResourceRequirements",
  "How much storage is asked for.",
  {
    limits: optional(1, map(quantity()), "The most that is wanted."),
    requests: optional(2, map(quantity()), "The least that is needed."),
  },
);
export interface VolumeResourceRequirements extends Infer<typeof volumeResourceRequirements> {}

export const persistentVolumeClaimSpec = completed(
  object("io.k8s.api.core.v1.PersistentVolumeClaimSpec", "What a claim asks of storage.", {
    accessModes: optional(
      1,
      list(string(), { listType: "atomic" }),
      "How the volume is to be used: ReadWriteOnce, ReadOnlyMany, ReadWriteMany or ReadWriteOncePod.",
    ),
    resources: present(2, volumeResourceRequirements, "How much storage is asked for."),
    volumeName: optional(3, string(), "The volume that the claim is bound to."),
    selector: optional(4, labelSelector, "Selects the volumes that come into question."),
    storageClassName: optional(5, string(), "The storage class; the cluster's default if absent, none if empty."),
    volumeMode: optional(6, oneOf("Block", "Filesystem"), "Filesystem or Block; Filesystem unless given."),
    dataSource: optional(7, typedLocalObjectReference, "A snapshot or a claim whose content the volume starts with."),
    dataSourceRef: optional(
      8,
      typedObjectReference,
      "As dataSource, for objects of more kinds and of other namespaces.",
    ),
    volumeAttributesClassName: optional(
      9,
      string(),
      "The class of properties that the volume is to have and that can be changed later.",
    ),
  }),
  (draft) => {
    draft.volumeMode ??= "Filesystem";
  },
);
export interface PersistentVolumeClaimSpec extends Infer<typeof persistentVolumeClaimSpec> {}

export const persistentVolumeClaimTemplate = object(
  "io.k8s.api.core.v1.PersistentVolumeClaimTemplate",
  "What a claim is made from.",
  {
    metadata: optional(1, objectMeta, "Labels and annotations of the claim."),
    spec: presentRequired(2, persistentVolumeClaimSpec, "What the claim asks for."),
  },
);
export interface PersistentVolumeClaimTemplate extends Infer<typeof persistentVolumeClaimTemplate> {}
