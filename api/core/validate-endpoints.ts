// Rules for endpoints, from Kubernetes' validation. They decide where traffic goes, so addresses that mean something else on
// each machine are refused.

import type { EndpointAddress, EndpointPort, Endpoints } from "./endpoints.ts";
import { checkFormat, checkPortNumber, eachItem, when } from "../meta/field-checks.ts";
import { checkEndpointIp } from "../meta/ip-address.ts";
import { qualifiedNameProblems } from "../meta/label-syntax.ts";
import { labelProblems, subdomainProblems } from "../meta/names.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validateEndpoints(endpoints: Endpoints, old?: Endpoints): FieldError[] {
  return [
    ...validateMetadata(endpoints, old, { name: subdomainProblems }),
    ...eachItem(endpoints.subsets, "subsets", ({ addresses = [], notReadyAddresses = [], ports = [] }, at) => [
      ...when(
        addresses.length + notReadyAddresses.length === 0,
        requiredField(at, "must specify `addresses` or `notReadyAddresses`"),
      ),
      ...eachItem(addresses, `${at}.addresses`, validateAddress),
      ...eachItem(notReadyAddresses, `${at}.notReadyAddresses`, validateAddress),
      ...eachItem(ports, `${at}.ports`, (port, portAt) => [
        ...when(ports.length > 1 && !port.name, requiredField(`${portAt}.name`)),
        ...validatePort(port, portAt),
      ]),
    ]),
  ];
}

function validateAddress({ ip, hostname, nodeName }: EndpointAddress, path: string): Errors {
  return [
    ...checkEndpointIp(`${path}.ip`, ip ?? ""),
    ...checkFormat(`${path}.hostname`, hostname, labelProblems),
    ...checkFormat(`${path}.nodeName`, nodeName, subdomainProblems),
  ];
}

function validatePort({ name, port, appProtocol }: EndpointPort, path: string): Errors {
  return [
    ...checkFormat(`${path}.name`, name, labelProblems),
    ...checkPortNumber(`${path}.port`, port),
    ...checkFormat(`${path}.appProtocol`, appProtocol, qualifiedNameProblems),
  ];
}
