// HEADER: say what CSIStorageCapacity is and what it must never do.

import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, optional, quantity, required, string } from "../schema/schema.ts";

export const csiStorageCapacity = kubeObject("io.k8s.api.storage.v1.CSIStorageCapacity", "", {
  nodeTopology: optional(2, labelSelector, ""),
  storageClassName: required(3, string(), ""),
  capacity: optional(4, quantity(), ""),
  maximumVolumeSize: optional(5, quantity(), ""),
});
export interface CSIStorageCapacity extends Infer<typeof csiStorageCapacity> {}

export const csiStorageCapacities: ResourceDefinition<CSIStorageCapacity> = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIStorageCapacity",
  plural: "csistoragecapacities",
  scope: "Namespaced",
  schema: csiStorageCapacity,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
