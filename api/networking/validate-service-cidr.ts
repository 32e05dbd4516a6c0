// Rules for ServiceCIDRs, from Kubernetes' validation.

import { isIPv4 } from "node:net";
import type { ServiceCIDR } from "./service-cidr.ts";
import { checkUnchanged, eachItem, when } from "../meta/field-checks.ts";
import { checkCidr, isValidCidr } from "../meta/ip-address.ts";
import { canonicalIp, isIpv4InIpv6, parseIpRange } from "../meta/ip-range.ts";
import { subdomainProblems } from "../meta/names.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const PATH = "spec.cidrs";
const CIDRS_MAX = 2;
const ONE_OF_EACH = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64";

export function validateServiceCIDR(range: ServiceCIDR, old?: ServiceCIDR): FieldError[] {
  const metadataErrors = validateMetadata(range, old, { name: subdomainProblems, scope: "Cluster" });
  const { cidrs = [] } = range.spec;
  if (old) return [...metadataErrors, ...checkUnchanged(PATH, cidrs, old.spec.cidrs)];
  if (cidrs.length === 0) return [...metadataErrors, requiredField(PATH, "at least one CIDR required")];
  return [
    ...metadataErrors,
    ...when(cidrs.length > CIDRS_MAX, invalidField(PATH, range.spec, "may only hold up to 2 values")),
    ...when(cidrs.length === CIDRS_MAX && !isDualStack(cidrs), invalidField(PATH, range.spec, ONE_OF_EACH)),
    ...eachItem(cidrs, PATH, checkCanonicalCidr),
  ];
}

const isDualStack = (cidrs: readonly string[]): boolean =>
  cidrs.every(isValidCidr) && new Set(cidrs.map((cidr) => isIPv4(cidr.split("/")[0] ?? ""))).size === 2;

/** Names of ranges are compared as texts, so each range must be written in one way. */
function checkCanonicalCidr(cidr: string, path: string): Errors {
  const range = parseIpRange(cidr);
  if (!range) return checkCidr(path, cidr);
  const [ip = ""] = cidr.split("/");
  if (isIpv4InIpv6(ip)) return [invalidField(path, cidr, "must not have an IPv4-mapped IPv6 address")];
  if (range.address !== range.first) {
    return [invalidField(path, cidr, "must not have bits set beyond the prefix length")];
  }
  const canonical = `${canonicalIp(ip)}/${range.prefixLength}`;
  return when(canonical !== cidr, invalidField(path, cidr, `must be in canonical form ("${canonical}")`));
}
