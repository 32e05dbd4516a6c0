// What became of a claim: the devices that were allocated, who may use them, and how they are. The rules are in
// validate-claim-status.ts.

import { nodeSelector } from "../core/affinity.ts";
import { condition } from "../meta/condition.ts";
import { deviceConfiguration } from "./device-claim.ts";
import {
  type Infer,
  any,
  boolean,
  inlined,
  list,
  listMap,
  object,
  optional,
  present,
  required,
  string,
} from "../schema/schema.ts";

const PACKAGE = "io.k8s.api.resource.v1beta1";
const strings = list(string(), { listType: "atomic" });

export const deviceRequestAllocationResult = object(
  `${PACKAGE}.DeviceRequestAllocationResult`,
  "A device that was allocated for a request.",
  {
    request: required(1, string(), "The name of the request."),
    driver: required(2, string(), "The driver of the device."),
    pool: required(3, string(), "The pool that the device is from."),
    device: required(4, string(), "The name of the device in its pool."),
    adminAccess: optional(5, boolean(), "True for devices that were asked for with administrator's access."),
  },
);
export interface DeviceRequestAllocationResult extends Infer<typeof deviceRequestAllocationResult> {}

export const deviceAllocationConfiguration = object(
  `${PACKAGE}.DeviceAllocationConfiguration`,
  "Settings for allocated devices.",
  {
    ...inlined(3, deviceConfiguration),
    source: required(1, string(), "Where the settings are from: FromClass or FromClaim."),
    requests: optional(2, strings, "The requests whose devices are meant; all of the claim unless given."),
  },
);
export interface DeviceAllocationConfiguration extends Infer<typeof deviceAllocationConfiguration> {}

export const deviceAllocationResult = object(`${PACKAGE}.DeviceAllocationResult`, "The devices that were allocated.", {
  results: optional(1, list(deviceRequestAllocationResult, { listType: "atomic" }), "The devices, at most 32."),
  config: optional(
    2,
    list(deviceAllocationConfiguration, { listType: "atomic" }),
    "The settings of the classes and of the claim, at most 64; later ones go before earlier ones.",
  ),
});
export interface DeviceAllocationResult extends Infer<typeof deviceAllocationResult> {}

export const allocationResult = object(`${PACKAGE}.AllocationResult`, "What was allocated for a claim.", {
  devices: present(1, deviceAllocationResult, "The devices."),
  nodeSelector: optional(3, nodeSelector, "Selects the nodes from which the devices can be used; all unless given."),
});
export interface AllocationResult extends Infer<typeof allocationResult> {}

export const resourceClaimConsumerReference = object(
  `${PACKAGE}.ResourceClaimConsumerReference`,
  "Names an object that may use a claim, which is in the claim's namespace.",
  {
    apiGroup: optional(1, string(), "The API group of the object's kind; empty for the core group."),
    resource: required(3, string(), "The plural of the object's kind, such as pods."),
    name: required(4, string(), "The object's name."),
    uid: required(5, string(), "The object's UID."),
  },
);
export interface ResourceClaimConsumerReference extends Infer<typeof resourceClaimConsumerReference> {}

export const networkDeviceData = object(`${PACKAGE}.NetworkDeviceData`, "What is known of a network device.", {
  interfaceName: optional(1, string(), "The name of its interface, at most 256 characters."),
  ips: optional(2, strings, "Its addresses with the lengths of their prefixes, such as 192.0.2.5/24; at most 16."),
  hardwareAddress: optional(3, string(), "Its hardware address, at most 128 characters."),
});
export interface NetworkDeviceData extends Infer<typeof networkDeviceData> {}

export const allocatedDeviceStatus = object(`${PACKAGE}.AllocatedDeviceStatus`, "How an allocated device is.", {
  driver: required(1, string(), "The driver of the device."),
  pool: required(2, string(), "The pool that the device is from."),
  device: required(3, string(), "The name of the device in its pool."),
  conditions: optional(4, listMap(condition, ["type"]), "The device's conditions, at most 8."),
  data: optional(5, any(), "An object with whatever the driver has to say, at most 10 KiB."),
  networkData: optional(6, networkDeviceData, "What is known of it as a network device."),
});
export interface AllocatedDeviceStatus extends Infer<typeof allocatedDeviceStatus> {}

export const resourceClaimStatus = object(`${PACKAGE}.ResourceClaimStatus`, "What became of a claim.", {
  allocation: optional(1, allocationResult, "What was allocated; absent until then. It is set once."),
  reservedFor: optional(
    2,
    listMap(resourceClaimConsumerReference, ["uid"], { mergeKey: "uid", strategy: "merge" }),
    "Who may use the claim, at most 256. As long as there is somebody, it stays allocated.",
  ),
  devices: optional(
    4,
    listMap(allocatedDeviceStatus, ["driver", "device", "pool"]),
    "How the allocated devices are, as their drivers report.",
  ),
});
export interface ResourceClaimStatus extends Infer<typeof resourceClaimStatus> {}

/** What tells a device from all others. */
export const deviceId = ({ driver, pool, device }: Pick<AllocatedDeviceStatus, "driver" | "pool" | "device">): string =>
  `${driver}/${pool}/${device}`;
