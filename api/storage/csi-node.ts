// CSINode: what the CSI drivers of a node say about it. Its rules are in validate-csi.ts.

import { validateCsiNode } from "./validate-csi.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  completed,
  int32,
  lenient,
  list,
  listMap,
  object,
  optional,
  presentRequired,
  required,
  string,
} from "../schema/schema.ts";

export const volumeNodeResources = object(
  "io.k8s.api.storage.v1.VolumeNodeResources",
  "How many volumes a node can hold.",
  {
    count: optional(1, int32(), "How many volumes of the driver can be in use on the node; no limit unless given."),
  },
);
export interface VolumeNodeResources extends Infer<typeof volumeNodeResources> {}

export const csiNodeDriver = object("io.k8s.api.storage.v1.CSINodeDriver", "A CSI driver that runs on a node.", {
  name: required(1, string(), "The name of the driver."),
  nodeID: required(2, string(), "What the driver calls the node."),
  topologyKeys: optional(
    3,
    list(string(), { listType: "atomic" }),
    "The labels that tell where the node is, as far as the driver is concerned.",
  ),
  allocatable: optional(4, volumeNodeResources, "How many volumes of the driver the node can hold."),
});
export interface CSINodeDriver extends Infer<typeof csiNodeDriver> {}

export const csiNodeSpec = completed(
  object("io.k8s.api.storage.v1.CSINodeSpec", "The CSI drivers of a node.", {
    drivers: lenient(
      required(
        1,
        listMap(csiNodeDriver, ["name"], { mergeKey: "name", strategy: "merge" }),
        "The drivers. What is said of a driver cannot be changed, only removed.",
      ),
    ),
  }),
  (draft) => {
    // Go clients write null where there is none.
    draft.drivers ??= [];
  },
);
export interface CSINodeSpec extends Infer<typeof csiNodeSpec> {}

export const csiNode = kubeObject(
  "io.k8s.api.storage.v1.CSINode",
  "What the CSI drivers of a node say about it. It has the name of the node, whose kubelet writes it.",
  {
    spec: presentRequired(2, csiNodeSpec, "The drivers of the node."),
  },
);
export interface CSINode extends Infer<typeof csiNode> {}

export const csiNodes: ResourceDefinition<CSINode> = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSINode",
  plural: "csinodes",
  scope: "Cluster",
  schema: csiNode,
  validate: validateCsiNode,
  columns: [
    nameColumn,
    column(
      "Drivers",
      { type: "integer", description: "How many CSI drivers the node has." },
      ({ spec }) => spec.drivers.length,
    ),
    ageColumn,
  ],
};
