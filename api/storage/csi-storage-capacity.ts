// CSIStorageCapacity: how much room there is for volumes of a storage class in a part of the cluster. Its rules are in
// validate-csi.ts.

import { validateStorageCapacity } from "./validate-csi.ts";
import { warnOfLabels } from "../core/node-label-names.ts";
import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import { createdAtColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, completed, optional, quantity, required, string } from "../schema/schema.ts";

export const csiStorageCapacity = completed(
  kubeObject(
    "io.k8s.api.storage.v1.CSIStorageCapacity",
    "How much room there is for volumes of a storage class in a part of the cluster, as its driver says.",
    {
      nodeTopology: optional(
        2,
        labelSelector,
        "Selects the nodes that can reach the storage; none unless given. It cannot be changed.",
      ),
      storageClassName: required(3, string(), "The storage class. It cannot be changed."),
      capacity: optional(4, quantity(), "How much room there is; unknown, and taken for none, unless given."),
      maximumVolumeSize: optional(5, quantity(), "How large one volume can be; as much as capacity unless given."),
    },
  ),
  (draft) => {
    draft.storageClassName ??= "";
  },
);
export interface CSIStorageCapacity extends Infer<typeof csiStorageCapacity> {}

export const csiStorageCapacities: ResourceDefinition<CSIStorageCapacity> = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIStorageCapacity",
  plural: "csistoragecapacities",
  scope: "Namespaced",
  schema: csiStorageCapacity,
  validate: validateStorageCapacity,
  warnings: ({ nodeTopology }) => warnOfLabels(nodeTopology?.matchExpressions, "nodeTopology.matchExpressions"),
  columns: [nameColumn, createdAtColumn],
};
