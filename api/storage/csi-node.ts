// HEADER: say what CSINode is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, int32, list, listMap, object, optional, required, string } from "../schema/schema.ts";

export const volumeNodeResources = object("io.k8s.api.storage.v1.VolumeNodeResources", "", {
  count: optional(1, int32(), ""),
});
export interface VolumeNodeResources extends Infer<typeof volumeNodeResources> {}

export const csiNodeDriver = object("io.k8s.api.storage.v1.CSINodeDriver", "", {
  name: required(1, string(), ""),
  nodeID: required(2, string(), ""),
  topologyKeys: optional(3, list(string(), { listType: "atomic" }), ""),
  allocatable: optional(4, volumeNodeResources, ""),
});
export interface CSINodeDriver extends Infer<typeof csiNodeDriver> {}

export const csiNodeSpec = object("io.k8s.api.storage.v1.CSINodeSpec", "", {
  drivers: required(1, listMap(csiNodeDriver, ["name"], { mergeKey: "name", strategy: "merge" }), ""),
});
export interface CSINodeSpec extends Infer<typeof csiNodeSpec> {}

export const csiNode = kubeObject("io.k8s.api.storage.v1.CSINode", "", {
  spec: required(2, csiNodeSpec, ""),
});
export interface CSINode extends Infer<typeof csiNode> {}

export const csiNodes: ResourceDefinition<CSINode> = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSINode",
  plural: "csinodes",
  scope: "Cluster",
  schema: csiNode,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
