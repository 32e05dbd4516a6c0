import { expect } from "chai";
import { builtinResources } from "../api/index.ts";
import { configMaps } from "../api/core/config-map.ts";
import { pods } from "../api/core/pod.ts";
import { replicaSets } from "../api/apps/replica-set.ts";
import { resourceQuotas, type ResourceQuota } from "../api/core/resource-quota.ts";
import { services } from "../api/core/service.ts";
import type { KubeObject, NewObject } from "../api/meta/object.ts";
import type { ResourceDefinition } from "../api/resource.ts";
import { leases } from "../api/coordination/lease.ts";
import { newPod, newService } from "../testing/builders.ts";
import { TestCluster } from "../testing/cluster.ts";
import { resourceQuotaController } from "./resource-quota.ts";

type Json = Readonly<Record<string, string>>;

const replicaSet = {
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  metadata: { name: "x", namespace: "default" },
  spec: {
    replicas: 0,
    selector: { matchLabels: { a: "b" } },
    template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } },
  },
};

describe("the resource quota controller", () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = await TestCluster.start({ controllers: [resourceQuotaController(builtinResources)] });
  });
  afterEach(() => cluster.stop());

  const quotaOf = (hard: Json, spec: object = {}, name = "q") => ({
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name, namespace: "default" },
    spec: { hard, ...spec },
  });
  const statusOf = async (name = "default/q") => (await cluster.get(resourceQuotas, name)).status;
  const remove = async <T extends KubeObject>(resource: ResourceDefinition<T>, name: string) => {
    await cluster.client.delete(resource, { namespace: "default", name }, { gracePeriodSeconds: 0 });
    await cluster.settle();
  };
  const applySettled = async (...objects: readonly NewObject<KubeObject>[]) => {
    await cluster.apply(...objects);
    await cluster.settle();
  };

  it("says what there is as soon as there is a quota", async () => {
    await cluster.apply(newPod("a", { cpu: "1" }), newPod("b"), newService("s"));
    const hard = { pods: "5", "requests.cpu": "2", services: "3", "count/jobs.batch": "1", "requests.storage": "1Gi" };
    await applySettled(quotaOf(hard));
    expect(await statusOf()).to.deep.equal({
      hard,
      used: { pods: "2", "requests.cpu": "1", services: "1", "count/jobs.batch": "0", "requests.storage": "0" },
    });
  });

  const lives: [
    title: string,
    resource: ResourceDefinition,
    name: string,
    create: NewObject<KubeObject>,
    hard: Json,
  ][] = [
    ["a pod", pods, "x", newPod("x", { cpu: "1" }), { pods: "1", cpu: "1" }],
    ["a service", services, "x", newService("x", { spec: { type: "NodePort" } }), { services: "1" }],
    [
      "a config map",
      configMaps,
      "x",
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", namespace: "default" } },
      { configmaps: "1", "count/configmaps": "1" },
    ],
    ["a replica set", replicaSets, "x", replicaSet, { "count/replicasets.apps": "1" }],
  ];
  for (const [title, resource, name, object, hard] of lives) {
    it(`counts ${title} from its creation to its deletion`, async () => {
      const none = Object.fromEntries(Object.keys(hard).map((key) => [key, "0"]));
      await applySettled(quotaOf(hard));
      expect((await statusOf()).used).to.deep.equal(none);
      await applySettled(object);
      expect((await statusOf()).used).to.deep.equal(hard);
      await remove(resource, name);
      await cluster.step(1000);
      expect((await statusOf()).used).to.deep.equal(none);
    });
  }

  it("gives back what a finished pod has used", async () => {
    await applySettled(quotaOf({ pods: "1", "count/pods": "3" }));
    await applySettled(newPod("a"));
    const pod = await cluster.get(pods, "default/a");
    await cluster.client.update(
      pods,
      { ...pod, status: { ...pod.status, phase: "Succeeded" } },
      { subresource: "status" },
    );
    await cluster.settle();
    await cluster.step(1000);
    expect((await statusOf()).used).to.deep.equal({ pods: "0", "count/pods": "1" });
  });

  it("gives back what a service does not use any more", async () => {
    await applySettled(quotaOf({ "services.nodeports": "3" }));
    await applySettled(newService("s", { spec: { type: "NodePort" } }));
    const service = await cluster.get(services, "default/s");
    await cluster.client.update(services, { ...service, spec: { ...service.spec, type: "ClusterIP" } });
    await cluster.settle();
    await cluster.step(1000);
    expect((await statusOf()).used).to.deep.equal({ "services.nodeports": "0" });
  });

  it("counts only what the scopes are about", async () => {
    await cluster.apply(newPod("a", { cpu: "1" }), newPod("b"), newPod("c", { spec: { activeDeadlineSeconds: 9 } }));
    await cluster.apply(quotaOf({ pods: "5" }, { scopes: ["BestEffort"] }, "cheap"));
    await applySettled(quotaOf({ pods: "5" }, { scopes: ["Terminating"] }, "ending"));
    const statuses = await Promise.all(["default/cheap", "default/ending"].map(statusOf));
    expect(statuses.map(({ used }) => used)).to.deep.equal([{ pods: "2" }, { pods: "1" }]);
  });

  it("follows a change of the limits", async () => {
    await applySettled(quotaOf({ pods: "1", cpu: "1" }));
    const quota = await cluster.get(resourceQuotas, "default/q");
    await cluster.client.update(resourceQuotas, { ...quota, spec: { hard: { pods: "2", memory: "1Gi" } } });
    await cluster.settle();
    expect(await statusOf()).to.deep.equal({ hard: { pods: "2", memory: "1Gi" }, used: { pods: "0", memory: "0" } });
  });

  it("puts a status right that somebody else has written, but only after a while", async () => {
    await applySettled(quotaOf({ pods: "1" }));
    const quota = await cluster.get(resourceQuotas, "default/q");
    const wrong: ResourceQuota = { ...quota, status: { hard: { pods: "9" }, used: { pods: "3" } } };
    await cluster.client.update(resourceQuotas, wrong, { subresource: "status" });
    await cluster.settle();
    await cluster.step(60_000);
    expect(await statusOf()).to.deep.equal(wrong.status);
    await cluster.step(5 * 60_000);
    expect(await statusOf()).to.deep.equal({ hard: { pods: "1" }, used: { pods: "0" } });
  });

  it("never says less than there is while pods come and go", async () => {
    await applySettled(quotaOf({ pods: "3" }));
    for (let round = 0; round < 20; round += 1) {
      const names = Array.from({ length: 5 }, (_, index) => `p${round}-${index}`);
      const created = await Promise.allSettled(names.map((name) => cluster.client.create(pods, newPod(name))));
      expect(created.filter(({ status }) => status === "fulfilled").length).to.be.lessThan(4);
      const present = await cluster.list(pods);
      expect(present.length).to.be.lessThan(4);
      for (const { metadata } of present.slice(round % 3)) {
        await cluster.client.delete(pods, { namespace: "default", name: metadata.name }, { gracePeriodSeconds: 0 });
      }
      await cluster.step(round % 2 === 0 ? 0 : 300);
    }
    await cluster.step(1000);
    expect((await statusOf()).used).to.deep.equal({ pods: String((await cluster.list(pods)).length) });
  });

  it("does nothing while nothing changes", async () => {
    await applySettled(quotaOf({ pods: "3" }), newPod("a"));
    const versionOf = async () => (await cluster.get(resourceQuotas, "default/q")).metadata.resourceVersion;
    const version = await versionOf();
    await cluster.step(30 * 60_000);
    expect(await versionOf()).to.equal(version);
  });
});

describe("the resource quota controller and kinds that it does not know", () => {
  it("counts those that the server serves, and says nothing of others", async () => {
    const known = builtinResources.filter(({ plural }) => plural !== "leases");
    const cluster = await TestCluster.start({ controllers: [resourceQuotaController(known)] });
    const leaseOf = (name: string) => ({
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name, namespace: "default" },
    });
    await cluster.apply(leaseOf("a"), leaseOf("b"), leaseOf("c"));
    const hard = { "count/leases.coordination.k8s.io": "4", "count/widgets.example.com": "1", "count/jobs.batch": "1" };
    const metadata = { name: "q", namespace: "default" };
    const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata, spec: { hard } };
    await cluster.apply(quota);
    await cluster.settle();
    expect((await cluster.get(resourceQuotas, "default/q")).status.used).to.deep.equal({
      "count/leases.coordination.k8s.io": "3",
      "count/jobs.batch": "0",
    });
    await cluster.apply(leaseOf("d"));
    const fifth = await cluster.apply(leaseOf("e")).catch((error: unknown) => error);
    expect(fifth).to.have.property("message").that.contains("exceeded quota: q");
    await cluster.client.delete(leases, { namespace: "default", name: "a" });
    await cluster.step(6 * 60_000);
    expect((await cluster.get(resourceQuotas, "default/q")).status.used).to.include({
      "count/leases.coordination.k8s.io": "3",
    });
    await cluster.stop();
  });
});
