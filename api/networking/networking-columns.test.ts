// What `kctl get` shows of the networking kinds, of roles and their bindings, and of flow control.

import { expect } from "chai";
import { certificateSigningRequests } from "../certificates/certificate-signing-request.ts";
import { flowSchemas } from "../flowcontrol/flow-schema.ts";
import { priorityLevelConfigurations } from "../flowcontrol/priority-level-configuration.ts";
import type { KubeObject } from "../meta/object.ts";
import { clusterRoleBindings } from "../rbac/cluster-role-binding.ts";
import { roles } from "../rbac/role.ts";
import type { ResourceDefinition } from "../resource.ts";
import { ingressClasses } from "./ingress-class.ts";
import { ingresses } from "./ingress.ts";
import { ipAddresses } from "./ip-address.ts";
import { networkPolicies } from "./network-policy.ts";
import { serviceCIDRs } from "./service-cidr.ts";
import { storedObject } from "../../testing/stored-object.ts";

const MINUTE_MS = 60_000;

/** The row of an object that is a minute old. */
function row<T extends KubeObject>(resource: ResourceDefinition<T>, fields: object): string {
  const object = storedObject(resource, { ...fields });
  return resource.columns.map((column) => column.cell(object, MINUTE_MS)).join(" | ");
}

describe("the columns of networking, roles and flow control", () => {
  const headings: readonly (readonly [ResourceDefinition<never>, string, string])[] = [
    [ingresses, "Name Class Hosts Address Ports Age", ""],
    [ingressClasses, "Name Controller Parameters Age", ""],
    [networkPolicies, "Name Pod-Selector Age", ""],
    [serviceCIDRs, "Name CIDRs Age", ""],
    [ipAddresses, "Name ParentRef Age", ""],
    [roles, "Name Created_At", ""],
    [clusterRoleBindings, "Name Role Age", "Users Groups ServiceAccounts"],
    [certificateSigningRequests, "Name Age SignerName Requestor RequestedDuration Condition", ""],
    [flowSchemas, "Name PriorityLevel MatchingPrecedence DistinguisherMethod Age MissingPL", ""],
    [priorityLevelConfigurations, "Name Type NominalConcurrencyShares Queues HandSize QueueLengthLimit Age", ""],
  ] as never;
  for (const [resource, always, wide] of headings) {
    it(`of ${resource.plural} are those of kubectl`, () => {
      const names = (priority: number) =>
        resource.columns.filter((column) => column.priority === priority).map(({ name }) => name.replace(" ", "_"));
      expect(names(0).join(" ")).to.equal(always);
      expect(names(1).join(" ")).to.equal(wide);
    });
  }

  const host = (name: string) => ({ host: name });
  const ingress = [{ hostname: "lb.example" }, { ip: "1.2.3.4" }, { ip: "1.2.3.4" }];
  const subjects = [
    { kind: "User", name: "jane" },
    { kind: "User", name: "joe" },
    { kind: "ServiceAccount", namespace: "a", name: "b" },
  ];
  const rows: readonly (readonly [string, string, string])[] = [
    [
      "an ingress for all hosts",
      row(ingresses, { spec: { defaultBackend: { service: { name: "a" } } } }),
      "test | <none> | * |  | 80 | 60s",
    ],
    [
      "an ingress for many hosts",
      row(ingresses, {
        spec: { ingressClassName: "x", rules: ["a", "b", "c", "d", "e"].map(host), tls: [{}] },
        status: { loadBalancer: { ingress } },
      }),
      "test | x | a,b,c + 2 more... | 1.2.3.4,lb.example | 80, 443 | 60s",
    ],
    [
      "a class",
      row(ingressClasses, { spec: { controller: "a.example/b", parameters: { kind: "P", name: "q" } } }),
      "test | a.example/b | P/q | 60s",
    ],
    ["a policy for all pods", row(networkPolicies, {}), "test | <none> | 60s"],
    [
      "a range",
      row(serviceCIDRs, { spec: { cidrs: ["10.0.0.0/8", "2001:db8::/64"] } }),
      "test | 10.0.0.0/8,2001:db8::/64 | 60s",
    ],
    [
      "an address",
      row(ipAddresses, { spec: { parentRef: { resource: "services", namespace: "default", name: "web" } } }),
      "test | services/default/web | 60s",
    ],
    ["a role", row(roles, {}), "test | 1970-01-01T00:00:00Z"],
    [
      "a binding",
      row(clusterRoleBindings, { subjects, roleRef: { kind: "ClusterRole", name: "view" } }),
      "test | ClusterRole/view | 60s | jane, joe |  | a/b",
    ],
    [
      "a certificate request",
      row(certificateSigningRequests, { spec: { signerName: "a.example/b", username: "jane" } }),
      "test | 60s | a.example/b | jane | <none> | Pending",
    ],
    [
      "a flow schema that nobody has looked at",
      row(flowSchemas, { spec: { priorityLevelConfiguration: { name: "system" } } }),
      "test | system | 1000 | <none> | 60s | ?",
    ],
    [
      "an exempt level",
      row(priorityLevelConfigurations, { spec: { type: "Exempt", exempt: {} } }),
      "test | Exempt | 0 | <none> | <none> | <none> | 60s",
    ],
  ];
  for (const [title, cells, expected] of rows) {
    it(`show ${title}`, () => {
      expect(cells).to.equal(expected);
    });
  }
});
