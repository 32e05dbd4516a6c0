import { expect } from "chai";
import { deployments } from "../../api/apps/deployment.ts";
import { replicaSets } from "../../api/apps/replica-set.ts";
import { configMaps, type ConfigMap } from "../../api/core/config-map.ts";
import { events } from "../../api/core/event.ts";
import { namespaces } from "../../api/core/namespace.ts";
import { nodes } from "../../api/core/node.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import type { OwnerReference } from "../../api/meta/object-meta.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import { newDeployment, newNode, newPod } from "../../testing/builders.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";

describe("garbage collection", () => {
  let parts: ControllerCluster;
  beforeEach(async () => {
    parts = await startControllerCluster();
  });
  afterEach(async () => {
    await parts.cluster.stop();
    expect(parts.errors).to.deep.equal([]);
  });

  type Policy = "Background" | "Foreground" | "Orphan";
  const settle = () => parts.cluster.settle();
  const names = async (kind: ResourceDefinition) =>
    (await parts.cluster.list(kind)).map(({ metadata }) => metadata.name).sort();
  const remove = (name: string, propagationPolicy: Policy, kind: ResourceDefinition = configMaps) =>
    parts.cluster.client.delete(kind, { namespace: "default", name }, { propagationPolicy });
  const refer = (owner: ConfigMap | Pod, more: Partial<OwnerReference> = {}): OwnerReference => ({
    apiVersion: "v1",
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    ...more,
  });
  const configMap = (name: string, ownerReferences: readonly OwnerReference[] = [], namespace = "default") =>
    parts.cluster.client.create(configMaps, { metadata: { name, namespace, ownerReferences }, data: {} });

  for (const policy of ["Background", "Foreground"] as const) {
    it(`takes a whole Deployment down: ${policy}`, async () => {
      const { cluster } = parts;
      await cluster.apply(newDeployment("web", { replicas: 3 }));
      await settle();
      await cluster.client.delete(deployments, { namespace: "default", name: "web" }, { propagationPolicy: policy });
      await settle();
      expect(await cluster.list(deployments)).to.deep.equal([]);
      expect(await cluster.list(replicaSets)).to.deep.equal([]);
      expect(await cluster.list(pods)).to.deep.equal([]);
    });
  }

  it("keeps an owner that is deleted in the foreground until its dependents are gone", async () => {
    const { cluster, kubelet } = parts;
    await cluster.apply(newDeployment("web", { replicas: 2 }));
    await settle();
    kubelet.silent.add("n1");
    const [set] = await cluster.list(replicaSets);
    await cluster.client.delete(
      replicaSets,
      { namespace: "default", name: set?.metadata.name ?? "" },
      { propagationPolicy: "Foreground" },
    );
    await settle();
    const [waiting] = await cluster.list(replicaSets);
    expect(waiting?.metadata.finalizers).to.deep.equal(["foregroundDeletion"]);
    const terminating = await cluster.list(pods);
    expect(terminating.map(({ metadata }) => metadata.deletionTimestamp !== undefined)).to.deep.equal([true, true]);
    for (const { metadata } of terminating) {
      await cluster.client.delete(pods, { namespace: "default", name: metadata.name }, { gracePeriodSeconds: 0 });
    }
    await settle();
    expect((await cluster.list(replicaSets)).map(({ metadata }) => metadata.uid)).to.not.include(set?.metadata.uid);
  });

  it("does not ask for an owner that it has seen go, however much else has gone since", async () => {
    const asked = async () => {
      const lines = (await parts.cluster.metrics.render()).text.split("\n");
      return lines.find((line) => /^apiserver_request_total.*verb="GET".*resource="configmaps"/.test(line)) ?? "none";
    };
    const owner = await configMap("owner");
    await configMap("child", [refer(owner)]);
    await settle();
    const before = await asked();
    await remove("owner", "Background");
    await settle();
    for (let index = 0; index < 600; index++) await configMap(`other-${index}`);
    for (let index = 0; index < 600; index++) await remove(`other-${index}`, "Background");
    await configMap("late", [refer(owner)]);
    await settle();
    expect(await names(configMaps))
      .to.not.include("late")
      .and.not.include("child");
    expect(await asked()).to.equal(before);
  });

  it("sets dependents free when the owner is orphaning", async () => {
    const { cluster } = parts;
    await cluster.apply(newDeployment("web", { replicas: 2 }));
    await settle();
    const [set] = await cluster.list(replicaSets);
    await cluster.client.delete(deployments, { namespace: "default", name: "web" }, { propagationPolicy: "Orphan" });
    await settle();
    expect(await cluster.list(deployments)).to.deep.equal([]);
    const [kept] = await cluster.list(replicaSets);
    expect(kept?.metadata).to.include({ uid: set?.metadata.uid });
    expect(kept?.metadata.ownerReferences ?? []).to.deep.equal([]);
    expect(await cluster.list(pods)).to.have.length(2);
  });

  it("keeps a dependent that has another owner, and drops the reference to the one that is gone", async () => {
    const first = await configMap("first");
    const second = await configMap("second");
    await configMap("child", [refer(first, { blockOwnerDeletion: true }), refer(second)]);
    await settle();
    await remove("first", "Foreground");
    await settle();
    expect(await names(configMaps)).to.deep.equal(["child", "second"]);
    const child = await parts.cluster.get(configMaps, "child");
    expect(child.metadata.ownerReferences).to.deep.equal([refer(second)]);
  });

  it("does not wait for dependents that do not block", async () => {
    const owner = await configMap("owner");
    await parts.cluster.client.create(configMaps, {
      metadata: {
        name: "held",
        namespace: "default",
        ownerReferences: [refer(owner)],
        finalizers: ["example.com/hold"],
      },
      data: {},
    });
    await settle();
    await remove("owner", "Foreground");
    await settle();
    expect(await names(configMaps)).to.deep.equal(["held"]);
    expect((await parts.cluster.get(configMaps, "held")).metadata.deletionTimestamp).to.be.a("string");
  });

  it("gets out of a circle of owners", async () => {
    const blocking = { controller: true, blockOwnerDeletion: true };
    const all: Pod[] = [];
    for (const name of ["a", "b", "c"]) all.push(await parts.cluster.client.create(pods, newPod(name)));
    for (const [index, pod] of all.entries()) {
      const owner = all[(index + 2) % 3] as Pod;
      const patch = { metadata: { ownerReferences: [refer(owner, blocking)] } };
      const key = { namespace: "default", name: pod.metadata.name };
      await parts.cluster.client.patch(pods, key, { type: "merge", patch });
    }
    await settle();
    await remove("a", "Foreground", pods);
    await settle();
    expect(await names(pods)).to.deep.equal([]);
  });

  it("deletes a dependent whose owner never was, or is another object of the same name", async () => {
    const owner = await configMap("owner");
    await configMap("unborn", [refer(owner, { name: "nobody", uid: "0-0" })]);
    await configMap("mistaken", [refer(owner, { uid: "1-1" })]);
    await settle();
    expect(await names(configMaps)).to.deep.equal(["owner"]);
  });

  it("does not take an owner in another namespace for one, and says so", async () => {
    const { cluster } = parts;
    await cluster.client.create(namespaces, { metadata: { name: "shop" }, spec: {} });
    const owner = await configMap("owner", [], "shop");
    await configMap("stray", [refer(owner)]);
    await settle();
    expect(await names(configMaps)).to.deep.equal(["owner"]);
    const told = (await cluster.list(events)).filter(({ reason }) => reason === "OwnerRefInvalidNamespace");
    const text = `[v1/ConfigMap, namespace: default, name: owner, uid: ${owner.metadata.uid}]`;
    expect(told[0]?.message).to.equal(`ownerRef ${text} does not exist in namespace "default"`);
  });

  it("draws no conclusion for a cluster-scoped dependent of a namespaced owner, nor of kinds that are not served", async () => {
    const owner = await configMap("owner");
    const node = newNode("n9");
    await parts.cluster.client.create(nodes, {
      ...node,
      metadata: { ...node.metadata, ownerReferences: [refer(owner)] },
    });
    await configMap("foreign", [{ apiVersion: "example.com/v1", kind: "Widget", name: "w", uid: "2-2" }]);
    await remove("owner", "Background");
    await settle();
    expect((await parts.cluster.list(nodes)).map(({ metadata }) => metadata.name)).to.include("n9");
    expect(await names(configMaps)).to.deep.equal(["foreign"]);
  });

  it("deletes a namespaced dependent of a cluster-scoped owner", async () => {
    const { metadata } = await parts.cluster.client.create(nodes, newNode("n9"));
    await configMap("of-node", [{ apiVersion: "v1", kind: "Node", name: "n9", uid: metadata.uid }]);
    await settle();
    expect(await names(configMaps)).to.deep.equal(["of-node"]);
    await parts.cluster.delete(nodes, "n9");
    await settle();
    expect(await names(configMaps)).to.deep.equal([]);
  });
});
