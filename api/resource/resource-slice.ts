// ResourceSlice: devices that a driver offers, or some of them. Its rules are in validate-resource-slice.ts.

import { validateResourceSlice } from "./validate-resource-slice.ts";
import { nodeSelector } from "../core/affinity.ts";
import { withGeneration } from "../meta/generation.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  boolean,
  completed,
  int64,
  list,
  map,
  object,
  optional,
  presentRequired,
  quantity,
  required,
  string,
} from "../schema/schema.ts";

const PACKAGE = "io.k8s.api.resource.v1beta1";

// What a client leaves out of required fields reaches the rules of the kind as Go has it, so that they say what is missing.

export const resourcePool = completed(
  object(`${PACKAGE}.ResourcePool`, "The devices that belong together, in one or more slices.", {
    name: required(1, string(), "The name of the pool, often that of its node; unique for the driver."),
    generation: required(
      2,
      int64(),
      "Grows with each change of the pool. Slices of older generations are passed over.",
    ),
    resourceSliceCount: required(
      3,
      int64(),
      "How many slices the pool has in this generation. Until they are all there, it is not complete.",
    ),
  }),
  (draft) => {
    draft.name ??= "";
    draft.generation ??= 0;
    draft.resourceSliceCount ??= 0;
  },
);
export interface ResourcePool extends Infer<typeof resourcePool> {}

export const deviceAttribute = object(`${PACKAGE}.DeviceAttribute`, "The value of an attribute, of one type.", {
  int: optional(2, int64(), "A number."),
  bool: optional(3, boolean(), "True or false."),
  string: optional(4, string(), "A text, at most 64 characters."),
  version: optional(5, string(), "A version after semver.org 2.0.0, at most 64 characters."),
});
export interface DeviceAttribute extends Infer<typeof deviceAttribute> {}

export const deviceCapacity = completed(
  object(`${PACKAGE}.DeviceCapacity`, "How much of something a device has.", {
    value: required(1, quantity(), "The amount."),
  }),
  (draft) => {
    draft.value ??= "0";
  },
);
export interface DeviceCapacity extends Infer<typeof deviceCapacity> {}

export const basicDevice = object(`${PACKAGE}.BasicDevice`, "What a device is like.", {
  attributes: optional(
    1,
    map(deviceAttribute),
    "Its attributes, by names with or without a domain. With the capacities at most 32.",
  ),
  capacity: optional(2, map(deviceCapacity), "Its capacities, by names with or without a domain."),
});
export interface BasicDevice extends Infer<typeof basicDevice> {}

export const device = completed(
  object(`${PACKAGE}.Device`, "A device that can be allocated.", {
    name: required(1, string(), "The name of the device, a DNS label, unique in its pool."),
    basic: optional(2, basicDevice, "What the device is like. Required."),
  }),
  (draft) => {
    draft.name ??= "";
  },
);
export interface Device extends Infer<typeof device> {}

export const resourceSliceSpec = completed(
  object(`${PACKAGE}.ResourceSliceSpec`, "Which devices are offered, by whom, and where they can be used.", {
    driver: required(1, string(), "The driver that offers the devices, a domain name. It cannot be changed."),
    pool: presentRequired(2, resourcePool, "The pool that the devices belong to."),
    nodeName: optional(
      3,
      string(),
      "The only node where they can be used. It cannot be changed. Exactly one of nodeName, nodeSelector and allNodes is given.",
    ),
    nodeSelector: optional(4, nodeSelector, "Selects the nodes where they can be used, with exactly one term."),
    allNodes: optional(5, boolean(), "If true, they can be used from all nodes."),
    devices: optional(6, list(device, { listType: "atomic" }), "The devices, at most 128."),
  }),
  (draft) => {
    draft.driver ??= "";
  },
);
export interface ResourceSliceSpec extends Infer<typeof resourceSliceSpec> {}

export const resourceSlice = kubeObject(
  `${PACKAGE}.ResourceSlice`,
  "Devices that a driver offers: the whole pool, or some of it.",
  {
    spec: presentRequired(2, resourceSliceSpec, "Which devices are offered."),
  },
);
export interface ResourceSlice extends Infer<typeof resourceSlice> {}

export const resourceSlices: ResourceDefinition<ResourceSlice> = {
  group: "resource.k8s.io",
  version: "v1beta1",
  kind: "ResourceSlice",
  plural: "resourceslices",
  scope: "Cluster",
  schema: resourceSlice,
  validate: validateResourceSlice,
  columns: [
    nameColumn,
    column("Node", { description: "The only node where the devices can be used." }, ({ spec }) => spec.nodeName ?? ""),
    column("Driver", { description: "Who offers the devices." }, ({ spec }) => spec.driver),
    column("Pool", { description: "The pool that the devices belong to." }, ({ spec }) => spec.pool.name),
    ageColumn,
  ],
  selectableFields: ({ spec }) => ({ "spec.nodeName": spec.nodeName ?? "", "spec.driver": spec.driver }),
  prepare: (slice, old) => withGeneration(slice, old, ({ spec }) => spec),
};
