// NetworkPolicy: says what traffic is allowed to and from pods. Its rules are in validate-network-policy.ts.

import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import { withGeneration } from "../meta/generation.ts";
import { renderSelector, selectorOf } from "../meta/selector.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { networkPolicyWarnings } from "./networking-warnings.ts";
import { validateNetworkPolicy } from "./validate-network-policy.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  completed,
  int32,
  intOrString,
  list,
  object,
  oneOf,
  optional,
  present,
  presentRequired,
  required,
  string,
} from "../schema/schema.ts";

export const networkPolicyPort = completed(
  object("io.k8s.api.networking.v1.NetworkPolicyPort", "A port, or a range of ports, that traffic is allowed on.", {
    protocol: optional(1, oneOf("TCP", "UDP", "SCTP"), "The protocol: TCP, UDP or SCTP; TCP unless given."),
    port: optional(2, intOrString(), "The number of the port, or its name in the pod; all ports unless given."),
    endPort: optional(3, int32(), "The last port of a range that begins with port, which must then be a number."),
  }),
  (draft) => {
    draft.protocol ??= "TCP";
  },
);
export interface NetworkPolicyPort extends Infer<typeof networkPolicyPort> {}

export const ipBlock = completed(
  object("io.k8s.api.networking.v1.IPBlock", "A range of addresses, some parts of it excepted.", {
    cidr: required(1, string(), "The range, such as 192.168.1.0/24 or 2001:db8::/64."),
    except: optional(2, list(string(), { listType: "atomic" }), "Ranges within it that are not meant."),
  }),
  (draft) => {
    draft.cidr ??= "";
  },
);
export interface IPBlock extends Infer<typeof ipBlock> {}

export const networkPolicyPeer = object(
  "io.k8s.api.networking.v1.NetworkPolicyPeer",
  "Who may be at the other end: pods or addresses. A block of addresses excludes the selectors.",
  {
    podSelector: optional(
      1,
      labelSelector,
      "Selects pods by their labels, in the policy's own namespace unless namespaceSelector is given. An empty selector selects all.",
    ),
    namespaceSelector: optional(
      2,
      labelSelector,
      "Selects namespaces by their labels; with podSelector the pods selected in them, alone all of their pods. An empty selector selects all.",
    ),
    ipBlock: optional(3, ipBlock, "A range of addresses, mostly outside of the cluster."),
  },
);
export interface NetworkPolicyPeer extends Infer<typeof networkPolicyPeer> {}

export const networkPolicyIngressRule = object(
  "io.k8s.api.networking.v1.NetworkPolicyIngressRule",
  "Traffic to the pods that is allowed: on any of the ports and from any of the peers.",
  {
    ports: optional(1, list(networkPolicyPort, { listType: "atomic" }), "The ports; all unless given."),
    from: optional(
      2,
      list(networkPolicyPeer, { listType: "atomic" }),
      "Where the traffic may come from; anywhere unless given.",
    ),
  },
);
export interface NetworkPolicyIngressRule extends Infer<typeof networkPolicyIngressRule> {}

export const networkPolicyEgressRule = object(
  "io.k8s.api.networking.v1.NetworkPolicyEgressRule",
  "Traffic from the pods that is allowed: on any of the ports and to any of the peers.",
  {
    ports: optional(
      1,
      list(networkPolicyPort, { listType: "atomic" }),
      "The ports at the destination; all unless given.",
    ),
    to: optional(
      2,
      list(networkPolicyPeer, { listType: "atomic" }),
      "Where the traffic may go; anywhere unless given.",
    ),
  },
);
export interface NetworkPolicyEgressRule extends Infer<typeof networkPolicyEgressRule> {}

export const networkPolicySpec = completed(
  object(
    "io.k8s.api.networking.v1.NetworkPolicySpec",
    "Which pods a policy is about, and which traffic it allows them.",
    {
      podSelector: presentRequired(
        1,
        labelSelector,
        "Selects the pods by their labels. An empty selector selects all pods of the namespace.",
      ),
      ingress: optional(
        2,
        list(networkPolicyIngressRule, { listType: "atomic" }),
        "What traffic to the pods is allowed. Once a policy for ingress selects a pod, all else is refused unless another policy allows it.",
      ),
      egress: optional(
        3,
        list(networkPolicyEgressRule, { listType: "atomic" }),
        "What traffic from the pods is allowed. Once a policy for egress selects a pod, all else is refused unless another policy allows it.",
      ),
      policyTypes: optional(
        4,
        list(oneOf("Ingress", "Egress"), { listType: "atomic" }),
        "The directions that the policy is about: Ingress, Egress or both. Unless given, Ingress, and Egress too where there are egress rules.",
      ),
    },
  ),
  (draft) => {
    // An absent selector is an empty one, as the struct in Go is never absent.
    draft.podSelector ??= {};
    if (draft.policyTypes?.length) return;
    draft.policyTypes = draft.egress?.length ? ["Ingress", "Egress"] : ["Ingress"];
  },
);
export interface NetworkPolicySpec extends Infer<typeof networkPolicySpec> {}

export const networkPolicy = kubeObject(
  "io.k8s.api.networking.v1.NetworkPolicy",
  "Says what traffic is allowed to and from a set of pods.",
  {
    spec: present(2, networkPolicySpec, "Which pods and what traffic."),
  },
);
export interface NetworkPolicy extends Infer<typeof networkPolicy> {}

export const networkPolicies: ResourceDefinition<NetworkPolicy> = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "NetworkPolicy",
  plural: "networkpolicies",
  shortNames: ["netpol"],
  scope: "Namespaced",
  schema: networkPolicy,
  validate: validateNetworkPolicy,
  warnings: networkPolicyWarnings,
  columns: [
    nameColumn,
    column(
      "Pod-Selector",
      { description: "Selects the pods that it is about." },
      ({ spec }) => renderSelector(selectorOf(spec.podSelector)) || "<none>",
    ),
    ageColumn,
  ],
  prepare: (policy, old) => withGeneration(policy, old, ({ spec }) => spec),
};
