import { expect } from "chai";
import type { Service } from "../api/core/service.ts";
import type { Endpoint, EndpointSlice } from "../api/discovery/endpoint-slice.ts";
import { parseAddressRange } from "./address-range.ts";
import { buildServiceTable } from "./service-table.ts";

const metadata = { uid: "u", resourceVersion: "1", creationTimestamp: "", namespace: "default" };

function service(spec: Partial<Service["spec"]> = {}, labels: Record<string, string> = {}): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...metadata, name: "web", labels },
    spec: { type: "ClusterIP", clusterIP: "10.96.0.10", clusterIPs: ["10.96.0.10"], ports: [{ port: 80 }], ...spec },
    status: { loadBalancer: {} },
  };
}

type Conditions = Endpoint["conditions"];

function slice(endpoints: Readonly<Record<string, Conditions & { node?: string }>>, name = ""): EndpointSlice {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { ...metadata, name: "web-1", labels: { "kubernetes.io/service-name": "web" } },
    addressType: "IPv4",
    ports: [{ name, protocol: "TCP", port: 8080 }],
    endpoints: Object.entries(endpoints).map(([ip, { node = "n1", ...conditions }]) => ({
      addresses: [ip],
      conditions,
      nodeName: node,
    })),
  };
}

const context = { nodeName: "n1", podRanges: [] };
const build = (subject: Service, ...slices: EndpointSlice[]) => buildServiceTable([subject], slices, context).entries;
const ips = (targets: readonly { ip: string }[] = []) => targets.map(({ ip }) => ip);

const ready = { ready: true, serving: true, terminating: false };
const starting = { ready: false, serving: false, terminating: false };
const draining = { ready: false, serving: true, terminating: true };

describe("the service table", () => {
  it("sends a service's port to its ready endpoints, in a fixed order", () => {
    const [entry] = build(service(), slice({ "10.0.0.3": ready, "10.0.0.2": ready, "10.0.0.4": starting }));
    expect(entry).to.deep.include({
      id: "default/web:",
      protocol: "TCP",
      port: 80,
      addresses: ["10.96.0.10"],
      endpoints: [
        { ip: "10.0.0.2", port: 8080 },
        { ip: "10.0.0.3", port: 8080 },
      ],
    });
  });

  it("uses endpoints on their way out only while nobody else is ready", () => {
    expect(ips(build(service(), slice({ "10.0.0.2": ready, "10.0.0.3": draining }))[0]?.endpoints)).to.deep.equal([
      "10.0.0.2",
    ]);
    expect(ips(build(service(), slice({ "10.0.0.2": starting, "10.0.0.3": draining }))[0]?.endpoints)).to.deep.equal([
      "10.0.0.3",
    ]);
  });

  it("keeps a service without endpoints, so that its clients are refused at once", () => {
    expect(build(service())[0]?.endpoints).to.deep.equal([]);
  });

  it("joins slices, and takes an endpoint in two of them once", () => {
    const both = build(service(), slice({ "10.0.0.2": ready }), slice({ "10.0.0.2": ready, "10.0.0.5": ready }));
    expect(ips(both[0]?.endpoints)).to.deep.equal(["10.0.0.2", "10.0.0.5"]);
  });

  it("finds the port of an endpoint by the service port's name", () => {
    const two = service({
      ports: [
        { port: 80, name: "http" },
        { port: 443, name: "https" },
      ],
    });
    const entries = build(two, slice({ "10.0.0.2": ready }, "https"));
    expect(entries.map(({ id, endpoints }) => [id, endpoints.length])).to.deep.equal([
      ["default/web:http", 0],
      ["default/web:https", 1],
    ]);
  });

  for (const [what, subject] of [
    ["headless", service({ clusterIP: "None", clusterIPs: ["None"] })],
    ["external name", service({ type: "ExternalName", clusterIP: "" })],
    ["labelled as headless", service({}, { "service.kubernetes.io/headless": "" })],
    ["left to another proxy", service({}, { "service.kubernetes.io/service-proxy-name": "other" })],
  ] as const) {
    it(`leaves out a service that is ${what}`, () => {
      expect(build(subject, slice({ "10.0.0.2": ready }))).to.deep.equal([]);
    });
  }

  it("keeps to this node where the traffic policy says so, inside and outside apart", () => {
    const endpoints = slice({ "10.0.0.2": ready, "10.0.0.3": { ...ready, node: "n2" } });
    const [internal] = build(service({ internalTrafficPolicy: "Local" }), endpoints);
    expect([ips(internal?.endpoints), ips(internal?.externalEndpoints)]).to.deep.equal([
      ["10.0.0.2"],
      ["10.0.0.2", "10.0.0.3"],
    ]);
    const [external] = build(service({ externalTrafficPolicy: "Local" }), endpoints);
    expect([ips(external?.endpoints), ips(external?.externalEndpoints)]).to.deep.equal([
      ["10.0.0.2", "10.0.0.3"],
      ["10.0.0.2"],
    ]);
    expect(external?.keepsClientAddress).to.equal(true);
  });

  const ZONES: readonly [
    title: string,
    zone: string | undefined,
    hints: readonly string[],
    conditions: readonly Conditions[],
    expected: string,
  ][] = [
    ["that are for its zone", "a", ["a", "a", "b"], [ready, ready, ready], "1 2"],
    ["of all zones if the node is in none", undefined, ["a", "b"], [ready, ready], "1 2"],
    ["of all zones if none is for its own", "c", ["a", "b"], [ready, ready], "1 2"],
    ["of all zones if one is for no zone in particular", "a", ["a", "b", ""], [ready, ready, ready], "1 2 3"],
    ["for its zone, whatever those say that are not ready", "a", ["a", "b", ""], [ready, ready, starting], "1"],
    ["of all zones if that for its own is not ready", "a", ["a", "b"], [starting, ready], "2"],
    ["that still answer, of any zone, if none is ready", "a", ["a", "b"], [draining, draining], "1 2"],
  ];
  for (const [title, zone, hints, conditions, expected] of ZONES) {
    it(`sends to endpoints ${title}`, () => {
      const plain = slice(Object.fromEntries(conditions.map((each, index) => [`10.0.0.${index + 1}`, each])));
      const endpoints = plain.endpoints.map((each, index) => {
        const name = hints[index];
        return name ? { ...each, hints: { forZones: [{ name }] } } : each;
      });
      const [entry] = buildServiceTable([service()], [{ ...plain, endpoints }], { ...context, zone }).entries;
      for (const targets of [entry?.endpoints, entry?.externalEndpoints]) {
        expect(
          ips(targets)
            .map((ip) => ip.slice("10.0.0.".length))
            .join(" "),
        ).to.equal(expected);
      }
    });
  }

  it("keeps to this node, whatever the zone, where the traffic policy says so", () => {
    const plain = slice({ "10.0.0.2": ready, "10.0.0.3": { ...ready, node: "n2" } });
    const endpoints = plain.endpoints.map((each, index) => ({
      ...each,
      hints: { forZones: [{ name: index === 0 ? "b" : "a" }] },
    }));
    const subject = service({ internalTrafficPolicy: "Local" });
    const [entry] = buildServiceTable([subject], [{ ...plain, endpoints }], { ...context, zone: "a" }).entries;
    expect([ips(entry?.endpoints), ips(entry?.externalEndpoints)]).to.deep.equal([["10.0.0.2"], ["10.0.0.3"]]);
  });

  it("carries node ports, external addresses and affinity", () => {
    const [entry] = build(
      service({ ports: [{ port: 80, nodePort: 30080 }], externalIPs: ["192.0.2.7"], sessionAffinity: "ClientIP" }),
    );
    expect(entry).to.deep.include({ nodePort: 30080, externalAddresses: ["192.0.2.7"], affinitySeconds: 10_800 });
  });

  it("never leads to the host's own or link-local addresses, unless pods live there", () => {
    const bad = slice({
      "127.0.0.1": ready,
      "169.254.169.254": ready,
      "224.0.0.1": ready,
      "0.0.0.0": ready,
      "127.64.0.9": ready,
    });
    expect(ips(build(service(), bad)[0]?.endpoints)).to.deep.equal([]);
    const podRanges = [parseAddressRange("127.64.0.0/10")];
    const [entry] = buildServiceTable([service()], [bad], { nodeName: "n1", podRanges }).entries;
    expect(ips(entry?.endpoints)).to.deep.equal(["127.64.0.9"]);
  });
});

describe("an address range", () => {
  it("refuses what is none, by name", () => {
    for (const text of ["10.0.0.0", "10.0.0/8", "10.0.0.0/33", "x/8", "10.0.0.256/8"]) {
      expect(() => parseAddressRange(text)).to.throw(`"${text}" is not an IPv4 range`);
    }
  });
});
