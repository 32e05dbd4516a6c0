import { expect } from "chai";
import { configMaps } from "../api/core/config-map.ts";
import { namespaces, type Namespace } from "../api/core/namespace.ts";
import { pods } from "../api/core/pod.ts";
import { services } from "../api/core/service.ts";
import { findCondition } from "../api/meta/condition-list.ts";
import { isNotFound } from "../api/meta/status.ts";
import { newDeployment, newPod, newService } from "../testing/builders.ts";
import { startControllerCluster, type ControllerCluster } from "../testing/controller-cluster.ts";
import { storedObject } from "../testing/stored-object.ts";
import { planConditions } from "./namespace.ts";

const NOW = Date.UTC(2026, 0, 1);

describe("the conditions of a namespace that is being deleted", () => {
  const namespace = storedObject<Namespace>(namespaces, { status: { phase: "Terminating" } });
  const facts = (left: Parameters<typeof planConditions>[1]) =>
    planConditions(namespace, left, NOW).map(({ type, status, reason, message }) => ({
      type,
      status,
      reason,
      message,
    }));

  it("say that all is gone", () => {
    expect(facts([]).map(({ type, status, reason }) => `${type} ${status} ${reason}`)).to.deep.equal([
      "NamespaceDeletionDiscoveryFailure False ResourcesDiscovered",
      "NamespaceDeletionGroupVersionParsingFailure False ParsedGroupVersions",
      "NamespaceDeletionContentFailure False ContentDeleted",
      "NamespaceContentRemaining False ContentRemoved",
      "NamespaceFinalizersRemaining False ContentHasNoFinalizers",
    ]);
  });

  it("count what is left, and the finalizers that it waits for", () => {
    const left = facts([
      { resource: pods, count: 2, finalizers: ["a/b", "a/b"] },
      { resource: configMaps, count: 1, finalizers: ["c/d"] },
    ]);
    expect(left.slice(3)).to.deep.equal([
      {
        type: "NamespaceContentRemaining",
        status: "True",
        reason: "SomeResourcesRemain",
        message: "Some resources are remaining: configmaps. has 1 resource instances, pods. has 2 resource instances",
      },
      {
        type: "NamespaceFinalizersRemaining",
        status: "True",
        reason: "SomeFinalizersRemain",
        message:
          "Some content in the namespace has finalizers remaining: a/b in 2 resource instances, c/d in 1 resource instances",
      },
    ]);
  });

  it("keep the time of what has not changed", () => {
    const before = { ...namespace, status: { conditions: planConditions(namespace, [], NOW) } };
    expect(planConditions(before, [], NOW + 60_000)).to.deep.equal(before.status.conditions);
  });
});

describe("a namespace that is deleted", () => {
  let parts: ControllerCluster;
  beforeEach(async () => {
    parts = await startControllerCluster();
    await parts.cluster.client.create(namespaces, { metadata: { name: "shop" }, spec: {} });
    await parts.cluster.settle();
  });
  afterEach(async () => {
    await parts.cluster.stop();
    expect(parts.errors).to.deep.equal([]);
  });

  const gone = async () =>
    parts.cluster.get(namespaces, "shop").then(
      () => false,
      (error: unknown) => isNotFound(error),
    );

  it("takes everything in it along, and nothing else", async () => {
    const { cluster } = parts;
    await cluster.apply(
      newDeployment("web", { namespace: "shop", replicas: 2 }),
      newService("web", { namespace: "shop" }),
      newDeployment("web", { replicas: 1 }),
    );
    await cluster.settle();
    await cluster.delete(namespaces, "shop");
    await cluster.step(10_000);
    expect(await gone()).to.equal(true);
    const namespacesOfPods = (await cluster.list(pods)).map(({ metadata }) => metadata.namespace);
    expect(namespacesOfPods).to.deep.equal(["default"]);
    expect(await cluster.list(services, { namespace: "shop" })).to.deep.equal([]);
  });

  it("waits for finalizers and says so, without writing while it waits", async () => {
    const { cluster } = parts;
    const metadata = { name: "kept", namespace: "shop", finalizers: ["example.com/hold"] };
    await cluster.client.create(configMaps, { metadata, data: {} });
    await cluster.delete(namespaces, "shop");
    await cluster.step(10_000);
    const { status } = await cluster.get(namespaces, "shop");
    expect(status.phase).to.equal("Terminating");
    expect(findCondition(status.conditions, "NamespaceFinalizersRemaining")).to.include({
      status: "True",
      message: "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
    });
    const kept = await cluster.get(configMaps, "shop/kept");
    const { resourceVersion } = (await cluster.get(namespaces, "shop")).metadata;
    await cluster.step(120_000);
    expect((await cluster.get(configMaps, "shop/kept")).metadata.resourceVersion).to.equal(
      kept.metadata.resourceVersion,
    );
    expect((await cluster.get(namespaces, "shop")).metadata.resourceVersion).to.equal(resourceVersion);
    await cluster.client.update(configMaps, { ...kept, metadata: { ...kept.metadata, finalizers: [] } });
    await cluster.settle();
    expect(await gone()).to.equal(true);
  });

  it("ends its pods before it deletes what they use", async () => {
    const { cluster, kubelet } = parts;
    await cluster.client.create(configMaps, { metadata: { name: "settings", namespace: "shop" }, data: {} });
    await cluster.apply(newPod("web", { namespace: "shop" }));
    await cluster.settle();
    kubelet.silent.add("n1");
    await cluster.delete(namespaces, "shop");
    await cluster.step(10_000);
    expect((await cluster.get(configMaps, "shop/settings")).metadata.deletionTimestamp).to.equal(undefined);
    const { status } = await cluster.get(namespaces, "shop");
    expect(findCondition(status.conditions, "NamespaceContentRemaining")?.message).to.equal(
      "Some resources are remaining: pods. has 1 resource instances",
    );
    await cluster.client.delete(pods, { namespace: "shop", name: "web" }, { gracePeriodSeconds: 0 });
    await cluster.settle();
    expect(await gone()).to.equal(true);
  });
});
