import { expect } from "chai";
import { controllerRevisions } from "../../api/apps/controller-revision.ts";
import { daemonSets } from "../../api/apps/daemon-set.ts";
import { events } from "../../api/core/event.ts";
import { namespaces } from "../../api/core/namespace.ts";
import { nodes } from "../../api/core/node.ts";
import { pods } from "../../api/core/pod.ts";
import { POOL_LABEL } from "../../api/kctl-scheduling/pools.ts";
import { controllerOf } from "../../api/meta/owner.ts";
import { newNode } from "../../testing/builders.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";
import { DaemonSetProbe, newDaemonSet, type DaemonSetOptions } from "../../testing/daemon-set.ts";

describe("a DaemonSet", () => {
  let parts: ControllerCluster;
  let probe: DaemonSetProbe;
  beforeEach(async () => {
    parts = await startControllerCluster({ nodes: ["n1", "n2", "n3"] });
    probe = new DaemonSetProbe(parts.cluster);
  });
  afterEach(() => parts.cluster.stop());

  const apply = async (options?: DaemonSetOptions) => {
    await parts.cluster.apply(newDaemonSet(options));
    await parts.cluster.settle();
  };
  const surge = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };

  it("runs a pod on each node, which the scheduler places there", async () => {
    await apply();
    expect(await probe.places()).to.deep.equal(["n1 agent:1", "n2 agent:1", "n3 agent:1"]);
    const pod = await parts.cluster.get(pods, await probe.podOn("n2"));
    const [revision] = await parts.cluster.list(controllerRevisions);
    expect(pod.metadata.generateName).to.equal("agent-");
    expect(controllerOf(pod)).to.include({ kind: "DaemonSet", name: "agent" });
    expect(pod.metadata.labels).to.deep.equal({
      app: "agent",
      "controller-revision-hash": revision?.metadata.labels?.["controller-revision-hash"],
      "pod-template-generation": "1",
    });
    expect(pod.spec.affinity).to.deep.equal({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["n2"] }] }],
        },
      },
    });
    expect(await probe.status()).to.deep.equal({
      currentNumberScheduled: 3,
      numberMisscheduled: 0,
      desiredNumberScheduled: 3,
      numberReady: 3,
      observedGeneration: 1,
      updatedNumberScheduled: 3,
      numberAvailable: 3,
    });
    expect(parts.errors).to.deep.equal([]);
  });

  it("follows nodes as they come, go, and change their labels", async () => {
    await apply({ pod: { nodeSelector: { color: "blue" } } });
    expect(await probe.places()).to.deep.equal([]);
    await probe.label("n1", { color: "blue" });
    expect(await probe.places()).to.deep.equal(["n1 agent:1"]);
    await parts.cluster.apply(newNode("n4", { labels: { color: "blue" } }));
    await parts.cluster.step(11_000);
    expect(await probe.places()).to.deep.equal(["n1 agent:1", "n4 agent:1"]);
    await probe.label("n1", { color: "green" });
    expect(await probe.places()).to.deep.equal(["n4 agent:1"]);
    await probe.change({ template: { spec: { nodeSelector: { color: "green" } } } });
    await parts.cluster.settle();
    expect(await probe.places()).to.deep.equal(["n1 agent:1"]);
    await parts.cluster.delete(nodes, "n1");
    await parts.cluster.step(60_000);
    expect((await probe.status()).desiredNumberScheduled).to.equal(0);
  });

  it("chooses nodes by affinity", async () => {
    const term = { matchExpressions: [{ key: "color", operator: "In" as const, values: ["red"] }] };
    const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } };
    await apply({ pod: { affinity: { nodeAffinity: required } } });
    await probe.label("n3", { color: "red" });
    expect(await probe.places()).to.deep.equal(["n3 agent:1"]);
    await probe.label("n3", { color: "none" });
    expect(await probe.places()).to.deep.equal([]);
  });

  it("stays on nodes in trouble, and keeps away from those that are tainted", async () => {
    await probe.taint("n1", [{ key: "mine", effect: "NoSchedule" }]);
    await probe.taint("n2", [{ key: "node.kubernetes.io/disk-pressure", effect: "NoSchedule" }]);
    await apply();
    expect(await probe.places()).to.deep.equal(["n2 agent:1", "n3 agent:1"]);
    await probe.taint("n3", [{ key: "mine", effect: "NoSchedule" }]);
    expect(await probe.places()).to.deep.equal(["n2 agent:1", "n3 agent:1"]);
    expect(await probe.status()).to.include({ desiredNumberScheduled: 1, numberMisscheduled: 1 });
    await probe.taint("n3", [{ key: "mine", effect: "NoExecute" }]);
    expect(await probe.places()).to.deep.equal(["n2 agent:1"]);
  });

  it("runs on cordoned nodes", async () => {
    await parts.cluster.client.patch(
      nodes,
      { name: "n1" },
      { type: "merge", patch: { spec: { unschedulable: true } } },
    );
    await parts.cluster.settle();
    await apply();
    expect(await probe.places()).to.have.length(3);
  });

  it("keeps to the pool of its namespace", async () => {
    await probe.label("n2", { [POOL_LABEL]: "night" });
    await apply();
    expect(await probe.places()).to.have.length(3);
    const patch = { metadata: { labels: { [POOL_LABEL]: "night" } } };
    await parts.cluster.client.patch(namespaces, { name: "default" }, { type: "merge", patch });
    await parts.cluster.settle();
    expect(await probe.places()).to.deep.equal(["n2 agent:1"]);
    expect((await probe.status()).desiredNumberScheduled).to.equal(1);
  });

  it("replaces pods that are deleted or fail, ever more slowly", async () => {
    await apply({ pod: { nodeSelector: { "kubernetes.io/hostname": "n1" } } });
    await parts.cluster.delete(pods, await probe.podOn("n1"));
    await parts.cluster.settle();
    expect(await probe.places()).to.deep.equal(["n1 agent:1"]);
    const failures = async () =>
      (await parts.cluster.list(events))
        .filter(({ reason }) => reason === "FailedDaemonPod")
        .reduce((sum, { count = 1 }) => sum + count, 0);
    const fail = async () => {
      await parts.cluster.setStatus(pods, await probe.podOn("n1"), { phase: "Failed" });
      await parts.cluster.settle();
    };
    const failed = await probe.podOn("n1");
    await fail();
    expect(await probe.podOn("n1")).to.not.equal(failed);
    const [event] = (await parts.cluster.list(events)).filter(({ reason }) => reason === "FailedDaemonPod");
    expect(event?.message).to.equal(`Found failed daemon pod default/${failed} on node n1, will try to kill it`);
    await fail();
    expect(await failures()).to.equal(1);
    await parts.cluster.step(1100);
    expect(await failures()).to.equal(2);
    await fail();
    await parts.cluster.step(1100);
    expect(await failures()).to.equal(2);
    await parts.cluster.step(1000);
    expect(await failures()).to.equal(3);
    expect(await probe.places()).to.deep.equal(["n1 agent:1"]);
  });

  it("updates one node at a time, and stops where the new pod does not work", async () => {
    await apply();
    parts.kubelet.isHealthy = ({ spec }) => spec.containers[0]?.image !== "agent:bad";
    await probe.setImage("agent:bad");
    expect((await probe.places()).filter((place) => place.endsWith("agent:bad"))).to.have.length(1);
    expect(await probe.status()).to.include({ numberAvailable: 2, numberUnavailable: 1, updatedNumberScheduled: 1 });
    await probe.setImage("agent:1");
    expect(await probe.places()).to.deep.equal(["n1 agent:1", "n2 agent:1", "n3 agent:1"]);
    await probe.setImage("agent:2");
    expect(await probe.places()).to.deep.equal(["n1 agent:2", "n2 agent:2", "n3 agent:2"]);
    expect((await probe.status()).updatedNumberScheduled).to.equal(3);
  });

  it("keeps the pods that need no rollback", async () => {
    await apply();
    const first = new Set((await parts.cluster.list(pods)).map(({ metadata }) => metadata.uid));
    parts.kubelet.isHealthy = ({ spec }) => spec.containers[0]?.image !== "agent:bad";
    await probe.setImage("agent:bad");
    await probe.setImage("agent:1");
    const kept = (await parts.cluster.list(pods)).filter(({ metadata }) => first.has(metadata.uid));
    expect(kept).to.have.length(2);
    const revisions = await parts.cluster.list(controllerRevisions);
    expect(revisions.map(({ revision }) => revision).sort()).to.deep.equal([2, 3]);
  });

  it("makes the new pod first where it may surge, and never lacks an old one", async () => {
    await apply({ updateStrategy: surge });
    parts.kubelet.isHealthy = ({ spec }) => spec.containers[0]?.image !== "agent:bad";
    await probe.setImage("agent:bad");
    const places = await probe.places();
    expect(places).to.have.length(4);
    expect(places.filter((place) => place.endsWith("agent:1"))).to.have.length(3);
    await probe.setImage("agent:2");
    await parts.cluster.settle();
    expect(await probe.places()).to.deep.equal(["n1 agent:2", "n2 agent:2", "n3 agent:2"]);
  });

  it("updates only pods that are deleted, where it says OnDelete", async () => {
    await apply({ updateStrategy: { type: "OnDelete" } });
    await probe.setImage("agent:2");
    expect(await probe.places()).to.deep.equal(["n1 agent:1", "n2 agent:1", "n3 agent:1"]);
    await parts.cluster.delete(pods, await probe.podOn("n2"));
    await parts.cluster.settle();
    expect(await probe.places()).to.deep.equal(["n1 agent:1", "n2 agent:2", "n3 agent:1"]);
  });

  it("waits minReadySeconds between nodes", async () => {
    await apply({ minReadySeconds: 20 });
    expect(await probe.status())
      .to.include({ numberReady: 3 })
      .and.not.have.property("numberAvailable");
    await parts.cluster.step(21_000);
    await probe.setImage("agent:2");
    expect((await probe.places()).filter((place) => place.endsWith("agent:2"))).to.have.length(1);
    await parts.cluster.step(21_000);
    await parts.cluster.step(21_000);
    await parts.cluster.step(21_000);
    expect(await probe.places()).to.deep.equal(["n1 agent:2", "n2 agent:2", "n3 agent:2"]);
  });

  it("finds its pods and revisions again when it was deleted without them", async () => {
    await apply();
    const before = (await parts.cluster.list(pods)).map(({ metadata }) => metadata.uid).sort();
    const key = { namespace: "default", name: "agent" };
    await parts.cluster.client.delete(daemonSets, key, { propagationPolicy: "Orphan" });
    await parts.cluster.settle();
    await apply();
    expect((await parts.cluster.list(pods)).map(({ metadata }) => metadata.uid).sort()).to.deep.equal(before);
    expect(await parts.cluster.list(controllerRevisions)).to.have.length(1);
    await parts.cluster.delete(daemonSets, "agent");
    await parts.cluster.settle();
    expect(await parts.cluster.list(pods)).to.deep.equal([]);
  });

  it("lets its status be written, and lets a collection be deleted", async () => {
    await apply();
    const key = { namespace: "default", name: "agent" };
    const conditions = [{ type: "StatusUpdate", status: "True", reason: "E2E", message: "Set by a test" }];
    const patch = { type: "merge", patch: { status: { conditions } } } as const;
    await parts.cluster.client.patch(daemonSets, key, patch, { subresource: "status" });
    await parts.cluster.settle();
    expect((await probe.status()).conditions).to.deep.equal(conditions);
    const path = "/apis/apps/v1/namespaces/default/daemonsets";
    await parts.cluster.client.raw({ method: "DELETE", path });
    await parts.cluster.settle();
    expect(await parts.cluster.list(daemonSets)).to.deep.equal([]);
    expect(await parts.cluster.list(pods)).to.deep.equal([]);
  });
});
