// DeviceClass: a sort of devices that claims can ask for, with settings for them. Its rules are in validate-device-class.ts.

import { deviceConfiguration, deviceSelector } from "./device-claim.ts";
import { validateDeviceClass } from "./validate-device-class.ts";
import { withGeneration } from "../meta/generation.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, inlined, list, object, optional, presentRequired } from "../schema/schema.ts";

export const deviceClassConfiguration = object(
  "io.k8s.api.resource.v1beta1.DeviceClassConfiguration",
  "Settings for devices of a class.",
  {
    ...inlined(1, deviceConfiguration),
  },
);
export interface DeviceClassConfiguration extends Infer<typeof deviceClassConfiguration> {}

export const deviceClassSpec = object(
  "io.k8s.api.resource.v1beta1.DeviceClassSpec",
  "Which devices belong to a class, and how they are set up.",
  {
    selectors: optional(
      1,
      list(deviceSelector, { listType: "atomic" }),
      "What the devices must be like: all selectors, at most 32, must select them.",
    ),
    config: optional(
      2,
      list(deviceClassConfiguration, { listType: "atomic" }),
      "Settings that go before those of claims, at most 32.",
    ),
  },
);
export interface DeviceClassSpec extends Infer<typeof deviceClassSpec> {}

export const deviceClass = kubeObject(
  "io.k8s.api.resource.v1beta1.DeviceClass",
  "A sort of devices that claims can ask for. Administrators make them.",
  {
    spec: presentRequired(2, deviceClassSpec, "Which devices belong to the class. It can be changed at any time."),
  },
);
export interface DeviceClass extends Infer<typeof deviceClass> {}

export const deviceClasses: ResourceDefinition<DeviceClass> = {
  group: "resource.k8s.io",
  version: "v1beta1",
  kind: "DeviceClass",
  plural: "deviceclasses",
  scope: "Cluster",
  schema: deviceClass,
  validate: validateDeviceClass,
  columns: [nameColumn, ageColumn],
  prepare: (deviceClass, old) => withGeneration(deviceClass, old, ({ spec }) => spec),
};
