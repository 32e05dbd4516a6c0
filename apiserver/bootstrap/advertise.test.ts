import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";
import { MemoryStore } from "../storage/memory-store.ts";

const SERVICE = "/api/v1/namespaces/default/services/kubernetes";
const ENDPOINTS = "/api/v1/namespaces/default/endpoints/kubernetes";
const SLICE = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes";

describe("how clients in the cluster find the API servers", () => {
  let stop: AbortController;
  let api: ApiHarness;
  const store = () => new MemoryStore();
  beforeEach(async () => {
    stop = new AbortController();
    api = await ApiHarness.start({ store: store() });
    await api.server.advertise({ address: "192.0.2.1", port: 6443 }, stop.signal);
  });
  afterEach(() => {
    stop.abort();
    api.stop();
  });
  const addresses = async () => {
    const { endpoints } = (await api.get(SLICE)) as unknown as { endpoints: { addresses: string[] }[] };
    return endpoints.flatMap((each) => each.addresses);
  };

  it("is a service at the first address, whose endpoints are the servers", async () => {
    const service = await api.get(SERVICE);
    expect(service.metadata.labels).to.deep.equal({ component: "apiserver", provider: "kubernetes" });
    expect(service.spec).to.deep.include({
      type: "ClusterIP",
      clusterIP: "10.96.0.1",
      clusterIPs: ["10.96.0.1"],
      ports: [{ name: "https", protocol: "TCP", port: 443, targetPort: 6443 }],
    });
    const ports = [{ name: "https", port: 6443, protocol: "TCP" }];
    expect(await api.get(ENDPOINTS)).to.deep.include({ subsets: [{ addresses: [{ ip: "192.0.2.1" }], ports }] });
    expect(await api.get(SLICE)).to.deep.include({
      addressType: "IPv4",
      endpoints: [{ addresses: ["192.0.2.1"], conditions: { ready: true } }],
      ports,
    });
  });

  it("is told in discovery, too", async () => {
    expect(await api.get("/api")).to.deep.include({
      serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: "192.0.2.1:6443" }],
    });
  });

  it("is made again, and put right, when somebody has meddled with it", async () => {
    for (const path of [SERVICE, ENDPOINTS]) await api.call("DELETE", path);
    const slice = await api.get(SLICE);
    await api.call("PUT", SLICE, { body: { ...slice, endpoints: [] } });
    await api.clock.advance(10_000);
    expect((await api.get(SERVICE)).spec).to.include({ clusterIP: "10.96.0.1" });
    expect(await addresses()).to.deep.equal(["192.0.2.1"]);
    const { resourceVersion } = (await api.get(SLICE)).metadata;
    await api.clock.advance(30_000);
    expect((await api.get(SLICE)).metadata.resourceVersion).to.equal(resourceVersion);
  });

  it("names all servers, and those that are gone no longer", async () => {
    const second = await ApiHarness.start({ store: api.store, clock: api.clock });
    const secondStop = new AbortController();
    await second.server.advertise({ address: "192.0.2.2", port: 6443 }, secondStop.signal);
    expect(await addresses()).to.deep.equal(["192.0.2.1", "192.0.2.2"]);
    await api.clock.advance(30_000);
    expect(await addresses()).to.deep.equal(["192.0.2.1", "192.0.2.2"]);
    secondStop.abort();
    second.stop();
    await api.clock.advance(30_000);
    expect(await addresses()).to.deep.equal(["192.0.2.1"]);
  });
});
