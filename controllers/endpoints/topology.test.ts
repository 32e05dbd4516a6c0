import { expect } from "chai";
import { events } from "../../api/core/event.ts";
import { nodes } from "../../api/core/node.ts";
import { pods } from "../../api/core/pod.ts";
import { services } from "../../api/core/service.ts";
import { endpointSlices } from "../../api/discovery/endpoint-slice.ts";
import { serveHealthCheck } from "../../proxy/health-check-server.ts";
import { runProxy } from "../../proxy/run-proxy.ts";
import { FakeBackend } from "../../proxy/backends/fake.ts";
import { newNode, newPod, newService } from "../../testing/builders.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";

const MODE = "service.kubernetes.io/topology-mode";
const ZONE = "topology.kubernetes.io/zone";
const WEB = { namespace: "default", name: "web" };

describe("a service in several zones", () => {
  let parts: ControllerCluster;
  let backend: FakeBackend;
  beforeEach(async () => {
    backend = new FakeBackend();
    parts = await startControllerCluster({ nodes: ["n-a", "n-b"] });
    for (const zone of ["a", "b"]) await moveNode(`n-${zone}`, zone);
    parts.cluster.run((given, signal) =>
      runProxy({ ...given, backend, nodeName: "n-a", podRanges: [], serveHealthCheck }, signal),
    );
    await parts.cluster.apply(newService("web"));
    for (const name of ["a1", "a2", "a3", "b1"]) await addPod(name);
    await parts.cluster.settle();
  });
  afterEach(async () => {
    await parts.cluster.stop();
    expect(parts.errors).to.deep.equal([]);
  });

  const moveNode = (name: string, zone: string) => {
    const patch = { metadata: { labels: { [ZONE]: zone } } };
    return parts.cluster.client.patch(nodes, { name }, { type: "merge", patch });
  };
  const addPod = (name: string) =>
    parts.cluster.apply(newPod(name, { labels: { app: "web" }, spec: { nodeName: `n-${name.charAt(0)}` } }));
  const change = async (patch: object) => {
    await parts.cluster.client.patch(services, WEB, { type: "merge", patch });
    await parts.cluster.settle();
  };
  const hints = async () => {
    const [slice] = await parts.cluster.list(endpointSlices);
    const all = (slice?.endpoints ?? []).map(({ targetRef, hints }) => {
      const zones = hints?.forZones?.map(({ name }) => name).join("+");
      return `${targetRef?.name}${zones ? `>${zones}` : ""}`;
    });
    return all.sort().join(" ");
  };
  const told = async () =>
    (await parts.cluster.list(events))
      .filter(({ reason }) => reason?.startsWith("TopologyAware"))
      .map(({ type, reason, message, count }) => `${type} ${reason} x${count}: ${message}`);
  const reached = () => backend.table?.entries[0]?.endpoints.length;

  it("is reached everywhere unless it asks for something else", async () => {
    expect(await hints()).to.equal("a1 a2 a3 b1");
    expect(reached()).to.equal(4);
    expect(await told()).to.deep.equal([]);
  });

  it("is reached in the client's zone where it prefers what is close, as long as somebody is ready there", async () => {
    await change({ spec: { trafficDistribution: "PreferClose" } });
    expect(await hints()).to.equal("a1>a a2>a a3>a b1>b");
    expect(reached()).to.equal(3);
    for (const name of ["a1", "a2", "a3"]) {
      await parts.cluster.setStatus(pods, name, { conditions: [{ type: "Ready", status: "False" }] });
    }
    await parts.cluster.settle();
    expect(reached()).to.equal(1);
    await change({ spec: { trafficDistribution: null } });
    expect(await hints()).to.equal("a1 a2 a3 b1");
  });

  it("is reached in the zone that its node is moved to", async () => {
    await change({ spec: { trafficDistribution: "PreferClose" } });
    await moveNode("n-a", "b");
    await parts.cluster.settle();
    expect(reached()).to.equal(1);
    await parts.cluster.delete(nodes, "n-a");
    await parts.cluster.settle();
    expect(reached()).to.equal(4);
  });

  it("spreads its endpoints by the CPUs of zones where it asks for that, and says so once", async () => {
    await change({ metadata: { annotations: { [MODE]: "Auto" } } });
    expect(await hints()).to.equal("a1>b a2>a a3>a b1>b");
    expect(reached()).to.equal(2);
    expect(await told()).to.deep.equal([
      "Normal TopologyAwareHintsEnabled x1: Topology Aware Hints has been enabled, addressType: IPv4",
    ]);
    await addPod("b2");
    await addPod("b3");
    await parts.cluster.settle();
    expect(await hints()).to.equal("a1>a a2>a a3>a b1>b b2>b b3>b");
    expect(reached()).to.equal(3);
  });

  it("gives the hints up, and says why, where endpoints are too few", async () => {
    await change({ metadata: { annotations: { [MODE]: "Auto" } } });
    for (const name of ["a1", "a2", "a3"]) await parts.cluster.delete(pods, name);
    await parts.cluster.settle();
    expect(await hints()).to.equal("b1");
    expect(await told()).to.include(
      "Warning TopologyAwareHintsDisabled x1: Insufficient number of endpoints (1 endpoints, 2 zones), addressType: IPv4",
    );
  });

  it("spreads its endpoints anew when a zone grows", async () => {
    await change({ metadata: { annotations: { [MODE]: "Auto" } } });
    await parts.cluster.client.create(nodes, newNode("big", { cpu: "8", labels: { [ZONE]: "a" } }));
    await parts.cluster.settle();
    expect(await hints()).to.equal("a1>a a2>a a3>a b1>b");
    await parts.cluster.client.create(nodes, newNode("nowhere"));
    await parts.cluster.settle();
    expect(await hints()).to.equal("a1 a2 a3 b1");
  });

  it("takes the hints away, and says so, when it no longer asks for them", async () => {
    await change({ metadata: { annotations: { [MODE]: "Auto" } } });
    await change({ metadata: { annotations: { [MODE]: null } } });
    expect(await hints()).to.equal("a1 a2 a3 b1");
    expect(await told()).to.include(
      "Warning TopologyAwareHintsDisabled x1: Topology Aware Hints has been disabled, addressType: IPv4",
    );
  });
});
