// HEADER: say what StorageClass is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, atomic, boolean, list, map, object, oneOf, optional, required, string } from "../schema/schema.ts";

export const topologySelectorLabelRequirement = object("io.k8s.api.core.v1.TopologySelectorLabelRequirement", "", {
  key: required(1, string(), ""),
  values: required(2, list(string(), { listType: "atomic" }), ""),
});
export interface TopologySelectorLabelRequirement extends Infer<typeof topologySelectorLabelRequirement> {}

export const topologySelectorTerm = atomic(
  object("io.k8s.api.core.v1.TopologySelectorTerm", "", {
    matchLabelExpressions: optional(1, list(topologySelectorLabelRequirement, { listType: "atomic" }), ""),
  }),
);
export interface TopologySelectorTerm extends Infer<typeof topologySelectorTerm> {}

export const storageClass = kubeObject("io.k8s.api.storage.v1.StorageClass", "", {
  provisioner: required(2, string(), ""),
  parameters: optional(3, map(string()), ""),
  reclaimPolicy: optional(4, oneOf("Recycle", "Delete", "Retain"), ""),
  mountOptions: optional(5, list(string(), { listType: "atomic" }), ""),
  allowVolumeExpansion: optional(6, boolean(), ""),
  volumeBindingMode: optional(7, oneOf("Immediate", "WaitForFirstConsumer"), ""),
  allowedTopologies: optional(8, list(topologySelectorTerm, { listType: "atomic" }), ""),
});
export interface StorageClass extends Infer<typeof storageClass> {}

export const storageClasses: ResourceDefinition<StorageClass> = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "StorageClass",
  plural: "storageclasses",
  shortNames: ["sc"],
  scope: "Cluster",
  schema: storageClass,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
