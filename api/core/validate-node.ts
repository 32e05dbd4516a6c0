// Rules for nodes, from Kubernetes' node validation.

import type { Node, NodeSpec } from "./node.ts";
import { validateTaints } from "./validate-placement.ts";
import { validateAmount } from "./validate-resources.ts";
import { eachItem, when } from "../meta/field-checks.ts";
import { checkCidr } from "../meta/ip-address.ts";
import { subdomainProblems } from "../meta/names.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { duplicateField, forbiddenField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validateNode(node: Node, old?: Node): FieldError[] {
  const { spec, status } = node;
  return [
    ...validateMetadata(node, old, { name: subdomainProblems, scope: "Cluster" }),
    ...validateTaints(spec.taints, "spec.taints"),
    ...eachItem(spec.podCIDRs, "spec.podCIDRs", (cidr, at) => checkCidr(at, cidr)),
    ...validateAmounts(status.capacity, "status.capacity"),
    ...validateAmounts(status.allocatable, "status.allocatable"),
    ...eachItem(status.addresses, "status.addresses", (address, at, index) =>
      when(
        status.addresses?.slice(0, index).some((before) => semanticEqual(before, address)),
        duplicateField(at, address),
      ),
    ),
    ...(old ? validateChange(spec, old.spec) : []),
  ];
}

const validateAmounts = (amounts: Readonly<Record<string, string>> | undefined, path: string): Errors =>
  Object.entries(amounts ?? {}).flatMap(([name, amount]) => validateAmount(name, amount, `${path}[${name}]`));

/** Pods on the node have addresses from its ranges, and the provider knows it by its id: neither changes once set. */
function validateChange(spec: NodeSpec, old: NodeSpec): Errors {
  const cidrs = 'node updates may not change podCIDR except from "" to valid';
  const provider = 'node updates may not change providerID except from "" to valid';
  return [
    ...when(
      old.podCIDRs?.length && !semanticEqual(spec.podCIDRs, old.podCIDRs),
      forbiddenField("spec.podCIDRs", cidrs),
    ),
    ...when(old.providerID && spec.providerID !== old.providerID, forbiddenField("spec.providerID", provider)),
  ];
}
