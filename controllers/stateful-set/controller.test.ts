import { expect } from "chai";
import { controllerRevisions } from "../../api/apps/controller-revision.ts";
import { statefulSets } from "../../api/apps/stateful-set.ts";
import { events } from "../../api/core/event.ts";
import { pods } from "../../api/core/pod.ts";
import type { ResourceQuota } from "../../api/core/resource-quota.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { controllerOf } from "../../api/meta/owner.ts";
import { newPod } from "../../testing/builders.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";
import { StatefulSetProbe, newStatefulSet } from "../../testing/stateful-set.ts";

describe("a StatefulSet", () => {
  let parts: ControllerCluster;
  let probe: StatefulSetProbe;
  beforeEach(async () => {
    parts = await startControllerCluster();
    probe = new StatefulSetProbe(parts.cluster);
  });
  afterEach(() => parts.cluster.stop());

  const apply = async (...args: Parameters<typeof newStatefulSet>) => {
    await parts.cluster.apply(newStatefulSet(...args));
    await parts.cluster.settle();
  };
  const reasons = async () => (await parts.cluster.list(events)).map(({ reason, message }) => `${reason}: ${message}`);

  it("gives its pods names, labels and host names that last", async () => {
    await apply(2, { ordinals: { start: 5 } });
    const pod = await parts.cluster.get(pods, "web-5");
    const { updateRevision } = await probe.status();
    expect(await probe.names()).to.deep.equal(["web-5", "web-6"]);
    expect(pod.metadata.labels).to.deep.equal({
      app: "web",
      "controller-revision-hash": updateRevision,
      "statefulset.kubernetes.io/pod-name": "web-5",
      "apps.kubernetes.io/pod-index": "5",
    });
    expect(pod.spec).to.include({ hostname: "web-5", subdomain: "peers" });
    expect(pod.metadata.generateName).to.equal("web-");
    expect(controllerOf(pod)).to.include({ kind: "StatefulSet", name: "web" });
    expect(await reasons()).to.include("SuccessfulCreate: create Pod web-5 in StatefulSet web successful");
    expect(parts.errors).to.deep.equal([]);
  });

  it("reports what it has", async () => {
    await apply(3);
    const [revision] = await parts.cluster.list(controllerRevisions);
    expect(await probe.status()).to.deep.equal({
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      currentRevision: revision?.metadata.name,
      updateRevision: revision?.metadata.name,
      collisionCount: 0,
    });
  });

  it("scales in order, and halts while a pod is not ready", async () => {
    const journal = await probe.journal();
    parts.kubelet.isHealthy = ({ metadata }) => metadata.name !== "web-1";
    await apply(3);
    expect(journal.entries).to.deep.equal(["+web-0", "+web-1"]);
    await probe.setReady("web-1", "True");
    expect(journal.entries).to.deep.equal(["+web-0", "+web-1", "+web-2"]);
    for (const name of ["web-0", "web-1", "web-2"]) await probe.setReady(name, "False");
    await probe.change({ replicas: 0 });
    expect(await probe.names()).to.deep.equal(["web-0", "web-1", "web-2"]);
    for (const name of ["web-0", "web-1"]) await probe.setReady(name, "True");
    expect(journal.entries.slice(3)).to.deep.equal(["-web-2", "-web-1", "-web-0"]);
    journal.stop();
  });

  const rollingUpdate = (maxUnavailable: number | string) => ({
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable } },
  });

  it("is updated several pods at a time, in parallel, and never misses more of them", async () => {
    await apply(5, { podManagementPolicy: "Parallel", ...rollingUpdate(2) });
    const journal = await probe.journal();
    await probe.setImage("app:2");
    await parts.cluster.step(1000);
    const missing = journal.entries.map((_, index) => {
      const past = journal.entries.slice(0, index + 1);
      return (
        past.filter((entry) => entry.startsWith("-")).length - past.filter((entry) => entry.startsWith("+")).length
      );
    });
    expect(Math.max(...missing)).to.equal(2);
    expect(await probe.images()).to.deep.equal(Array.from({ length: 5 }, () => "app:2"));
    const { updateRevision } = await probe.status();
    expect(await probe.status()).to.include({ updatedReplicas: 5, currentRevision: updateRevision });
    expect(parts.errors).to.deep.equal([]);
    journal.stop();
  });

  it("is updated several pods at a time, which come back in order", async () => {
    await apply(4, rollingUpdate("50%"));
    const journal = await probe.journal();
    await probe.setImage("app:2");
    await parts.cluster.step(1000);
    const steps = ["-web-3", "-web-2", "+web-2", "+web-3", "-web-1", "-web-0", "+web-0", "+web-1"];
    expect(journal.entries).to.deep.equal(steps);
    journal.stop();
  });

  it("is updated away from a revision that never gets ready, though enough pods are missing", async () => {
    parts.kubelet.isHealthy = ({ spec }) => spec.containers[0]?.image !== "broken";
    await apply(3, { podManagementPolicy: "Parallel", ...rollingUpdate(1) });
    await probe.setImage("broken");
    expect(await probe.images()).to.deep.equal(["app:1", "app:1", "broken"]);
    await probe.setImage("app:2");
    await parts.cluster.step(1000);
    expect(await probe.images()).to.deep.equal(["app:2", "app:2", "app:2"]);
  });

  it("scales at once where pods are managed in parallel, whether or not they are ready", async () => {
    parts.kubelet.isHealthy = () => false;
    await apply(3, { podManagementPolicy: "Parallel" });
    expect(await probe.names()).to.deep.equal(["web-0", "web-1", "web-2"]);
    await probe.change({ replicas: 5 });
    expect(await probe.names()).to.have.length(5);
    await probe.change({ replicas: 0 });
    expect(await probe.names()).to.deep.equal([]);
    expect((await probe.status()).replicas).to.equal(0);
  });

  it("makes a pod anew that is evicted or deleted, under its name", async () => {
    await apply(2);
    const uidOf = async (name: string) => (await parts.cluster.get(pods, name)).metadata.uid;
    const before = [await uidOf("web-0"), await uidOf("web-1")];
    await parts.cluster.setStatus(pods, "web-0", { phase: "Failed", reason: "Evicted" });
    await parts.cluster.settle();
    await parts.cluster.delete(pods, "web-1");
    await parts.cluster.settle();
    expect(await probe.names()).to.deep.equal(["web-0", "web-1"]);
    expect([await uidOf("web-0"), await uidOf("web-1")]).to.not.include.members(before);
    expect((await probe.status()).readyReplicas).to.equal(2);
  });

  it("updates from the highest pod down, one at a time, and rolls back", async () => {
    await apply(3);
    const first = (await probe.status()).currentRevision;
    const journal = await probe.journal();
    await probe.setImage("app:2");
    expect(journal.entries).to.deep.equal(["-web-2", "+web-2", "-web-1", "+web-1", "-web-0", "+web-0"]);
    expect(await probe.images()).to.deep.equal(["app:2", "app:2", "app:2"]);
    const status = await probe.status();
    expect(status.currentRevision).to.equal(status.updateRevision).and.not.equal(first);
    expect(status).to.include({ currentReplicas: 3, updatedReplicas: 3 });
    await probe.setImage("app:1");
    expect(await probe.images()).to.deep.equal(["app:1", "app:1", "app:1"]);
    expect((await probe.status()).currentRevision).to.equal(first);
    const revisions = await parts.cluster.list(controllerRevisions);
    expect(revisions.map(({ revision }) => revision).sort()).to.deep.equal([2, 3]);
    journal.stop();
  });

  it("stops an update at a pod that does not become ready, and goes on with one that does", async () => {
    await apply(3);
    parts.kubelet.isHealthy = ({ spec }) => spec.containers[0]?.image !== "app:bad";
    await probe.setImage("app:bad");
    expect(await probe.images()).to.deep.equal(["app:1", "app:1", "app:bad"]);
    await probe.setImage("app:2");
    // As in Kubernetes, a pod that never became ready has to be deleted by hand.
    await parts.cluster.delete(pods, "web-2");
    await parts.cluster.settle();
    expect(await probe.images()).to.deep.equal(["app:2", "app:2", "app:2"]);
  });

  it("updates only what the partition lets it, and makes the others anew as they were", async () => {
    await apply(3, { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } });
    await probe.setImage("app:2");
    expect(await probe.images()).to.deep.equal(["app:1", "app:1", "app:2"]);
    const canary = await probe.status();
    expect(canary).to.include({ currentReplicas: 2, updatedReplicas: 1 });
    expect(canary.currentRevision).to.not.equal(canary.updateRevision);
    for (const name of ["web-0", "web-2"]) await parts.cluster.delete(pods, name);
    await parts.cluster.settle();
    expect(await probe.images()).to.deep.equal(["app:1", "app:1", "app:2"]);
    await probe.change({ updateStrategy: { rollingUpdate: { partition: 1 } } });
    expect(await probe.images()).to.deep.equal(["app:1", "app:2", "app:2"]);
    await probe.change({ updateStrategy: { rollingUpdate: { partition: 0 } } });
    expect(await probe.images()).to.deep.equal(["app:2", "app:2", "app:2"]);
    expect((await probe.status()).currentRevision).to.equal(canary.updateRevision);
  });

  it("updates only pods that are deleted, where it says OnDelete", async () => {
    await apply(2, { updateStrategy: { type: "OnDelete" } });
    await probe.setImage("app:2");
    expect(await probe.images()).to.deep.equal(["app:1", "app:1"]);
    await parts.cluster.delete(pods, "web-0");
    await parts.cluster.settle();
    expect(await probe.images()).to.deep.equal(["app:2", "app:1"]);
    expect(await probe.status()).to.include({ currentReplicas: 1, updatedReplicas: 1 });
  });

  it("waits minReadySeconds for each pod", async () => {
    await apply(2, { minReadySeconds: 20 });
    expect(await probe.names()).to.deep.equal(["web-0"]);
    expect(await probe.status()).to.include({ readyReplicas: 1, availableReplicas: 0 });
    await parts.cluster.step(21_000);
    expect(await probe.names()).to.deep.equal(["web-0", "web-1"]);
    await parts.cluster.step(21_000);
    expect((await probe.status()).availableReplicas).to.equal(2);
  });

  it("keeps as many old revisions as it is to", async () => {
    await apply(1, { revisionHistoryLimit: 2 });
    for (const version of [2, 3, 4, 5, 6]) await probe.setImage(`app:${version}`);
    const revisions = await parts.cluster.list(controllerRevisions);
    expect(revisions.map(({ revision }) => revision).sort()).to.deep.equal([4, 5, 6]);
  });

  it("adopts pods with its names, and lets go of those whose labels no longer match", async () => {
    await parts.cluster.apply(
      newPod("web-0", { labels: { app: "web" } }),
      newPod("stranger", { labels: { app: "web" } }),
    );
    await apply(2);
    expect(controllerOf(await parts.cluster.get(pods, "web-0"))?.name).to.equal("web");
    expect(controllerOf(await parts.cluster.get(pods, "stranger"))).to.equal(undefined);
    const patch = { metadata: { labels: { app: "other" } } };
    await parts.cluster.client.patch(pods, { namespace: "default", name: "web-1" }, { type: "merge", patch });
    await parts.cluster.settle();
    expect(controllerOf(await parts.cluster.get(pods, "web-1"))).to.equal(undefined);
  });

  it("tells why it cannot make pods, and makes them once it can", async () => {
    const quota = (pods: string) =>
      parts.cluster.apply({
        apiVersion: "v1",
        kind: "ResourceQuota",
        metadata: { name: "few", namespace: "default" },
        spec: { hard: { pods } },
      } as NewObject<ResourceQuota>);
    await quota("1");
    await apply(2);
    expect(await probe.names()).to.deep.equal(["web-0"]);
    expect(await probe.status()).to.include({ observedGeneration: 1, replicas: 1, readyReplicas: 1 });
    const failed = (await reasons()).find((each) => each.startsWith("FailedCreate"));
    expect(failed).to.contain("create Pod web-1 in StatefulSet web failed error: ").and.contain("exceeded quota: few");
    await quota("2");
    await parts.cluster.step(120_000);
    expect(await probe.names()).to.deep.equal(["web-0", "web-1"]);
  });

  it("leaves its pods to be collected when it is deleted, and finds them again when it is not", async () => {
    await apply(2);
    const key = { namespace: "default", name: "web" };
    await parts.cluster.client.delete(statefulSets, key, { propagationPolicy: "Orphan" });
    await parts.cluster.settle();
    expect(await probe.names()).to.deep.equal(["web-0", "web-1"]);
    const journal = await probe.journal();
    await apply(2);
    expect(journal.entries).to.deep.equal([]);
    expect(await parts.cluster.list(controllerRevisions)).to.have.length(1);
    await parts.cluster.delete(statefulSets, "web");
    await parts.cluster.settle();
    expect(await probe.names()).to.deep.equal([]);
    expect(await parts.cluster.list(controllerRevisions)).to.deep.equal([]);
    journal.stop();
  });

  it("can be scaled by its subresource, and its status be written", async () => {
    await apply(1);
    const { client } = parts.cluster;
    const path = "/apis/apps/v1/namespaces/default/statefulsets/web/scale";
    const response = await client.raw({ method: "GET", path });
    const scale = (response.body as { object: { spec: object; status: { selector: string } } }).object;
    expect(scale).to.deep.include({ spec: { replicas: 1 }, status: { replicas: 1, selector: "app=web" } });
    const key = { namespace: "default", name: "web" };
    const patch = { type: "merge", patch: { spec: { replicas: 3 } } } as const;
    await client.patch(statefulSets, key, patch, { subresource: "scale" });
    await parts.cluster.settle();
    expect(await probe.names()).to.have.length(3);
    const conditions = [{ type: "StatusUpdate", status: "True", reason: "E2E", message: "Set by a test" }];
    await client.patch(
      statefulSets,
      key,
      { type: "merge", patch: { status: { conditions } } },
      { subresource: "status" },
    );
    await parts.cluster.settle();
    expect((await probe.status()).conditions).to.deep.equal(conditions);
  });
});
