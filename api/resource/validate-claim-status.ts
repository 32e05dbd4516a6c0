// Rules for the status of resource claims, from Kubernetes' validation. An allocation is looked at once, and then kept.

import {
  type AllocatedDeviceStatus,
  type AllocationResult,
  type DeviceAllocationConfiguration,
  type DeviceRequestAllocationResult,
  type NetworkDeviceData,
  deviceId,
} from "./claim-status.ts";
import type { ResourceClaim } from "./resource-claim.ts";
import {
  LIST_MAX,
  checkRawObject,
  checkRequestName,
  checkRequestNames,
  validateConfiguration,
} from "./validate-device-claim.ts";
import { checkDriver, checkLabel, checkList, checkPool } from "./validate-device-names.ts";
import { validateNodeSelector } from "../core/validate-affinity.ts";
import { checkRequired, checkUnchanged, when } from "../meta/field-checks.ts";
import { isValidCidr } from "../meta/ip-address.ts";
import { canonicalIp } from "../meta/ip-range.ts";
import { validateConditions } from "../meta/validate-conditions.ts";
import {
  forbiddenField,
  invalidField,
  requiredField,
  tooLongField,
  tooManyField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const CONSUMERS_MAX = 256;
const CONDITIONS_MAX = 8;
const DATA_BYTES_MAX = 10 * 1024;
const INTERFACE_BYTES_MAX = 256;
const HARDWARE_ADDRESS_BYTES_MAX = 128;
const ADDRESSES_MAX = 16;

export function validateClaimStatus({ status, spec, metadata }: ResourceClaim, old: ResourceClaim): Errors {
  const { allocation, reservedFor = [], devices } = status;
  const requests = (spec.devices.requests ?? []).map(({ name }) => name);
  const allocated = new Set((allocation?.devices.results ?? []).map(deviceId));
  const added = reservedFor.filter(({ uid }) => !old.status.reservedFor?.some((each) => each.uid === uid));
  return [
    ...checkList(reservedFor, "status.reservedFor", {
      ...{ countMax: CONSUMERS_MAX, key: { of: ({ uid }) => uid, field: "uid" } },
      check: ({ resource, name, uid }, at) => [
        ...checkRequired(`${at}.resource`, resource),
        ...checkRequired(`${at}.name`, name),
        ...checkRequired(`${at}.uid`, uid),
      ],
    }),
    ...checkList(devices, "status.devices", {
      key: { of: deviceId, field: "deviceID" },
      check: (device, at) => validateDeviceStatus(device, at, allocated),
    }),
    ...when(
      reservedFor.length > 0 && !allocation,
      forbiddenField("status.reservedFor", "may not be specified when `allocated` is not set"),
    ),
    ...when(
      allocation && metadata.deletionTimestamp !== undefined && added.length > 0,
      forbiddenField(
        "status.reservedFor",
        "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set",
      ),
    ),
    ...(allocation && old.status.allocation
      ? checkUnchanged("status.allocation", allocation, old.status.allocation)
      : []),
    ...(allocation && !old.status.allocation ? validateAllocation(allocation, "status.allocation", requests) : []),
  ];
}

function validateAllocation(
  { devices, nodeSelector }: AllocationResult,
  path: string,
  requests: readonly string[],
): Errors {
  return [
    ...checkList(devices.results, `${path}.devices.results`, {
      countMax: LIST_MAX,
      check: (result, at) => validateResult(result, at, requests),
    }),
    ...checkList(devices.config, `${path}.devices.config`, {
      // Those of the classes and those of the claim.
      countMax: 2 * LIST_MAX,
      check: (config: DeviceAllocationConfiguration, at) => [
        ...checkSource(config.source, `${at}.source`),
        ...checkRequestNames(config.requests, `${at}.requests`, requests),
        ...validateConfiguration(config, at, { isStored: false }),
      ],
    }),
    ...(nodeSelector ? validateNodeSelector(nodeSelector, `${path}.nodeSelector`) : []),
  ];
}

function validateResult(result: DeviceRequestAllocationResult, path: string, requests: readonly string[]): Errors {
  return [...checkRequestName(result.request, `${path}.request`, requests), ...checkDevice(result, path)];
}

function checkDevice(
  { driver, pool, device }: Pick<AllocatedDeviceStatus, "driver" | "pool" | "device">,
  path: string,
): Errors {
  return [
    ...checkDriver(`${path}.driver`, driver),
    ...checkPool(`${path}.pool`, pool),
    ...checkLabel(`${path}.device`, device),
  ];
}

function checkSource(source: string, path: string): Errors {
  const known = ["FromClaim", "FromClass"];
  if (!source) return [requiredField(path)];
  return when(!known.includes(source), unsupportedField(path, source, known));
}

function validateDeviceStatus(device: AllocatedDeviceStatus, path: string, allocated: ReadonlySet<string>): Errors {
  const id = deviceId(device);
  const { conditions = [], data, networkData } = device;
  return [
    ...checkDevice(device, path),
    ...when(!allocated.has(id), invalidField(path, id, "must be an allocated device in the claim")),
    ...when(conditions.length > CONDITIONS_MAX, tooManyField(`${path}.conditions`, conditions.length, CONDITIONS_MAX)),
    ...validateConditions(conditions, `${path}.conditions`),
    ...(data === undefined ? [] : checkRawObject(data, `${path}.data`, { bytesMax: DATA_BYTES_MAX })),
    ...(networkData ? validateNetworkData(networkData, `${path}.networkData`) : []),
  ];
}

function validateNetworkData(
  { interfaceName = "", hardwareAddress = "", ips }: NetworkDeviceData,
  path: string,
): Errors {
  return [
    ...when(
      Buffer.byteLength(interfaceName) > INTERFACE_BYTES_MAX,
      tooLongField(`${path}.interfaceName`, INTERFACE_BYTES_MAX),
    ),
    ...when(
      Buffer.byteLength(hardwareAddress) > HARDWARE_ADDRESS_BYTES_MAX,
      tooLongField(`${path}.hardwareAddress`, HARDWARE_ADDRESS_BYTES_MAX),
    ),
    ...checkList(ips, `${path}.ips`, {
      ...{ countMax: ADDRESSES_MAX, key: { of: (ip) => ip, field: "" } },
      check: checkInterfaceAddress,
    }),
  ];
}

function checkInterfaceAddress(address: string, path: string): Errors {
  if (!isValidCidr(address)) {
    const problem = "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)";
    return [invalidField(path, address, problem)];
  }
  const [ip = "", length = ""] = address.split("/");
  const canonical = `${canonicalIp(ip) ?? ip}/${Number(length)}`;
  return when(
    canonical !== address,
    invalidField(path, address, `must be in canonical form (${JSON.stringify(canonical)})`),
  );
}
