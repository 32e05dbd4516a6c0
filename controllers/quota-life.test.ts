import { expect } from "chai";
import { replicationControllers } from "../api/core/replication-controller.ts";
import { pods } from "../api/core/pod.ts";
import { resourceQuotas, type ResourceQuota } from "../api/core/resource-quota.ts";
import { secrets } from "../api/core/secret.ts";
import { priorityClasses } from "../api/scheduling/priority-class.ts";
import type { KubeObject, NewObject } from "../api/meta/object.ts";
import { seededRandom } from "../lib/random.ts";
import { laggingControllers, startControllerCluster } from "../testing/controller-cluster.ts";
import { newPod } from "../testing/builders.ts";
import type { TestCluster } from "../testing/cluster.ts";

type Json = Readonly<Record<string, string>>;
const KEY = { namespace: "default", name: "q" };
const quotaOf = (hard: Json, more: { labels?: Json; spec?: object } = {}) => ({
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { ...KEY, ...(more.labels && { labels: more.labels }) },
  spec: { hard, ...more.spec },
});

// What upstream's conformance tests do with quotas, with all controllers running.
describe("the life of a quota", () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    ({ cluster } = await startControllerCluster());
  });
  afterEach(() => cluster.stop());

  const read = () => cluster.client.get(resourceQuotas, KEY);
  const usedOf = async () => (await read()).status.used;
  const apply = async (...objects: readonly NewObject<KubeObject>[]) => {
    await cluster.apply(...objects);
    await cluster.step(1000);
  };

  it("counts what controllers make, and lets them make no more", async () => {
    await apply(quotaOf({ pods: "2", replicationcontrollers: "1", "count/replicationcontrollers": "1" }));
    const controller = {
      apiVersion: "v1",
      kind: "ReplicationController",
      metadata: { namespace: "default", name: "rc" },
      spec: {
        replicas: 0,
        selector: { app: "rc" },
        template: { metadata: { labels: { app: "rc" } }, spec: { containers: [{ name: "c", image: "i" }] } },
      },
    };
    await apply(controller);
    expect(await usedOf()).to.include({ replicationcontrollers: "1", "count/replicationcontrollers": "1" });
    await cluster.client.delete(replicationControllers, { namespace: "default", name: "rc" });
    await cluster.step(1000);
    expect(await usedOf()).to.include({ replicationcontrollers: "0", "count/replicationcontrollers": "0" });
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { namespace: "default", name: "web" },
      spec: {
        replicas: 5,
        selector: { matchLabels: { app: "web" } },
        template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "i" }] } },
      },
    };
    await apply(deployment);
    await cluster.step(10_000);
    expect(await cluster.list(pods)).to.have.length(2);
    expect(await usedOf()).to.include({ pods: "2" });
  });

  it("counts the secrets that there are, and those that come", async () => {
    const secretOf = (name: string) => ({ apiVersion: "v1", kind: "Secret", metadata: { namespace: "default", name } });
    await apply(secretOf("before"));
    await apply(quotaOf({ secrets: "3" }));
    expect(await usedOf()).to.deep.equal({ secrets: "1" });
    await apply(secretOf("after"));
    expect(await usedOf()).to.deep.equal({ secrets: "2" });
    await cluster.client.delete(secrets, { namespace: "default", name: "after" });
    await cluster.step(1000);
    expect(await usedOf()).to.deep.equal({ secrets: "1" });
  });

  it("counts pods of a priority class, which cannot be more than are allowed", async () => {
    await cluster.client.create(priorityClasses, { metadata: { name: "first" }, value: 1000 });
    const expression = { scopeName: "PriorityClass", operator: "In", values: ["first"] };
    await apply(quotaOf({ pods: "1" }, { spec: { scopeSelector: { matchExpressions: [expression] } } }));
    await apply(newPod("a", { spec: { priorityClassName: "first" } }));
    expect(await usedOf()).to.deep.equal({ pods: "1" });
    const second = await cluster.client
      .create(pods, newPod("b", { spec: { priorityClassName: "first" } }))
      .catch((error: unknown) => error);
    expect(second).to.have.property(
      "message",
      'pods "b" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
    );
    await cluster.client.delete(pods, { namespace: "default", name: "a" }, { gracePeriodSeconds: 0 });
    await cluster.step(1000);
    expect(await usedOf()).to.deep.equal({ pods: "0" });
  });

  it("can be updated and deleted", async () => {
    await apply(quotaOf({ cpu: "1", memory: "500Mi" }));
    const quota = await read();
    await cluster.client.update(resourceQuotas, { ...quota, spec: { hard: { cpu: "2", memory: "1Gi" } } });
    await cluster.step(1000);
    expect((await read()).status).to.deep.equal({ hard: { cpu: "2", memory: "1Gi" }, used: { cpu: "0", memory: "0" } });
    await cluster.client.delete(resourceQuotas, KEY);
    expect(await cluster.list(resourceQuotas)).to.deep.equal([]);
  });

  it("is listed in all namespaces, patched, and deleted with its like", async () => {
    await apply(quotaOf({ cpu: "1" }, { labels: { life: "short" } }));
    const labelSelector = "life=short";
    expect(await cluster.list(resourceQuotas, { labelSelector })).to.have.length(1);
    const patch = { metadata: { labels: { life: "short", patched: "yes" } }, spec: { hard: { memory: "750Mi" } } };
    await cluster.client.patch(resourceQuotas, KEY, { type: "strategic", patch });
    await cluster.step(1000);
    expect((await read()).status.hard).to.deep.equal({ cpu: "1", memory: "750Mi" });
    const path = "/api/v1/namespaces/default/resourcequotas";
    await cluster.client.raw({ method: "DELETE", path, query: new URLSearchParams({ labelSelector }) });
    expect(await cluster.list(resourceQuotas, { labelSelector })).to.deep.equal([]);
  });

  it("shows what is written to its status, until it is counted again", async () => {
    await apply(quotaOf({ cpu: "500m", memory: "500Mi" }));
    const quota = await read();
    const write = { subresource: "status" };
    const hard = { cpu: "600m", memory: "600Mi" };
    const updated: ResourceQuota = { ...quota, status: { ...quota.status, hard } };
    expect((await cluster.client.update(resourceQuotas, updated, write)).status.hard).to.deep.equal(hard);
    const patch = { status: { hard: { cpu: "700m" } } };
    await cluster.client.patch(resourceQuotas, KEY, { type: "merge", patch }, write);
    await cluster.step(1000);
    const patched = await read();
    expect(patched.status.hard).to.deep.equal({ ...hard, cpu: "700m" });
    expect(patched.spec).to.deep.equal(quota.spec);
    await cluster.step(6 * 60_000);
    expect((await read()).status.hard).to.deep.equal({ cpu: "500m", memory: "500Mi" });
  });
});

describe("a quota whose controller hears of everything late", () => {
  it("is never exceeded, and comes right in the end", async () => {
    const random = seededRandom(7);
    const late = laggingControllers(() => Math.floor(random.float() * 700));
    const { cluster } = await startControllerCluster({ controllers: late });
    const podKey = (name: string) => ({ namespace: "default", name });
    const present = async () => (await cluster.list(pods)).map(({ metadata }) => metadata.name);
    await cluster.apply(quotaOf({ pods: "3" }));
    await cluster.step(2000);
    let created = 0;
    for (let round = 0; round < 60; round += 1) {
      const names = Array.from({ length: 4 }, (_, index) => `p${round}-${index}`);
      const outcomes = await Promise.allSettled(names.map((name) => cluster.client.create(pods, newPod(name))));
      created += outcomes.filter(({ status }) => status === "fulfilled").length;
      const here = await present();
      expect(here.length).to.be.lessThan(4);
      const victims = here.filter(() => random.float() < 0.5);
      await Promise.all(victims.map((name) => cluster.client.delete(pods, podKey(name), { gracePeriodSeconds: 0 })));
      await cluster.clock.advance(Math.floor(random.float() * 900));
    }
    expect(created).to.be.greaterThan(20);
    await cluster.step(10_000);
    const { used } = (await cluster.client.get(resourceQuotas, KEY)).status;
    expect(used).to.deep.equal({ pods: String((await present()).length) });
    await cluster.stop();
  });
});
