import { expect } from "chai";
import { deployments } from "../../api/apps/deployment.ts";
import { statefulSets } from "../../api/apps/stateful-set.ts";
import { events } from "../../api/core/event.ts";
import { namespaces } from "../../api/core/namespace.ts";
import { isPodReady } from "../../api/core/pod-state.ts";
import { pods } from "../../api/core/pod.ts";
import { services } from "../../api/core/service.ts";
import { isNotFound } from "../../api/meta/status.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import type { DeleteOptions } from "../../client/client.ts";
import { newPod, newService } from "../../testing/builders.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";
import { deletionsOf, ordered, orderedSet } from "../../testing/start-order.ts";

const STOPS_LAST = "kctl.dev/stops-last";

describe("what others start after", () => {
  let parts: ControllerCluster;
  beforeEach(async () => {
    parts = await startControllerCluster();
    await parts.cluster.client.create(namespaces, { metadata: { name: "shop" }, spec: {} });
  });
  afterEach(async () => {
    await parts.cluster.stop();
    expect(parts.errors).to.deep.equal([]);
  });

  type Propagation = DeleteOptions["propagationPolicy"];
  const remove = (resource: ResourceDefinition, name: string, propagationPolicy: Propagation = "Background") =>
    parts.cluster.client.delete(resource, { namespace: "default", name }, { propagationPolicy });
  const finalizers = async <T extends KubeObject>(resource: ResourceDefinition<T>, name: string) =>
    (await parts.cluster.get(resource, name)).metadata.finalizers ?? [];
  const isGone = (resource: ResourceDefinition, name: string) =>
    parts.cluster.get(resource, name).then(() => false, isNotFound);
  const told = async () =>
    (await parts.cluster.list(events))
      .filter(({ reason }) => reason === "DependentsStay")
      .map(({ message }) => message);
  /** A database, what works on it, and what shows that. */
  const deployAll = async () => {
    const { cluster } = parts;
    await cluster.apply(
      orderedSet("db", { replicas: 2 }),
      ordered("api", { after: "sts/db", replicas: 2 }),
      ordered("web", { after: "deployment/api", replicas: 2 }),
    );
    await cluster.step(2_000);
    expect((await cluster.list(pods)).filter(isPodReady)).to.have.length(6);
  };

  it("has a finalizer for as long as anything starts after it", async () => {
    const { cluster } = parts;
    await cluster.apply(orderedSet("db"), ordered("web", { after: "sts/db" }));
    await cluster.settle();
    expect(await finalizers(statefulSets, "db")).to.deep.equal([STOPS_LAST]);
    expect(await finalizers(deployments, "web")).to.deep.equal([]);
    await cluster.apply(ordered("web"));
    await cluster.step(5_000);
    expect(await finalizers(statefulSets, "db")).to.deep.equal([]);
    await cluster.apply(newPod("task", { metadata: { annotations: { "kctl.dev/starts-after": "sts/db" } } }));
    await cluster.settle();
    expect(await finalizers(statefulSets, "db")).to.deep.equal([STOPS_LAST]);
    await cluster.setStatus(pods, "task", { phase: "Succeeded" });
    await cluster.settle();
    expect(await finalizers(statefulSets, "db")).to.deep.equal([]);
  });

  for (const propagation of ["Background", "Foreground"] as const) {
    it(`stops after that, in whichever order they are deleted (${propagation})`, async () => {
      const { cluster } = parts;
      await deployAll();
      const deletions = await deletionsOf(cluster);
      await remove(statefulSets, "db", propagation);
      await cluster.step(2_000);
      await remove(deployments, "api", propagation);
      await cluster.step(2_000);
      expect((await cluster.list(pods)).filter(isPodReady)).to.have.length(6);
      await remove(deployments, "web", propagation);
      await cluster.step(30_000);
      deletions.stop();
      expect(deletions.apps).to.deep.equal(["web", "web", "api", "api", "db", "db"]);
      expect([await isGone(statefulSets, "db"), await isGone(deployments, "api")]).to.deep.equal([true, true]);
      expect(await told()).to.deep.equal([]);
    });
  }

  it("waits for dependents that take their time", async () => {
    const { cluster, kubelet } = parts;
    await deployAll();
    kubelet.silent.add("n1");
    await remove(deployments, "api");
    await remove(statefulSets, "db");
    await cluster.step(20_000);
    expect(await isGone(statefulSets, "db")).to.equal(false);
    const left = await cluster.list(pods, { labelSelector: "app=db" });
    expect(left.map(({ metadata }) => metadata.deletionTimestamp)).to.deep.equal([undefined, undefined]);
    for (const { metadata } of await cluster.list(pods, { labelSelector: "app=api" })) {
      const key = { namespace: "default", name: metadata.name };
      await cluster.client.delete(pods, key, { gracePeriodSeconds: 0 });
    }
    await cluster.step(10_000);
    expect(await isGone(statefulSets, "db")).to.equal(true);
  });

  it("is stopped alone after five seconds, and tells of those it leaves behind", async () => {
    const { cluster } = parts;
    await deployAll();
    await remove(statefulSets, "db");
    await cluster.step(4_500);
    expect(await isGone(statefulSets, "db")).to.equal(false);
    await cluster.step(2_000);
    expect(await isGone(statefulSets, "db")).to.equal(true);
    expect(await told()).to.deep.equal(["Stopping although what starts after it has not been deleted: deployment/api"]);
    expect((await cluster.list(pods)).filter(isPodReady)).to.have.length(4);
  });

  it("is not kept when its pods are to stay, nor by dependents that stay as orphans", async () => {
    const { cluster } = parts;
    await deployAll();
    await remove(statefulSets, "db", "Orphan");
    await cluster.settle();
    expect(await isGone(statefulSets, "db")).to.equal(true);
    await remove(deployments, "web", "Orphan");
    await remove(deployments, "api");
    await cluster.step(6_000);
    expect(await isGone(deployments, "api")).to.equal(true);
    expect((await cluster.list(pods)).filter(isPodReady)).to.have.length(4);
  });

  it("can be let go by hand", async () => {
    const { cluster } = parts;
    await deployAll();
    await remove(statefulSets, "db");
    await cluster.step(1_000);
    const patch = { metadata: { finalizers: null } };
    await cluster.client.patch(statefulSets, { namespace: "default", name: "db" }, { type: "merge", patch });
    await cluster.settle();
    expect(await isGone(statefulSets, "db")).to.equal(true);
  });

  it("lets go of each other where they wait in a circle", async () => {
    const { cluster } = parts;
    await cluster.apply(ordered("a"), ordered("b"));
    await cluster.settle();
    await cluster.apply(ordered("a", { after: "deployment/b" }), ordered("b", { after: "deployment/a" }));
    await cluster.settle();
    expect(await finalizers(deployments, "a")).to.deep.equal([STOPS_LAST]);
    await remove(deployments, "a");
    await remove(deployments, "b");
    await cluster.step(2_000);
    expect(await cluster.list(pods)).to.deep.equal([]);
    expect(await cluster.list(deployments)).to.deep.equal([]);
  });

  it("is what stands behind a service, too, and the service itself", async () => {
    const { cluster } = parts;
    await cluster.apply(newService("db"), orderedSet("db"), ordered("web", { after: "service/db" }));
    await cluster.step(1_000);
    expect(await finalizers(services, "db")).to.deep.equal([STOPS_LAST]);
    expect(await finalizers(statefulSets, "db")).to.deep.equal([STOPS_LAST]);
    const deletions = await deletionsOf(cluster);
    await remove(services, "db");
    await remove(statefulSets, "db");
    await cluster.step(1_000);
    expect(await isGone(services, "db")).to.equal(false);
    await remove(deployments, "web");
    await cluster.step(5_000);
    deletions.stop();
    expect(deletions.apps).to.deep.equal(["web", "db"]);
    expect([await isGone(services, "db"), await isGone(statefulSets, "db")]).to.deep.equal([true, true]);
  });

  it("goes after that with the namespace as well, and no finalizer stays", async () => {
    const { cluster } = parts;
    const namespace = "shop";
    await cluster.apply(
      orderedSet("db", { namespace, replicas: 2 }),
      newService("api", { namespace }),
      ordered("api", { namespace, after: "sts/db" }),
      ordered("web", { namespace, after: "service/api, job/never" }),
      ordered("show", { namespace, after: "service/api" }),
    );
    await cluster.step(2_000);
    const deletions = await deletionsOf(cluster);
    await cluster.delete(namespaces, "shop");
    await cluster.step(30_000);
    deletions.stop();
    expect(deletions.apps.slice(0, 2).sort()).to.deep.equal(["show", "web"]);
    expect(deletions.apps.slice(2)).to.deep.equal(["api", "db", "db"]);
    expect(await isGone(namespaces, "shop")).to.equal(true);
  });
});
