// HEADER: say what ResourceSlice is and what it must never do.

import { nodeSelector } from "../core/affinity.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  boolean,
  int64,
  list,
  map,
  object,
  optional,
  quantity,
  required,
  string,
} from "../schema/schema.ts";

export const resourcePool = object("io.k8s.api.resource.v1beta1.ResourcePool", "", {
  name: required(1, string(), ""),
  generation: required(2, int64(), ""),
  resourceSliceCount: required(3, int64(), ""),
});
export interface ResourcePool extends Infer<typeof resourcePool> {}

export const deviceAttribute = object("io.k8s.api.resource.v1beta1.DeviceAttribute", "", {
  int: optional(2, int64(), ""),
  bool: optional(3, boolean(), ""),
  string: optional(4, string(), ""),
  version: optional(5, string(), ""),
});
export interface DeviceAttribute extends Infer<typeof deviceAttribute> {}

export const deviceCapacity = object("io.k8s.api.resource.v1beta1.DeviceCapacity", "", {
  value: required(1, quantity(), ""),
});
export interface DeviceCapacity extends Infer<typeof deviceCapacity> {}

export const basicDevice = object("io.k8s.api.resource.v1beta1.BasicDevice", "", {
  attributes: optional(1, map(deviceAttribute), ""),
  capacity: optional(2, map(deviceCapacity), ""),
});
export interface BasicDevice extends Infer<typeof basicDevice> {}

export const device = object("io.k8s.api.resource.v1beta1.Device", "", {
  name: required(1, string(), ""),
  basic: optional(2, basicDevice, ""),
});
export interface Device extends Infer<typeof device> {}

export const resourceSliceSpec = object("io.k8s.api.resource.v1beta1.ResourceSliceSpec", "", {
  driver: required(1, string(), ""),
  pool: required(2, resourcePool, ""),
  nodeName: optional(3, string(), ""),
  nodeSelector: optional(4, nodeSelector, ""),
  allNodes: optional(5, boolean(), ""),
  devices: optional(6, list(device, { listType: "atomic" }), ""),
});
export interface ResourceSliceSpec extends Infer<typeof resourceSliceSpec> {}

export const resourceSlice = kubeObject("io.k8s.api.resource.v1beta1.ResourceSlice", "", {
  spec: required(2, resourceSliceSpec, ""),
});
export interface ResourceSlice extends Infer<typeof resourceSlice> {}

export const resourceSlices: ResourceDefinition<ResourceSlice> = {
  group: "resource.k8s.io",
  version: "v1beta1",
  kind: "ResourceSlice",
  plural: "resourceslices",
  scope: "Cluster",
  schema: resourceSlice,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
