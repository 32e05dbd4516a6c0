// HEADER: say what NetworkPolicy is and what it must never do.

import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  int32,
  intOrString,
  list,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
} from "../schema/schema.ts";

export const networkPolicyPort = object("io.k8s.api.networking.v1.NetworkPolicyPort", "", {
  protocol: optional(1, oneOf("TCP", "UDP", "SCTP"), ""),
  port: optional(2, intOrString(), ""),
  endPort: optional(3, int32(), ""),
});
export interface NetworkPolicyPort extends Infer<typeof networkPolicyPort> {}

export const ipBlock = object("io.k8s.api.networking.v1.IPBlock", "", {
  cidr: required(1, string(), ""),
  except: optional(2, list(string(), { listType: "atomic" }), ""),
});
export interface IPBlock extends Infer<typeof ipBlock> {}

export const networkPolicyPeer = object("io.k8s.api.networking.v1.NetworkPolicyPeer", "", {
  podSelector: optional(1, labelSelector, ""),
  namespaceSelector: optional(2, labelSelector, ""),
  ipBlock: optional(3, ipBlock, ""),
});
export interface NetworkPolicyPeer extends Infer<typeof networkPolicyPeer> {}

export const networkPolicyIngressRule = object("io.k8s.api.networking.v1.NetworkPolicyIngressRule", "", {
  ports: optional(1, list(networkPolicyPort, { listType: "atomic" }), ""),
  from: optional(2, list(networkPolicyPeer, { listType: "atomic" }), ""),
});
export interface NetworkPolicyIngressRule extends Infer<typeof networkPolicyIngressRule> {}

export const networkPolicyEgressRule = object("io.k8s.api.networking.v1.NetworkPolicyEgressRule", "", {
  ports: optional(1, list(networkPolicyPort, { listType: "atomic" }), ""),
  to: optional(2, list(networkPolicyPeer, { listType: "atomic" }), ""),
});
export interface NetworkPolicyEgressRule extends Infer<typeof networkPolicyEgressRule> {}

export const networkPolicySpec = object("io.k8s.api.networking.v1.NetworkPolicySpec", "", {
  podSelector: required(1, labelSelector, ""),
  ingress: optional(2, list(networkPolicyIngressRule, { listType: "atomic" }), ""),
  egress: optional(3, list(networkPolicyEgressRule, { listType: "atomic" }), ""),
  policyTypes: optional(4, list(oneOf("Ingress", "Egress"), { listType: "atomic" }), ""),
});
export interface NetworkPolicySpec extends Infer<typeof networkPolicySpec> {}

export const networkPolicy = kubeObject("io.k8s.api.networking.v1.NetworkPolicy", "", {
  spec: present(2, networkPolicySpec, ""),
});
export interface NetworkPolicy extends Infer<typeof networkPolicy> {}

export const networkPolicies: ResourceDefinition<NetworkPolicy> = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "NetworkPolicy",
  plural: "networkpolicies",
  shortNames: ["netpol"],
  scope: "Namespaced",
  schema: networkPolicy,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
