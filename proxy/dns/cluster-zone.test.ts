import { expect } from "chai";
import type { Service, ServicePort } from "../../api/core/service.ts";
import type { Endpoint, EndpointSlice } from "../../api/discovery/endpoint-slice.ts";
import { answerInZone, type ClusterView, type ZoneAnswer } from "./cluster-zone.ts";
import type { DnsRecord, QueryType } from "./message.ts";

const metadata = { uid: "u", resourceVersion: "1", creationTimestamp: "", namespace: "shop" };

const service = (name: string, spec: Partial<Service["spec"]>): Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { ...metadata, name },
  spec: { type: "ClusterIP", ...spec },
  status: { loadBalancer: {} },
});

const HTTP: ServicePort = { name: "http", port: 80, protocol: "TCP" };
const DNS: ServicePort = { name: "dns", port: 53, protocol: "UDP" };

const endpoint = (address: string, rest: Partial<Endpoint> = {}): Endpoint => ({
  addresses: [address],
  conditions: { ready: true },
  ...rest,
});

const slice = (name: string, endpoints: readonly Endpoint[], ports: EndpointSlice["ports"] = []): EndpointSlice => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: { ...metadata, name: `${name}-1`, labels: { "kubernetes.io/service-name": name } },
  addressType: "IPv4",
  ports: [...ports],
  endpoints: [...endpoints],
});

const services = [
  service("web", { clusterIP: "10.96.0.1", clusterIPs: ["10.96.0.1", "2001:db8::1"], ports: [HTTP, DNS] }),
  service("db", { clusterIP: "None", clusterIPs: ["None"], ports: [HTTP] }),
  service("idle", { clusterIP: "None", clusterIPs: ["None"], ports: [HTTP] }),
  service("out", { type: "ExternalName", externalName: "Example.com." }),
  service("fixed", { type: "ExternalName", externalName: "192.0.2.7" }),
];
const slices = [
  slice("web", [endpoint("10.1.0.9")], [{ ...HTTP, port: 8080 }]),
  slice(
    "db",
    [
      endpoint("10.1.0.1", { hostname: "db-0" }),
      endpoint("10.1.0.2"),
      endpoint("10.1.0.3", { conditions: { ready: false } }),
    ],
    [{ ...HTTP, port: 5432 }],
  ),
];

const view: ClusterView = {
  hasNamespace: (name) => name === "shop",
  service: (namespace, name) => services.find((each) => namespace === "shop" && each.metadata.name === name),
  slices: (namespace, name) => slices.filter((each) => namespace === "shop" && each.metadata.name === `${name}-1`),
  servicesAt: (address) => services.filter(({ spec }) => spec.clusterIPs?.includes(address)),
  slicesAt: (address) =>
    slices.filter(({ endpoints }) => endpoints.some(({ addresses }) => addresses.includes(address))),
};

const ask = (name: string, type: QueryType = "A") => answerInZone({ name, type }, "cluster.local", view);

const render = (record: DnsRecord): string => {
  if (record.type === "SRV") {
    const { priority = 0, weight = 0, port, target } = record.data;
    return `SRV ${priority} ${weight} ${port} ${target}`;
  }
  return "data" in record && typeof record.data === "string" ? `${record.type} ${record.data}` : record.type;
};

const shown = (answer: ZoneAnswer | undefined) => answer && [answer.code, ...answer.answers.map(render)].join(", ");

const IN = "shop.svc.cluster.local";

describe("the cluster's zone", () => {
  const cases: [string, QueryType, string | undefined][] = [
    [`web.${IN}`, "A", "NOERROR, A 10.96.0.1"],
    [`WEB.Shop.SVC.cluster.LOCAL`, "A", "NOERROR, A 10.96.0.1"],
    [`web.${IN}`, "AAAA", "NOERROR, AAAA 2001:db8::1"],
    [`web.${IN}`, "MX", "NOERROR"],
    [`web.${IN}`, "SRV", `NOERROR, SRV 0 50 80 web.${IN}, SRV 0 50 53 web.${IN}`],
    [`_http._tcp.web.${IN}`, "SRV", `NOERROR, SRV 0 100 80 web.${IN}`],
    [`_dns._udp.web.${IN}`, "SRV", `NOERROR, SRV 0 100 53 web.${IN}`],
    [`_http._udp.web.${IN}`, "SRV", "NXDOMAIN"],
    [`http.tcp.web.${IN}`, "SRV", "NXDOMAIN"],
    [`_tcp.web.${IN}`, "A", "NOERROR"],
    [`_sctp.web.${IN}`, "A", "NXDOMAIN"],
    [`10-1-0-9.web.${IN}`, "A", "NOERROR, A 10.1.0.9"],
    [`db.${IN}`, "A", "NOERROR, A 10.1.0.1, A 10.1.0.2"],
    [`db.${IN}`, "AAAA", "NOERROR"],
    [`_http._tcp.db.${IN}`, "SRV", `NOERROR, SRV 0 50 5432 db-0.db.${IN}, SRV 0 50 5432 10-1-0-2.db.${IN}`],
    [`db-0.db.${IN}`, "A", "NOERROR, A 10.1.0.1"],
    [`db-0.db.${IN}`, "SRV", `NOERROR, SRV 0 100 5432 db-0.db.${IN}`],
    [`10-1-0-2.db.${IN}`, "A", "NOERROR, A 10.1.0.2"],
    [`10-1-0-3.db.${IN}`, "A", "NXDOMAIN"],
    [`idle.${IN}`, "A", "NOERROR"],
    [`nobody.${IN}`, "A", "NXDOMAIN"],
    [`a.b.c.web.${IN}`, "A", "NXDOMAIN"],
    [`out.${IN}`, "A", "NOERROR, CNAME example.com"],
    [`out.${IN}`, "CNAME", "NOERROR, CNAME example.com"],
    [`below.out.${IN}`, "A", "NXDOMAIN"],
    [`fixed.${IN}`, "A", "NOERROR, A 192.0.2.7"],
    ["shop.svc.cluster.local", "A", "NOERROR"],
    ["other.svc.cluster.local", "A", "NXDOMAIN"],
    ["svc.cluster.local", "A", "NOERROR"],
    ["pod.cluster.local", "A", "NOERROR"],
    ["10-1-0-7.shop.pod.cluster.local", "A", "NOERROR, A 10.1.0.7"],
    ["2001-db8--7.shop.pod.cluster.local", "AAAA", "NOERROR, AAAA 2001:db8::7"],
    ["10-1-0-7.other.pod.cluster.local", "A", "NXDOMAIN"],
    ["10-1-0-700.shop.pod.cluster.local", "A", "NXDOMAIN"],
    ["cluster.local", "SOA", "NOERROR, SOA"],
    ["cluster.local", "NS", "NOERROR, NS ns.dns.cluster.local"],
    ["dns-version.cluster.local", "TXT", "NOERROR, TXT 1.1.0"],
    ["what.cluster.local", "A", "NXDOMAIN"],
    ["1.0.96.10.in-addr.arpa", "PTR", `NOERROR, PTR web.${IN}`],
    ["1.0.1.10.in-addr.arpa", "PTR", `NOERROR, PTR db-0.db.${IN}`],
    ["2.0.1.10.in-addr.arpa", "PTR", `NOERROR, PTR 10-1-0-2.db.${IN}`],
    ["9.0.1.10.in-addr.arpa", "PTR", undefined],
    ["1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "PTR", `NOERROR, PTR web.${IN}`],
    ["example.com", "A", undefined],
    ["notcluster.local", "A", undefined],
  ];
  for (const [name, type, expected] of cases) {
    it(`answers ${type} ${name} with ${expected ?? "nothing: it is not the cluster's"}`, () => {
      expect(shown(ask(name, type))).to.equal(expected);
    });
  }

  it("tells how long it holds that there is nothing", () => {
    for (const name of [`nobody.${IN}`, `idle.${IN}`]) {
      expect(ask(name)?.authorities.map(({ type }) => type)).to.deep.equal(["SOA"]);
    }
    expect(ask(`web.${IN}`)?.authorities).to.deep.equal([]);
  });

  it("adds the addresses of what SRV records name", () => {
    expect(ask(`_http._tcp.db.${IN}`, "SRV")?.additionals.map(render)).to.deep.equal(["A 10.1.0.1", "A 10.1.0.2"]);
  });

  it("repeats the name as it was asked", () => {
    expect(ask("WeB.shop.svc.cluster.local")?.answers[0]?.name).to.equal("WeB.shop.svc.cluster.local");
  });

  it("has an external name looked up further, but not where the alias itself is asked for", () => {
    expect(ask(`out.${IN}`)?.alias).to.equal("example.com");
    expect(ask(`out.${IN}`, "CNAME")?.alias).to.equal(undefined);
  });
});
