// What a claim asks for: devices of some class, with constraints and settings. The rules are in validate-device-claim.ts.

import {
  type Infer,
  any,
  boolean,
  completed,
  inlined,
  int64,
  list,
  object,
  optional,
  required,
  string,
} from "../schema/schema.ts";

const PACKAGE = "io.k8s.api.resource.v1beta1";
const strings = list(string(), { listType: "atomic" });

// What a client leaves out of required fields reaches the rules of the kind as Go has it, so that they say what is missing.

export const celDeviceSelector = completed(
  object(`${PACKAGE}.CELDeviceSelector`, "Selects devices by an expression in CEL.", {
    expression: required(
      1,
      string(),
      "The expression; true means that a device will do. It knows device.driver, device.attributes and device.capacity. At most 10 KiB. It is not evaluated yet.",
    ),
  }),
  (draft) => {
    draft.expression ??= "";
  },
);
export interface CELDeviceSelector extends Infer<typeof celDeviceSelector> {}

export const deviceSelector = object(`${PACKAGE}.DeviceSelector`, "Selects devices, in one of several ways.", {
  cel: optional(1, celDeviceSelector, "An expression in CEL. The only way there is, and so required."),
});
export interface DeviceSelector extends Infer<typeof deviceSelector> {}

export const deviceRequest = completed(
  object(`${PACKAGE}.DeviceRequest`, "Asks for one or more devices of a kind.", {
    name: required(1, string(), "The name of the request, a DNS label, unique in the claim."),
    deviceClassName: required(2, string(), "The class of the devices. Required."),
    selectors: optional(
      3,
      list(deviceSelector, { listType: "atomic" }),
      "What the devices must be like, besides what the class says; at most 32.",
    ),
    allocationMode: optional(
      4,
      string(),
      "How many devices: ExactCount (the default), as many as count says, or All, all that there are on a node.",
    ),
    count: optional(5, int64(), "How many devices for the mode ExactCount; 1 unless given."),
    adminAccess: optional(
      6,
      boolean(),
      "If true, the devices are used for monitoring and the like, whoever else has them allocated.",
    ),
  }),
  (draft) => {
    draft.name ??= "";
    draft.deviceClassName ??= "";
    draft.allocationMode ||= "ExactCount";
    if (draft.allocationMode === "ExactCount") draft.count ||= 1;
  },
);
export interface DeviceRequest extends Infer<typeof deviceRequest> {}

export const deviceConstraint = object(`${PACKAGE}.DeviceConstraint`, "What several devices must have in common.", {
  requests: optional(1, strings, "The requests whose devices are meant; all of the claim unless given."),
  matchAttribute: optional(
    2,
    string(),
    "The attribute, with its domain, that all devices must have with the same value. Required.",
  ),
});
export interface DeviceConstraint extends Infer<typeof deviceConstraint> {}

export const opaqueDeviceConfiguration = completed(
  object(`${PACKAGE}.OpaqueDeviceConfiguration`, "Settings that only the driver understands.", {
    driver: required(1, string(), "The driver that they are for; others pass them over."),
    parameters: required(2, any(), "The settings: an object, usually with kind and apiVersion. At most 10 KiB."),
  }),
  (draft) => {
    draft.driver ??= "";
    draft.parameters ??= null;
  },
);
export interface OpaqueDeviceConfiguration extends Infer<typeof opaqueDeviceConfiguration> {}

export const deviceConfiguration = object(`${PACKAGE}.DeviceConfiguration`, "Settings, in one of several forms.", {
  opaque: optional(1, opaqueDeviceConfiguration, "Settings for a driver. The only form there is, and so required."),
});
export interface DeviceConfiguration extends Infer<typeof deviceConfiguration> {}

export const deviceClaimConfiguration = object(`${PACKAGE}.DeviceClaimConfiguration`, "Settings for devices.", {
  ...inlined(2, deviceConfiguration),
  requests: optional(1, strings, "The requests whose devices are meant; all of the claim unless given."),
});
export interface DeviceClaimConfiguration extends Infer<typeof deviceClaimConfiguration> {}

export const deviceClaim = object(`${PACKAGE}.DeviceClaim`, "Which devices are asked for, and how they are set up.", {
  requests: optional(
    1,
    list(deviceRequest, { listType: "atomic" }),
    "The requests, at most 32, which must all be met. Without one the claim is met at once.",
  ),
  constraints: optional(
    2,
    list(deviceConstraint, { listType: "atomic" }),
    "What the devices must have in common, at most 32 constraints.",
  ),
  config: optional(
    3,
    list(deviceClaimConfiguration, { listType: "atomic" }),
    "Settings that are handed to the drivers, at most 32. They do not matter for the choice of devices.",
  ),
});
export interface DeviceClaim extends Infer<typeof deviceClaim> {}
