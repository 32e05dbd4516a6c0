import { expect } from "chai";
import { leases } from "../api/coordination/lease.ts";
import { nodes, type Node } from "../api/core/node.ts";
import { createClient } from "../client/api-client.ts";
import type { Handler } from "../lib/http.ts";
import { TestCluster } from "../testing/cluster.ts";
import { newNode } from "../testing/builders.ts";
import { defaultRhythm, NodeReporter } from "./node-reporter.ts";
import type { NodeFactsInput } from "./node-status.ts";

const facts: NodeFactsInput = {
  name: "n1",
  addresses: ["192.168.0.1"],
  labels: { zone: "a" },
  port: 10250,
  machine: {
    cpuMillis: 2500,
    memoryBytes: 2 ** 30,
    ephemeralStorageBytes: 2 ** 30,
    podsMax: 110,
    architecture: "arm64",
    operatingSystem: "linux",
    machineId: "m",
    systemUuid: "s",
    bootId: "b",
    kernelVersion: "6.1.0",
    osImage: "Test",
    reserved: { cpuMillis: 0, memoryBytes: 100 * 2 ** 20, ephemeralStorageBytes: 0 },
  },
  runtime: { name: "fake", version: "1.0.0" },
};

describe("NodeReporter", () => {
  let cluster: TestCluster;
  let problem: string | undefined;

  beforeEach(async () => {
    problem = undefined;
    cluster = await TestCluster.start();
  });
  afterEach(() => cluster.stop());

  const start = async () => {
    cluster.run((parts, signal) => {
      const deps = { ...parts, node: facts, rhythm: defaultRhythm, problem: () => problem };
      return new NodeReporter(deps).run(signal);
    });
    await cluster.settle();
  };
  const node = () => cluster.get(nodes, "n1");
  const ready = ({ status }: Node) => status.conditions?.find(({ type }) => type === "Ready");

  it("registers the node with what the machine has", async () => {
    await start();
    const { metadata, status } = await node();
    expect(metadata.labels).to.include({ zone: "a", "kubernetes.io/hostname": "n1", "kubernetes.io/arch": "arm64" });
    expect(status.capacity).to.include({ cpu: "2500m", memory: "1Gi", pods: "110" });
    expect(status.allocatable).to.include({ memory: "924Mi" });
    expect(status.nodeInfo.containerRuntimeVersion).to.equal("fake://1.0.0");
    expect(status.addresses).to.deep.equal([
      { type: "InternalIP", address: "192.168.0.1" },
      { type: "Hostname", address: "n1" },
    ]);
  });

  it("tells of the devices that others have put into its capacity, until they take them out", async () => {
    let seen: Node | undefined;
    cluster.run((parts, signal) => {
      const deps = { ...parts, node: facts, rhythm: defaultRhythm, problem: () => problem, observed: () => seen };
      return new NodeReporter(deps).run(signal);
    });
    await cluster.settle();
    const put = async (amount: string | null) => {
      const patch = { status: { capacity: { "example.com/foo": amount } } };
      seen = await cluster.client.patch(nodes, { name: "n1" }, { type: "merge", patch }, { subresource: "status" });
      await cluster.step(10_000);
    };
    await put("5");
    expect((await node()).status.allocatable).to.include({ "example.com/foo": "5", memory: "924Mi" });
    await put("7");
    expect((await node()).status.allocatable).to.include({ "example.com/foo": "7" });
    await put(null);
    expect((await node()).status.capacity).to.not.have.property("example.com/foo");
    expect((await node()).status.allocatable).to.not.have.property("example.com/foo");
  });

  it("does not wait for ever for an answer that was lost, and keeps its lease", async () => {
    let isLost = false;
    const transport: Handler = (request) =>
      isLost && request.path.includes("/leases/")
        ? new Promise((_resolve, reject) =>
            request.signal.addEventListener("abort", () => reject(request.signal.reason as Error)),
          )
        : cluster.transport(request);
    cluster.run((parts, signal) => {
      const deps = { ...parts, client: createClient(transport), node: facts, rhythm: defaultRhythm };
      return new NodeReporter({ ...deps, problem: () => undefined }).run(signal);
    });
    await cluster.settle();
    const renewed = async () => (await cluster.get(leases, "kube-node-lease/n1")).spec.renewTime;
    isLost = true;
    await cluster.step(10_000);
    const before = await renewed();
    isLost = false;
    await cluster.step(11_000);
    expect(await renewed()).to.not.equal(before);
  });

  it("writes nothing but its lease while nothing changes, and its status every five minutes", async () => {
    await start();
    const { resourceVersion } = (await node()).metadata;
    const before = await cluster.get(leases, "kube-node-lease/n1");
    await cluster.step(290_000);
    const after = await cluster.get(leases, "kube-node-lease/n1");
    expect((await node()).metadata.resourceVersion).to.equal(resourceVersion);
    expect(after.spec.renewTime).to.not.equal(before.spec.renewTime);
    await cluster.step(20_000);
    expect((await node()).metadata.resourceVersion).to.not.equal(resourceVersion);
  });

  it("makes the node the owner of its lease, so that both go together", async () => {
    await start();
    await cluster.step(20_000);
    const { uid } = (await node()).metadata;
    const { ownerReferences } = (await cluster.get(leases, "kube-node-lease/n1")).metadata;
    expect(ownerReferences).to.deep.equal([{ apiVersion: "v1", kind: "Node", name: "n1", uid }]);
  });

  it("says when the node cannot run pods, and when it can again", async () => {
    await start();
    problem = "the container runtime does not answer";
    await cluster.step(10_000);
    expect(ready(await node())).to.include({
      status: "False",
      reason: "KubeletNotReady",
      message: "container runtime is down: the container runtime does not answer",
    });
    problem = undefined;
    await cluster.step(10_000);
    expect(ready(await node())).to.include({ status: "True", reason: "KubeletReady" });
  });

  it("takes over a node that is there already, with the labels and taints that others gave it", async () => {
    const taints = [{ key: "own", effect: "NoSchedule" as const }];
    await cluster.addNodes(newNode("n1", { labels: { rack: "7" }, spec: { taints } }));
    await start();
    const { metadata, spec, status } = await node();
    expect(metadata.labels).to.include({ rack: "7", zone: "a" });
    expect(spec.taints).to.deep.equal(taints);
    expect(status.capacity).to.include({ cpu: "2500m" });
  });

  it("registers again after somebody has deleted the node", async () => {
    await start();
    await cluster.delete(nodes, "n1");
    problem = "a change";
    await cluster.step(20_000);
    expect((await node()).metadata.name).to.equal("n1");
  });
});
