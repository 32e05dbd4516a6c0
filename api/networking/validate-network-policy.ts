// Rules for network policies, from Kubernetes' validation.

import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "./network-policy.ts";
import { checkPortNumber, eachItem, when } from "../meta/field-checks.ts";
import { checkCidr } from "../meta/ip-address.ts";
import { isStrictlyInside, parseIpRange } from "../meta/ip-range.ts";
import { portNameProblems, subdomainProblems } from "../meta/names.ts";
import { validateLabelSelector } from "../meta/validate-labels.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { forbiddenField, invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const POLICY_TYPES_MAX = 2;

export function validateNetworkPolicy(policy: NetworkPolicy, old?: NetworkPolicy): FieldError[] {
  const { podSelector, ingress, egress, policyTypes = [] } = policy.spec;
  return [
    ...validateMetadata(policy, old, { name: subdomainProblems }),
    ...validateLabelSelector(podSelector, "spec.podSelector"),
    ...eachItem(ingress, "spec.ingress", ({ ports, from }, at) => [
      ...eachItem(ports, `${at}.ports`, validatePort),
      ...eachItem(from, `${at}.from`, validatePeer),
    ]),
    ...eachItem(egress, "spec.egress", ({ ports, to }, at) => [
      ...eachItem(ports, `${at}.ports`, validatePort),
      ...eachItem(to, `${at}.to`, validatePeer),
    ]),
    ...when(
      policyTypes.length > POLICY_TYPES_MAX,
      invalidField("spec.policyTypes", policyTypes, "may not specify more than two policyTypes"),
    ),
  ];
}

function validatePort({ port, endPort }: NetworkPolicyPort, path: string): Errors {
  const refuseEnd = (detail: string) => when(endPort !== undefined, invalidField(`${path}.endPort`, endPort, detail));
  if (port === undefined) return refuseEnd("may not be specified when `port` is not specified");
  if (typeof port === "string") {
    return [
      ...refuseEnd("may not be specified when `port` is non-numeric"),
      ...portNameProblems(port).map((problem) => invalidField(`${path}.port`, port, problem)),
    ];
  }
  const isReversed = endPort !== undefined && endPort < port;
  return [
    ...checkPortNumber(`${path}.port`, port),
    ...when(isReversed, invalidField(`${path}.endPort`, port, "must be greater than or equal to `port`")),
    ...checkPortNumber(`${path}.endPort`, endPort),
  ];
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, path: string): Errors {
  const selects = podSelector !== undefined || namespaceSelector !== undefined;
  return [
    ...validateLabelSelector(podSelector, `${path}.podSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...(ipBlock ? validateBlock(ipBlock, `${path}.ipBlock`) : []),
    ...when(!selects && !ipBlock, requiredField(path, "must specify a peer")),
    ...when(selects && ipBlock, forbiddenField(path, "may not specify both ipBlock and another peer")),
  ];
}

function validateBlock({ cidr, except }: IPBlock, path: string): Errors {
  if (!cidr) return [requiredField(`${path}.cidr`)];
  const range = parseIpRange(cidr);
  if (!range) return checkCidr(`${path}.cidr`, cidr);
  return eachItem(except, `${path}.except`, (text, at) => {
    const part = parseIpRange(text);
    if (!part) return checkCidr(at, text);
    const problem = `must be a strict subset of \`cidr\`: ${cidr}`;
    return when(!isStrictlyInside(part, range), invalidField(at, text, problem));
  });
}
