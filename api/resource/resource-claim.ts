// HEADER: say what ResourceClaim is and what it must never do.

import { nodeSelector } from "../core/affinity.ts";
import { condition } from "../meta/condition.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  any,
  boolean,
  inlined,
  int64,
  list,
  listMap,
  object,
  optional,
  present,
  required,
  string,
} from "../schema/schema.ts";

export const celDeviceSelector = object("io.k8s.api.resource.v1beta1.CELDeviceSelector", "", {
  expression: required(1, string(), ""),
});
export interface CELDeviceSelector extends Infer<typeof celDeviceSelector> {}

export const deviceSelector = object("io.k8s.api.resource.v1beta1.DeviceSelector", "", {
  cel: optional(1, celDeviceSelector, ""),
});
export interface DeviceSelector extends Infer<typeof deviceSelector> {}

export const deviceRequest = object("io.k8s.api.resource.v1beta1.DeviceRequest", "", {
  name: required(1, string(), ""),
  deviceClassName: required(2, string(), ""),
  selectors: optional(3, list(deviceSelector, { listType: "atomic" }), ""),
  allocationMode: optional(4, string(), ""),
  count: optional(5, int64(), ""),
  adminAccess: optional(6, boolean(), ""),
});
export interface DeviceRequest extends Infer<typeof deviceRequest> {}

export const deviceConstraint = object("io.k8s.api.resource.v1beta1.DeviceConstraint", "", {
  requests: optional(1, list(string(), { listType: "atomic" }), ""),
  matchAttribute: optional(2, string(), ""),
});
export interface DeviceConstraint extends Infer<typeof deviceConstraint> {}

export const opaqueDeviceConfiguration = object("io.k8s.api.resource.v1beta1.OpaqueDeviceConfiguration", "", {
  driver: required(1, string(), ""),
  parameters: required(2, any(), ""),
});
export interface OpaqueDeviceConfiguration extends Infer<typeof opaqueDeviceConfiguration> {}

export const deviceConfiguration = object("io.k8s.api.resource.v1beta1.DeviceConfiguration", "", {
  opaque: optional(1, opaqueDeviceConfiguration, ""),
});
export interface DeviceConfiguration extends Infer<typeof deviceConfiguration> {}

export const deviceClaimConfiguration = object("io.k8s.api.resource.v1beta1.DeviceClaimConfiguration", "", {
  ...inlined(2, deviceConfiguration),
  requests: optional(1, list(string(), { listType: "atomic" }), ""),
});
export interface DeviceClaimConfiguration extends Infer<typeof deviceClaimConfiguration> {}

export const deviceClaim = object("io.k8s.api.resource.v1beta1.DeviceClaim", "", {
  requests: optional(1, list(deviceRequest, { listType: "atomic" }), ""),
  constraints: optional(2, list(deviceConstraint, { listType: "atomic" }), ""),
  config: optional(3, list(deviceClaimConfiguration, { listType: "atomic" }), ""),
});
export interface DeviceClaim extends Infer<typeof deviceClaim> {}

export const resourceClaimSpec = object("io.k8s.api.resource.v1beta1.ResourceClaimSpec", "", {
  devices: optional(1, deviceClaim, ""),
});
export interface ResourceClaimSpec extends Infer<typeof resourceClaimSpec> {}

export const deviceRequestAllocationResult = object("io.k8s.api.resource.v1beta1.DeviceRequestAllocationResult", "", {
  request: required(1, string(), ""),
  driver: required(2, string(), ""),
  pool: required(3, string(), ""),
  device: required(4, string(), ""),
  adminAccess: optional(5, boolean(), ""),
});
export interface DeviceRequestAllocationResult extends Infer<typeof deviceRequestAllocationResult> {}

export const deviceAllocationConfiguration = object("io.k8s.api.resource.v1beta1.DeviceAllocationConfiguration", "", {
  ...inlined(3, deviceConfiguration),
  source: required(1, string(), ""),
  requests: optional(2, list(string(), { listType: "atomic" }), ""),
});
export interface DeviceAllocationConfiguration extends Infer<typeof deviceAllocationConfiguration> {}

export const deviceAllocationResult = object("io.k8s.api.resource.v1beta1.DeviceAllocationResult", "", {
  results: optional(1, list(deviceRequestAllocationResult, { listType: "atomic" }), ""),
  config: optional(2, list(deviceAllocationConfiguration, { listType: "atomic" }), ""),
});
export interface DeviceAllocationResult extends Infer<typeof deviceAllocationResult> {}

export const allocationResult = object("io.k8s.api.resource.v1beta1.AllocationResult", "", {
  devices: optional(1, deviceAllocationResult, ""),
  nodeSelector: optional(3, nodeSelector, ""),
});
export interface AllocationResult extends Infer<typeof allocationResult> {}

export const resourceClaimConsumerReference = object("io.k8s.api.resource.v1beta1.ResourceClaimConsumerReference", "", {
  apiGroup: optional(1, string(), ""),
  resource: required(3, string(), ""),
  name: required(4, string(), ""),
  uid: required(5, string(), ""),
});
export interface ResourceClaimConsumerReference extends Infer<typeof resourceClaimConsumerReference> {}

export const networkDeviceData = object("io.k8s.api.resource.v1beta1.NetworkDeviceData", "", {
  interfaceName: optional(1, string(), ""),
  ips: optional(2, list(string(), { listType: "atomic" }), ""),
  hardwareAddress: optional(3, string(), ""),
});
export interface NetworkDeviceData extends Infer<typeof networkDeviceData> {}

export const allocatedDeviceStatus = object("io.k8s.api.resource.v1beta1.AllocatedDeviceStatus", "", {
  driver: required(1, string(), ""),
  pool: required(2, string(), ""),
  device: required(3, string(), ""),
  conditions: optional(4, listMap(condition, ["type"]), ""),
  data: optional(5, any(), ""),
  networkData: optional(6, networkDeviceData, ""),
});
export interface AllocatedDeviceStatus extends Infer<typeof allocatedDeviceStatus> {}

export const resourceClaimStatus = object("io.k8s.api.resource.v1beta1.ResourceClaimStatus", "", {
  allocation: optional(1, allocationResult, ""),
  reservedFor: optional(
    2,
    listMap(resourceClaimConsumerReference, ["uid"], { mergeKey: "uid", strategy: "merge" }),
    "",
  ),
  devices: optional(4, listMap(allocatedDeviceStatus, ["driver", "device", "pool"]), ""),
});
export interface ResourceClaimStatus extends Infer<typeof resourceClaimStatus> {}

export const resourceClaim = kubeObject("io.k8s.api.resource.v1beta1.ResourceClaim", "", {
  spec: required(2, resourceClaimSpec, ""),
  status: present(3, resourceClaimStatus, ""),
});
export interface ResourceClaim extends Infer<typeof resourceClaim> {}

export const resourceClaims: ResourceDefinition<ResourceClaim> = {
  group: "resource.k8s.io",
  version: "v1beta1",
  kind: "ResourceClaim",
  plural: "resourceclaims",
  scope: "Namespaced",
  schema: resourceClaim,
  subresources: ["status"],
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
