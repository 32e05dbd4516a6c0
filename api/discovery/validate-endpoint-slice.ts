// Rules for endpoint slices, from Kubernetes' validation.

import { isIPv4, isIPv6 } from "node:net";
import type { Endpoint, EndpointSlice, EndpointSlicePort } from "./endpoint-slice.ts";
import { checkFormat, checkPortNumber, checkUnchanged, eachItem, when } from "../meta/field-checks.ts";
import { checkEndpointIp } from "../meta/ip-address.ts";
import { labelValueProblems, qualifiedNameProblems } from "../meta/label-syntax.ts";
import { labelProblems, subdomainProblems } from "../meta/names.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import {
  duplicateField,
  invalidField,
  requiredField,
  tooManyField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const ADDRESS_TYPES = ["FQDN", "IPv4", "IPv6"];
const ENDPOINTS_MAX = 1000;
const ADDRESSES_MAX = 100;
const PORTS_MAX = 20_000;
const ZONE_HINTS_MAX = 8;

export function validateEndpointSlice(slice: EndpointSlice, old?: EndpointSlice): FieldError[] {
  const { addressType, endpoints = [], ports = [] } = slice;
  return [
    ...validateMetadata(slice, old, { name: subdomainProblems }),
    ...when(
      addressType && !ADDRESS_TYPES.includes(addressType),
      unsupportedField("addressType", addressType, ADDRESS_TYPES),
    ),
    ...(old ? checkUnchanged("addressType", addressType, old.addressType) : []),
    ...when(endpoints.length > ENDPOINTS_MAX, tooManyField("endpoints", endpoints.length, ENDPOINTS_MAX)),
    ...eachItem(endpoints, "endpoints", (endpoint, at) => validateEndpoint(endpoint, at, addressType)),
    ...when(ports.length > PORTS_MAX, tooManyField("ports", ports.length, PORTS_MAX)),
    ...validatePorts(ports),
  ];
}

function validateEndpoint(endpoint: Endpoint, path: string, addressType: string): Errors {
  const { addresses = [], nodeName, hostname, hints } = endpoint;
  const zones = hints?.forZones ?? [];
  const at = `${path}.addresses`;
  return [
    ...when(addresses.length === 0, requiredField(at, "must contain at least 1 address")),
    ...when(addresses.length > ADDRESSES_MAX, tooManyField(at, addresses.length, ADDRESSES_MAX)),
    ...eachItem(addresses, at, (address, addressAt) => validateAddress(address, addressAt, addressType)),
    ...checkFormat(`${path}.nodeName`, nodeName, subdomainProblems),
    ...checkFormat(`${path}.hostname`, hostname, labelProblems),
    ...when(zones.length > ZONE_HINTS_MAX, tooManyField(`${path}.hints.forZones`, zones.length, ZONE_HINTS_MAX)),
    ...eachItem(zones, `${path}.hints.forZones`, ({ name }, zoneAt) =>
      checkFormat(`${zoneAt}.name`, name, labelValueProblems),
    ),
  ];
}

function validateAddress(address: string, path: string, addressType: string): Errors {
  if (addressType === "FQDN") return checkFormat(path, address.replace(/\.$/, ""), subdomainProblems);
  const isOfType = addressType === "IPv4" ? isIPv4(address) : addressType === "IPv6" ? isIPv6(address) : true;
  if (!isOfType) return [invalidField(path, address, `must be a valid ${addressType} address`)];
  return checkEndpointIp(path, address);
}

function validatePorts(ports: readonly EndpointSlicePort[]): Errors {
  const names = new Set<string>();
  return eachItem(ports, "ports", ({ name = "", port, appProtocol }, at) => {
    const isTaken = names.has(name);
    names.add(name);
    return [
      ...checkFormat(`${at}.name`, name, labelProblems),
      ...when(isTaken, duplicateField(`${at}.name`, name)),
      ...checkPortNumber(`${at}.port`, port),
      ...checkFormat(`${at}.appProtocol`, appProtocol, qualifiedNameProblems),
    ];
  });
}
