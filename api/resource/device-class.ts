// HEADER: say what DeviceClass is and what it must never do.

import { deviceConfiguration, deviceSelector } from "./resource-claim.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, inlined, list, object, optional, required } from "../schema/schema.ts";

export const deviceClassConfiguration = object("io.k8s.api.resource.v1beta1.DeviceClassConfiguration", "", {
  ...inlined(1, deviceConfiguration),
});
export interface DeviceClassConfiguration extends Infer<typeof deviceClassConfiguration> {}

export const deviceClassSpec = object("io.k8s.api.resource.v1beta1.DeviceClassSpec", "", {
  selectors: optional(1, list(deviceSelector, { listType: "atomic" }), ""),
  config: optional(2, list(deviceClassConfiguration, { listType: "atomic" }), ""),
});
export interface DeviceClassSpec extends Infer<typeof deviceClassSpec> {}

export const deviceClass = kubeObject("io.k8s.api.resource.v1beta1.DeviceClass", "", {
  spec: required(2, deviceClassSpec, ""),
});
export interface DeviceClass extends Infer<typeof deviceClass> {}

export const deviceClasses: ResourceDefinition<DeviceClass> = {
  group: "resource.k8s.io",
  version: "v1beta1",
  kind: "DeviceClass",
  plural: "deviceclasses",
  scope: "Cluster",
  schema: deviceClass,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
