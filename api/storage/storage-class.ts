// StorageClass: a sort of storage, from which volumes are made for claims. Its rules are in validate-storage-class.ts.

import { validateStorageClass } from "./validate-storage-class.ts";
import { warnOfLabels } from "../core/node-label-names.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  completed,
  atomic,
  boolean,
  list,
  map,
  object,
  oneOf,
  optional,
  required,
  string,
} from "../schema/schema.ts";

export const topologySelectorLabelRequirement = object(
  "io.k8s.api.core.v1.TopologySelectorLabelRequirement",
  "One condition on the labels of a place in the cluster.",
  {
    key: required(1, string(), "The label."),
    values: required(2, list(string(), { listType: "atomic" }), "The values of which the label must have one."),
  },
);
export interface TopologySelectorLabelRequirement extends Infer<typeof topologySelectorLabelRequirement> {}

export const topologySelectorTerm = atomic(
  object("io.k8s.api.core.v1.TopologySelectorTerm", "Places in the cluster, by their labels.", {
    matchLabelExpressions: optional(
      1,
      list(topologySelectorLabelRequirement, { listType: "atomic" }),
      "The conditions, all of which must hold.",
    ),
  }),
);
export interface TopologySelectorTerm extends Infer<typeof topologySelectorTerm> {}

export const storageClass = completed(
  kubeObject("io.k8s.api.storage.v1.StorageClass", "A sort of storage, with what is needed to make volumes of it.", {
    provisioner: required(2, string(), "What makes the volumes: the name of a CSI driver."),
    parameters: optional(3, map(string()), "What the provisioner is told; its meaning is the provisioner's own."),
    reclaimPolicy: optional(
      4,
      oneOf("Delete", "Retain"),
      "What becomes of a volume when its claim is deleted: Delete (the default) or Retain.",
    ),
    mountOptions: optional(
      5,
      list(string(), { listType: "atomic" }),
      "Options for mounting the volumes, such as ro or soft. They are not checked.",
    ),
    allowVolumeExpansion: optional(6, boolean(), "Whether claims of the class may be enlarged."),
    volumeBindingMode: optional(
      7,
      oneOf("Immediate", "WaitForFirstConsumer"),
      "When a claim gets its volume: Immediate (the default), or WaitForFirstConsumer once a pod uses it.",
    ),
    allowedTopologies: optional(
      8,
      list(topologySelectorTerm, { listType: "atomic" }),
      "Where volumes may be made; anywhere unless given. A volume is made where one of the terms holds.",
    ),
  }),
  (draft) => {
    draft.reclaimPolicy ||= "Delete";
    draft.volumeBindingMode ||= "Immediate";
  },
);
export interface StorageClass extends Infer<typeof storageClass> {}

const DEFAULT_ANNOTATIONS = [
  "storageclass.kubernetes.io/is-default-class",
  "storageclass.beta.kubernetes.io/is-default-class",
];

/** Whether claims that name no class get this one. */
export const isDefaultClass = ({ metadata }: StorageClass): boolean =>
  DEFAULT_ANNOTATIONS.some((name) => metadata.annotations?.[name] === "true");

export const storageClasses: ResourceDefinition<StorageClass> = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "StorageClass",
  plural: "storageclasses",
  shortNames: ["sc"],
  scope: "Cluster",
  schema: storageClass,
  validate: validateStorageClass,
  warnings: ({ allowedTopologies = [] }) =>
    allowedTopologies.flatMap(({ matchLabelExpressions }, at) =>
      warnOfLabels(matchLabelExpressions, `allowedTopologies[${at}].matchLabelExpressions`),
    ),
  columns: [
    {
      ...nameColumn,
      cell: (storageClass) => storageClass.metadata.name + (isDefaultClass(storageClass) ? " (default)" : ""),
    },
    column("Provisioner", { description: "What makes the volumes." }, ({ provisioner }) => provisioner),
    column(
      "ReclaimPolicy",
      { description: "What becomes of a volume when its claim is deleted." },
      ({ reclaimPolicy }) => reclaimPolicy ?? "Delete",
    ),
    column(
      "VolumeBindingMode",
      { description: "When a claim gets its volume." },
      ({ volumeBindingMode }) => volumeBindingMode ?? "Immediate",
    ),
    column(
      "AllowVolumeExpansion",
      { description: "Whether claims of the class may be enlarged." },
      ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false,
    ),
    ageColumn,
  ],
};
