import { expect } from "chai";
import { nodes, type Taint } from "../api/core/node.ts";
import { pods } from "../api/core/pod.ts";
import { findCondition } from "../api/meta/condition-list.ts";
import { newNode, newPod } from "../testing/builders.ts";
import { newStatefulSet } from "../testing/stateful-set.ts";
import { startControllerCluster, type ControllerCluster } from "../testing/controller-cluster.ts";

describe("the clean-up of pods", () => {
  let parts: ControllerCluster;
  beforeEach(async () => {
    parts = await startControllerCluster({ nodes: ["n1", "n2"] });
  });
  afterEach(async () => {
    await parts.cluster.stop();
    expect(parts.errors).to.deep.equal([]);
  });

  const names = async () => (await parts.cluster.list(pods)).map(({ metadata }) => metadata.name).sort();
  const bound = (name: string, nodeName: string, finalizers?: string[]) =>
    newPod(name, { spec: { nodeName }, metadata: { finalizers } });

  it("removes the pods of a node that is gone, after a while, and marks them failed", async () => {
    const { cluster } = parts;
    await cluster.apply(bound("lost", "n1", ["example.com/hold"]), bound("other", "n2"));
    await cluster.settle();
    parts.kubelet.silent.add("n1");
    await cluster.delete(nodes, "n1");
    await cluster.step(35_000);
    expect((await cluster.get(pods, "lost")).metadata.deletionTimestamp).to.equal(undefined);
    await cluster.step(10_000);
    const lost = await cluster.get(pods, "lost");
    expect(lost.status.phase).to.equal("Failed");
    expect(findCondition(lost.status.conditions, "DisruptionTarget")).to.include({
      status: "True",
      reason: "DeletionByPodGC",
      message: "PodGC: node no longer exists",
    });
    await cluster.client.update(pods, { ...lost, metadata: { ...lost.metadata, finalizers: [] } });
    await cluster.settle();
    expect(await names()).to.deep.equal(["other"]);
  });

  it("ends what is being deleted on a node that is out of service, once its kubelet is silent", async () => {
    const { cluster, kubelet } = parts;
    await cluster.apply(newStatefulSet(2), bound("kept", "n1"));
    await cluster.step(1_000);
    kubelet.silent.add("n1");
    const taint = async (taints: readonly Taint[]) => {
      const node = await cluster.get(nodes, "n1");
      await cluster.client.update(nodes, {
        ...node,
        spec: { ...node.spec, taints: [...(node.spec.taints ?? []), ...taints] },
      });
      await cluster.settle();
    };
    const onLost = async () => (await cluster.list(pods)).filter(({ spec }) => spec.nodeName === "n1");
    const before = (await onLost()).map(({ metadata }) => metadata.name).sort();
    expect(before).to.include("kept").and.have.length(2);
    await cluster.delete(pods, before.find((name) => name !== "kept") ?? "");
    const outOfService = {
      key: "node.kubernetes.io/out-of-service",
      value: "nodeshutdown",
      effect: "NoSchedule" as const,
    };
    await taint([outOfService]);
    expect(await onLost(), "while the kubelet may be alive").to.have.length(2);
    await cluster.step(45_000);
    expect((await onLost()).map(({ metadata }) => metadata.name)).to.deep.equal(["kept"]);
    expect((await cluster.list(pods, { labelSelector: "app=web" })).map(({ spec }) => spec.nodeName)).to.deep.equal([
      "n2",
      "n2",
    ]);
  });

  it("spares the pods of a node that registers again in time", async () => {
    const { cluster } = parts;
    await cluster.apply(bound("web", "n1"));
    await cluster.settle();
    await cluster.delete(nodes, "n1");
    await cluster.step(30_000);
    await cluster.apply(newNode("n1"));
    await cluster.step(60_000);
    expect(await names()).to.deep.equal(["web"]);
  });

  it("does not count the time of an earlier pod of the same name", async () => {
    const { cluster, kubelet } = parts;
    kubelet.silent.add("n1");
    await cluster.apply(bound("web", "n1"));
    await cluster.delete(nodes, "n1");
    await cluster.step(30_000);
    await cluster.client.delete(pods, { namespace: "default", name: "web" }, { gracePeriodSeconds: 0 });
    await cluster.apply(bound("web", "n1"));
    await cluster.step(30_000);
    expect(await names()).to.deep.equal(["web"]);
    await cluster.step(15_000);
    expect(await names()).to.deep.equal([]);
  });
});
