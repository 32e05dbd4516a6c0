import { expect } from "chai";
import type { Service } from "../../api/core/service.ts";
import { nextTurn } from "../../lib/next-turn.ts";
import { ApiHarness } from "../../testing/api-harness.ts";

const PATH = "/api/v1/namespaces/default/services";
const service = (name: string, spec: object = {}) => ({ metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } });

describe("the addresses of services", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start({ serviceCidr: "10.96.0.0/29", nodePortRange: { first: 30000, last: 30002 } });
  });
  afterEach(() => api.stop());
  const create = async (name: string, spec: object = {}) =>
    (await api.create(PATH, service(name, spec))) as unknown as Service;
  const isTaken = async (key: string) => (await api.store.get(key)) !== undefined;

  it("are chosen, filled in everywhere, and recorded as kube-apiserver records them", async () => {
    const { spec, metadata } = await create("web");
    expect(spec).to.deep.include({
      clusterIPs: [spec.clusterIP],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
    });
    expect(spec.clusterIP).to.match(/^10\.96\.0\.[2-6]$/);
    const stored = await api.store.get(`/registry/ipaddresses/${spec.clusterIP}`);
    const value = JSON.parse(Buffer.from(stored?.value ?? []).toString()) as Record<string, object>;
    expect(value).to.deep.include({
      kind: "IPAddress",
      spec: { parentRef: { resource: "services", namespace: "default", name: metadata.name } },
    });
  });

  /** What runs beside the requests needs a few turns. */
  const waitUntil = async (holds: () => Promise<boolean>) => {
    for (let turn = 0; turn < 100 && !(await holds()); turn += 1) await nextTurn();
    expect(await holds()).to.equal(true);
  };

  const ADDRESSES = "/apis/networking.k8s.io/v1/ipaddresses";

  it("are IPAddress objects, in both versions", async () => {
    const { spec } = await create("web");
    const address = await api.get(`${ADDRESSES}/${spec.clusterIP}`);
    expect(address).to.deep.include({
      apiVersion: "networking.k8s.io/v1",
      spec: { parentRef: { resource: "services", namespace: "default", name: "web" } },
    });
    expect(address.metadata.labels).to.deep.equal({
      "ipaddress.kubernetes.io/ip-family": "IPv4",
      "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
    });
    const { data } = await api.call("GET", "/apis/networking.k8s.io/v1beta1/ipaddresses");
    expect(data.items).to.have.length(1);
    expect(data.apiVersion).to.equal("networking.k8s.io/v1beta1");
  });

  it("cannot be had where somebody has made an IPAddress of them", async () => {
    const spec = { parentRef: { resource: "things", name: "mine" } };
    await api.create(ADDRESSES, { metadata: { name: "10.96.0.4" }, spec });
    const refused = await api.call("POST", PATH, { body: service("web", { clusterIP: "10.96.0.4" }) });
    expect(refused.data.message).to.contain("provided IP is already allocated");
  });

  it("stay with their service when somebody removes its IPAddress", async () => {
    await create("web", { clusterIP: "10.96.0.4" });
    await api.call("DELETE", `${ADDRESSES}/10.96.0.4`);
    await waitUntil(() => isTaken("/registry/ipaddresses/10.96.0.4"));
    const restored = await api.get(`${ADDRESSES}/10.96.0.4`);
    expect(restored).to.have.nested.property("spec.parentRef.name", "web");
    await api.call("DELETE", `${PATH}/web`);
    expect(await isTaken("/registry/ipaddresses/10.96.0.4")).to.equal(false);
  });

  it("are recorded at the start for services that another API server has made", async () => {
    await create("web", { clusterIP: "10.96.0.4" });
    api.stop();
    await api.store.commit({ checks: [], writes: [{ key: "/registry/ipaddresses/10.96.0.4", value: undefined }] });
    api = await ApiHarness.start({ store: api.store, serviceCidr: "10.96.0.0/29" });
    await waitUntil(() => isTaken("/registry/ipaddresses/10.96.0.4"));
  });

  it("are not released with a service whose record is another's by now", async () => {
    await create("web", { clusterIP: "10.96.0.4" });
    const foreign = { metadata: { name: "10.96.0.4" }, spec: { parentRef: { resource: "things", name: "mine" } } };
    const value = Buffer.from(JSON.stringify(foreign));
    await api.store.commit({ checks: [], writes: [{ key: "/registry/ipaddresses/10.96.0.4", value }] });
    await api.call("DELETE", `${PATH}/web`);
    expect(await isTaken("/registry/ipaddresses/10.96.0.4")).to.equal(true);
  });

  it("are all different until there are no more, and are free again when a service goes", async () => {
    const services = await Promise.all(["a", "b", "c", "d", "e"].map((name) => create(name)));
    const addresses = services.map(({ spec }) => spec.clusterIP ?? "").sort();
    expect(addresses).to.deep.equal(["10.96.0.2", "10.96.0.3", "10.96.0.4", "10.96.0.5", "10.96.0.6"]);
    const full = await api.call("POST", PATH, { body: service("f") });
    expect(full.code).to.equal(500);
    expect(full.data.message).to.equal("Internal error occurred: failed to allocate a serviceIP: range is full");
    await api.call("DELETE", `${PATH}/a`);
    expect((await create("f")).spec.clusterIP).to.equal(services[0]?.spec.clusterIP);
  });

  const refusals: [clusterIP: string, message: string][] = [
    ["10.96.0.3", "failed to allocate IP 10.96.0.3: provided IP is already allocated"],
    [
      "10.97.0.1",
      "failed to allocate IP 10.97.0.1: the provided IP (10.97.0.1) is not in the valid range. The range of valid IPs is 10.96.0.0/29",
    ],
  ];
  for (const [clusterIP, message] of refusals) {
    it(`refuses ${clusterIP}`, async () => {
      await create("first", { clusterIP: "10.96.0.3" });
      const { code, data } = await api.call("POST", PATH, { body: service("second", { clusterIP }) });
      expect(code).to.equal(422);
      expect(data.details?.causes?.[0]?.field).to.equal("spec.clusterIPs");
      expect(data.message).to.contain(message);
    });
  }

  it("are given to nobody who wants none", async () => {
    const { spec } = await create("headless", { clusterIP: "None" });
    expect(spec.clusterIPs).to.deep.equal(["None"]);
    expect((await api.store.list("/registry/ipaddresses/")).items).to.deep.equal([]);
  });

  it("stay with their service when others update it without naming them", async () => {
    const created = await create("web");
    const { data } = await api.call("PUT", `${PATH}/web`, { body: service("web", { selector: { a: "b" } }) });
    expect(data).to.have.nested.property("spec.clusterIP", created.spec.clusterIP);
  });

  it("include node ports for the types that need them, and give them back when the type changes", async () => {
    const created = await create("web", { type: "NodePort" });
    const port = created.spec.ports?.[0]?.nodePort ?? 0;
    expect(port).to.be.within(30000, 30002);
    expect(await isTaken(`/gantry/nodeports/${port}`)).to.equal(true);
    await api.call("PUT", `${PATH}/web`, { body: { ...created, spec: { ...created.spec, type: "ClusterIP" } } });
    expect(await isTaken(`/gantry/nodeports/${port}`)).to.equal(false);
  });

  it("give one node port to both protocols of a port", async () => {
    const ports = ["TCP", "UDP"].map((protocol) => ({ name: protocol.toLowerCase(), protocol, port: 53 }));
    const { spec } = await create("dns", { type: "NodePort", ports });
    expect(spec.ports?.[0]?.nodePort).to.equal(spec.ports?.[1]?.nodePort);
  });

  it("refuse node ports that are taken or out of range", async () => {
    await create("web", { type: "NodePort", ports: [{ port: 80, nodePort: 30001 }] });
    const taken = service("two", { type: "NodePort", ports: [{ port: 80, nodePort: 30001 }] });
    const reply = await api.call("POST", PATH, { body: taken });
    expect(reply.data.message).to.equal(
      'Service "two" is invalid: spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated',
    );
    const outside = service("two", { type: "NodePort", ports: [{ port: 80, nodePort: 80 }] });
    expect((await api.call("POST", PATH, { body: outside })).data.message).to.contain(
      "provided port is not in the valid range. The range of valid ports is 30000-30002",
    );
  });

  it("include a port for health checks where traffic of a load balancer stays on the node, and give it back", async () => {
    const created = await create("web", { type: "LoadBalancer", externalTrafficPolicy: "Local" });
    const port = created.spec.healthCheckNodePort ?? 0;
    expect(port).to.be.within(30000, 30002).and.not.to.equal(created.spec.ports?.[0]?.nodePort);
    expect(await isTaken(`/gantry/nodeports/${port}`)).to.equal(true);
    const taken = service("two", { type: "LoadBalancer", externalTrafficPolicy: "Local", healthCheckNodePort: port });
    expect((await api.call("POST", PATH, { body: taken })).data.message).to.equal(
      `Internal error occurred: failed to allocate requested HealthCheck NodePort ${port}: provided port is already allocated`,
    );
    const cluster = { ...created.spec, externalTrafficPolicy: "Cluster", healthCheckNodePort: undefined };
    const { data } = await api.call("PUT", `${PATH}/web`, { body: { ...created, spec: cluster } });
    expect(data).not.to.have.nested.property("spec.healthCheckNodePort");
    expect(await isTaken(`/gantry/nodeports/${port}`)).to.equal(false);
  });

  it("take nothing on dry run", async () => {
    await api.call("POST", `${PATH}?dryRun=All`, { body: service("web", { type: "NodePort" }) });
    expect((await api.store.list("/registry/ipaddresses/")).items).to.deep.equal([]);
    expect((await api.store.list("/gantry/nodeports/")).items).to.deep.equal([]);
  });
});
