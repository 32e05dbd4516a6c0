// Rules for IPAddresses, from Kubernetes' validation.

import type { IPAddress } from "./ip-address.ts";
import { checkFormat, checkRequiredFormat, checkUnchanged } from "../meta/field-checks.ts";
import { canonicalIp } from "../meta/ip-range.ts";
import { pathSegmentProblems, subdomainProblems, type Format } from "../meta/names.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { requiredField, type FieldError } from "../schema/field-error.ts";

/** The form of IPAddresses' names: each address has exactly one. */
const addressNameProblems: Format = (name) => {
  const canonical = canonicalIp(name);
  if (canonical === undefined) return [`ParseAddr(${JSON.stringify(name)}): unable to parse IP`];
  return canonical === name ? [] : ["must be a canonical format IP address"];
};

export function validateIPAddress(address: IPAddress, old?: IPAddress): FieldError[] {
  const { parentRef } = address.spec;
  const metadataErrors = validateMetadata(address, old, { name: addressNameProblems, scope: "Cluster" });
  if (old) return [...metadataErrors, ...checkUnchanged("spec.parentRef", parentRef, old.spec.parentRef)];
  if (!parentRef) return [...metadataErrors, requiredField("spec.parentRef")];
  return [
    ...metadataErrors,
    ...checkFormat("spec.parentRef.group", parentRef.group, subdomainProblems),
    ...checkRequiredFormat("spec.parentRef.resource", parentRef.resource, pathSegmentProblems),
    ...checkRequiredFormat("spec.parentRef.name", parentRef.name, pathSegmentProblems),
    ...checkFormat("spec.parentRef.namespace", parentRef.namespace, pathSegmentProblems),
  ];
}
