// Rules for a service's addresses inside the cluster and for their families, which belong together item by item.

import type { ServiceSpec } from "./service.ts";
import { eachItem, when } from "../meta/field-checks.ts";
import { checkIp } from "../meta/ip-address.ts";
import { duplicateField, forbiddenField, invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const ADDRESSES_MAX = 2;

export function validateServiceAddresses(spec: ServiceSpec): Errors {
  return spec.type === "ExternalName" ? validateNoAddresses(spec) : validateAddresses(spec);
}

function validateNoAddresses({ clusterIPs, ipFamilies, ipFamilyPolicy }: ServiceSpec): Errors {
  const problem = "may not be set for ExternalName services";
  return [
    ...when(clusterIPs?.length, forbiddenField("spec.clusterIPs", problem)),
    ...when(ipFamilies?.length, forbiddenField("spec.ipFamilies", problem)),
    ...when(ipFamilyPolicy !== undefined, forbiddenField("spec.ipFamilyPolicy", problem)),
  ];
}

function validateAddresses({ clusterIP, clusterIPs = [], ipFamilies = [] }: ServiceSpec): Errors {
  const path = "spec.clusterIPs";
  const first = clusterIPs[0];
  return [
    ...when(
      !clusterIP && clusterIPs.length > 0,
      invalidField(path, clusterIPs, "must be empty when `clusterIP` is not specified"),
    ),
    ...when(clusterIP && clusterIPs.length === 0, requiredField(path)),
    ...when(
      clusterIP && first !== undefined && first !== clusterIP,
      invalidField(path, clusterIPs, "first value must match `clusterIP`"),
    ),
    ...when(
      first === "None" && clusterIPs.length > 1,
      invalidField(path, clusterIPs, "'None' must be the first and only value"),
    ),
    ...when(clusterIPs.length > ADDRESSES_MAX, invalidField(path, clusterIPs, "may only hold up to 2 values")),
    ...eachItem(clusterIPs, path, (ip, at, index) => (index === 0 && ip === "None" ? [] : checkIp(at, ip))),
    ...when(
      ipFamilies.length > ADDRESSES_MAX,
      invalidField("spec.ipFamilies", ipFamilies, "may only hold up to 2 values"),
    ),
    ...eachItem(ipFamilies, "spec.ipFamilies", (family, at, index) =>
      when(ipFamilies.indexOf(family) < index, duplicateField(at, family)),
    ),
  ];
}

/** Clients remember an address, so the first one and its family stay as long as the service has one. */
export function validateAddressChange(spec: ServiceSpec, old: ServiceSpec): Errors {
  if (spec.type === "ExternalName" || old.type === "ExternalName") return [];
  const { clusterIPs = [], ipFamilies = [] } = spec;
  const [before, familyBefore] = [old.clusterIPs?.[0], old.ipFamilies?.[0]];
  const path = "spec.clusterIPs[0]";
  if (before === undefined) return [];
  return [
    ...when(clusterIPs.length === 0, invalidField(path, clusterIPs, "primary clusterIP can not be unset")),
    ...when(
      clusterIPs.length > 0 && clusterIPs[0] !== before,
      invalidField(path, clusterIPs, "may not change once set"),
    ),
    ...when(
      familyBefore && ipFamilies.length > 0 && ipFamilies[0] !== familyBefore,
      invalidField("spec.ipFamilies[0]", ipFamilies, "may not change once set"),
    ),
  ];
}
