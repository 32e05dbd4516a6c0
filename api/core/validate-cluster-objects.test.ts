// Rules of nodes, endpoints, events, namespaces and leases: few enough to be tested together.

import { expect } from "chai";
import { endpoints } from "./endpoints.ts";
import { events } from "./event.ts";
import { namespaces } from "./namespace.ts";
import { nodes } from "./node.ts";
import { leases } from "../coordination/lease.ts";
import type { KubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { storedObject } from "../../testing/stored-object.ts";

function errorsOf<T extends KubeObject>(resource: ResourceDefinition<T>, fields: object, old?: object): string[] {
  const errors = resource.validate?.(storedObject(resource, { ...fields }), old && storedObject(resource, { ...old }));
  return (errors ?? []).map(({ path, message }) => `${path}: ${message}`);
}

describe("the validation of a node", () => {
  const taint = { key: "a", effect: "NoSchedule" };

  it("accepts taints that differ in their effect", () => {
    const spec = { taints: [taint, { ...taint, effect: "NoExecute" }], podCIDRs: ["10.244.0.0/24"] };
    const status = {
      capacity: { cpu: "500m", "example.com/gpu": "2" },
      addresses: [{ type: "InternalIP", address: "a" }],
    };
    expect(errorsOf(nodes, { spec, status })).to.deep.equal([]);
  });

  it("refuses the same taint twice, bad ranges, and parts of devices", () => {
    const spec = { taints: [taint, { ...taint, value: "x" }], podCIDRs: ["10.244.0.0"] };
    const status = { capacity: { "example.com/gpu": "1500m" } };
    expect(errorsOf(nodes, { spec, status })).to.deep.equal([
      'spec.taints[1]: Duplicate value: {"key":"a","effect":"NoSchedule","value":"x"}: taints must be unique by key and effect pair',
      'spec.podCIDRs[0]: Invalid value: "10.244.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      'status.capacity[example.com/gpu]: Invalid value: "1500m": must be an integer',
      'status.allocatable[example.com/gpu]: Invalid value: "1500m": must be an integer',
    ]);
  });

  it("keeps its range and its provider's id once they are set", () => {
    const old = { spec: { podCIDRs: ["10.244.0.0/24"], providerID: "a" } };
    expect(errorsOf(nodes, old, { spec: {} })).to.deep.equal([]);
    expect(errorsOf(nodes, { spec: {} }, old)).to.deep.equal([
      'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
      'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    ]);
  });
});

describe("the validation of endpoints", () => {
  it("refuses groups without addresses, ports without names, and addresses of the host", () => {
    const subsets = [{ ports: [{ port: 80 }, { name: "b", port: 0 }] }, { addresses: [{ ip: "169.254.169.254" }] }];
    expect(errorsOf(endpoints, { subsets })).to.deep.equal([
      "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`",
      "subsets[0].ports[0].name: Required value",
      "subsets[0].ports[1].port: Invalid value: 0: must be between 1 and 65535, inclusive",
      'subsets[1].addresses[0].ip: Invalid value: "169.254.169.254": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
    ]);
  });
});

describe("the validation of an event", () => {
  const about = (namespace?: string) => ({
    involvedObject: { kind: "Node", name: "n", ...(namespace && { namespace }) },
  });

  it("wants it beside its object, or in default where that has no namespace", () => {
    expect(errorsOf(events, about("default"))).to.deep.equal([]);
    expect(errorsOf(events, about())).to.deep.equal([]);
    const problem = "does not match event.namespace";
    expect(errorsOf(events, about("other"))).to.deep.equal([
      `involvedObject.namespace: Invalid value: "other": ${problem}`,
    ]);
    expect(errorsOf(events, { ...about(), metadata: { namespace: "other" } })).to.deep.equal([
      `involvedObject.namespace: Invalid value: "": ${problem}`,
    ]);
  });

  it("wants a full account from reporters of the newer form", () => {
    const fields = { ...about(), eventTime: "1970-01-01T00:00:00.000000Z", reason: "x".repeat(129) };
    expect(errorsOf(events, fields)).to.deep.equal([
      "reportingComponent: Required value",
      'reportingComponent: Invalid value: "": name part must be non-empty',
      "reportingComponent: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      "reportingInstance: Required value",
      "action: Required value",
      'reason: Invalid value: "": can have at most 128 characters',
    ]);
  });
});

describe("the validation of namespaces and leases", () => {
  it("wants a namespace to be one label, without a namespace of its own", () => {
    expect(errorsOf(namespaces, { metadata: { name: "a.b", namespace: "c" } })).to.deep.equal([
      'metadata.name: Invalid value: "a.b": must not contain dots',
      "metadata.namespace: Forbidden: not allowed on this type",
    ]);
  });

  it("wants a lease to last", () => {
    expect(errorsOf(leases, { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } })).to.deep.equal([
      "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
      "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0",
    ]);
  });
});
