import { expect } from "chai";
import { deployments } from "../../api/apps/deployment.ts";
import { events } from "../../api/core/event.ts";
import { isPodActive, podCondition } from "../../api/core/pod-state.ts";
import { pods } from "../../api/core/pod.ts";
import { keyOf, type KubeObject, type NewObject } from "../../api/meta/object.ts";
import { hasReason } from "../../api/meta/status.ts";
import {
  podDisruptionBudgets,
  type PodDisruptionBudget,
  type PodDisruptionBudgetSpec,
} from "../../api/policy/pod-disruption-budget.ts";
import { newDeployment, newPod } from "../../testing/builders.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";

const newBudget = (spec: PodDisruptionBudgetSpec): NewObject<PodDisruptionBudget> => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: "b", namespace: "default" },
  spec: { selector: { matchLabels: { app: "web" } }, ...spec },
});

describe("a PodDisruptionBudget", () => {
  let parts: ControllerCluster;
  beforeEach(async () => {
    parts = await startControllerCluster({ nodes: ["n1", "n2"] });
  });
  afterEach(() => parts.cluster.stop());

  const status = async () => (await parts.cluster.get(podDisruptionBudgets, "b")).status;
  const counts = async () => {
    const { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods } = await status();
    return [disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods];
  };
  const apply = async (...objects: readonly NewObject<KubeObject>[]) => {
    await parts.cluster.apply(...objects);
    await parts.cluster.settle();
  };
  /** The reason for which it was refused, if it was. */
  const evict = async (name: string): Promise<string> => {
    const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace: "default" } };
    const target = { namespace: "default", name, subresource: "eviction" };
    return parts.cluster.client.createSubresource(pods, target, body).then(
      () => "evicted",
      (error: unknown) => (hasReason(error, "TooManyRequests") ? "refused" : String(error)),
    );
  };
  const activePods = async () =>
    (await parts.cluster.list(pods)).filter(isPodActive).map(({ metadata }) => metadata.name);
  const reasons = async () => (await parts.cluster.list(events)).map(({ reason }) => reason);

  it("counts the pods of a Deployment, and follows it when it is scaled", async () => {
    await apply(newBudget({ maxUnavailable: "25%" }), newDeployment("web", { replicas: 8 }));
    expect(await counts()).to.deep.equal([2, 8, 6, 8]);
    const patch = { type: "merge", patch: { spec: { replicas: 4 } } } as const;
    await parts.cluster.client.patch(deployments, { namespace: "default", name: "web" }, patch);
    await parts.cluster.settle();
    expect(await counts()).to.deep.equal([1, 4, 3, 4]);
    expect((await status()).conditions?.[0]).to.include({ type: "DisruptionAllowed", status: "True" });
    expect(parts.errors).to.deep.equal([]);
  });

  it("follows a change of its own", async () => {
    await apply(newBudget({ minAvailable: 2 }), newDeployment("web", { replicas: 3 }));
    expect(await counts()).to.deep.equal([1, 3, 2, 3]);
    const patch = { type: "merge", patch: { spec: { minAvailable: "100%" } } } as const;
    await parts.cluster.client.patch(podDisruptionBudgets, { namespace: "default", name: "b" }, patch);
    await parts.cluster.settle();
    expect(await counts()).to.deep.equal([0, 3, 3, 3]);
    expect((await status()).observedGeneration).to.equal(2);
  });

  it("lets one pod go at a time, and the next once there is another", async () => {
    await apply(newBudget({ maxUnavailable: 1 }), newDeployment("web", { replicas: 3 }));
    parts.kubelet.readyAfterMs = 60_000;
    const [first = "", second = ""] = await activePods();
    expect(await evict(first)).to.equal("evicted");
    expect(await evict(second)).to.equal("refused");
    await parts.cluster.settle();
    expect(await counts()).to.deep.equal([0, 2, 2, 3]);
    expect(await evict(second)).to.equal("refused");
    await parts.cluster.step(61_000);
    expect(await counts()).to.deep.equal([1, 3, 2, 3]);
    expect(await status()).to.not.have.property("disruptedPods");
    expect(await evict(second)).to.equal("evicted");
  });

  it("blocks an eviction until it is changed to allow it", async () => {
    await apply(newBudget({ minAvailable: 3 }), newDeployment("web", { replicas: 3 }));
    const [first = ""] = await activePods();
    expect(await evict(first)).to.equal("refused");
    const patch = { type: "merge", patch: { spec: { minAvailable: 2 } } } as const;
    await parts.cluster.client.patch(podDisruptionBudgets, { namespace: "default", name: "b" }, patch);
    // Not before the controller has looked at the change.
    expect(await evict(first)).to.equal("refused");
    await parts.cluster.settle();
    expect(await evict(first)).to.equal("evicted");
  });

  it("says that it has no pods, and that nobody controls those it has", async () => {
    await apply(newBudget({ maxUnavailable: 1 }));
    expect(await counts()).to.deep.equal([0, 0, 0, 0]);
    expect(await reasons()).to.include("NoPods");
    await apply(newPod("alone", { labels: { app: "web" } }));
    expect(await counts()).to.deep.equal([0, 1, 0, 0]);
    const [event] = (await parts.cluster.list(events)).filter(({ reason }) => reason === "UnmanagedPods");
    expect(event?.message).to.match(/^Pods selected by this PodDisruptionBudget \(selector: &LabelSelector/);
  });

  it("counts pods that nobody controls against a number", async () => {
    const pod = (name: string) => newPod(name, { labels: { app: "web" } });
    await apply(newBudget({ minAvailable: 1 }), pod("x"), pod("y"));
    expect(await counts()).to.deep.equal([1, 2, 1, 2]);
  });

  it("allows nothing, and says why, where the pods' owner has no scale", async () => {
    const owner = (kind: string) => ({ apiVersion: "batch/v1", kind, name: "o", uid: kind, controller: true });
    const owned = (name: string, kind: string) =>
      newPod(name, { labels: { app: "web" }, metadata: { ownerReferences: [owner(kind)], finalizers: ["test/keep"] } });
    await apply(newBudget({ maxUnavailable: 1 }), owned("x", "Job"));
    const condition = (await status()).conditions?.[0];
    expect(condition).to.include({
      status: "False",
      reason: "SyncFailed",
      message: "jobs.batch does not implement the scale subresource",
    });
    expect(await reasons()).to.include("CalculateExpectedPodCountFailed");
    expect(parts.errors).to.deep.equal([]);
    await apply(owned("w", "Unheard"));
    expect((await status()).conditions?.[0]?.message).to.match(/does not implement|no matches for kind "Unheard"/);
  });

  it("gives up on an eviction whose pod has stayed for two minutes, and the pod does, too", async () => {
    await apply(newBudget({ minAvailable: 1 }), newPod("x", { labels: { app: "web" } }));
    await apply(newPod("y", { labels: { app: "web" } }));
    const now = new Date(parts.cluster.clock.now()).toISOString().slice(0, 19) + "Z";
    const condition = {
      type: "DisruptionTarget",
      status: "True",
      reason: "EvictionByEvictionAPI",
      lastTransitionTime: now,
    };
    const pod = await parts.cluster.get(pods, "x");
    await parts.cluster.setStatus(pods, "x", { conditions: [...(pod.status.conditions ?? []), condition] });
    await parts.cluster.setStatus(podDisruptionBudgets, "b", { disruptedPods: { x: now } });
    await parts.cluster.settle();
    expect(await counts()).to.deep.equal([0, 1, 1, 2]);
    await parts.cluster.step(119_000);
    expect(await counts()).to.deep.equal([0, 1, 1, 2]);
    await parts.cluster.step(3_000);
    expect(await counts()).to.deep.equal([1, 2, 1, 2]);
    expect(podCondition(await parts.cluster.get(pods, "x"), "DisruptionTarget")?.status).to.equal("False");
    expect((await parts.cluster.list(events)).find(({ reason }) => reason === "NotDeleted")?.message).to.equal(
      "Pod was expected by PDB default/b to be deleted but it wasn't",
    );
  });

  it("is not written while nothing changes", async () => {
    await apply(newBudget({ minAvailable: "50%" }), newDeployment("web", { replicas: 3 }));
    const before = await parts.cluster.get(podDisruptionBudgets, "b");
    await parts.cluster.step(600_000);
    expect(keyOf(before)).to.deep.equal({ namespace: "default", name: "b" });
    expect((await parts.cluster.get(podDisruptionBudgets, "b")).metadata.resourceVersion).to.equal(
      before.metadata.resourceVersion,
    );
  });
});
