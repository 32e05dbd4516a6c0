import { expect } from "chai";
import { isPodActive } from "../../api/core/pod-state.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { replicationControllers, type ReplicationController } from "../../api/core/replication-controller.ts";
import { resourceQuotas, type ResourceQuota } from "../../api/core/resource-quota.ts";
import { findCondition } from "../../api/meta/condition-list.ts";
import type { KubeObject, NewObject } from "../../api/meta/object.ts";
import { controllerOf } from "../../api/meta/owner.ts";
import { newPod } from "../../testing/builders.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";

const labels = { app: "web" };
const KEY = { namespace: "default", name: "web" };

const newController = (replicas: number, spec: Partial<ReplicationController["spec"]> = {}) => ({
  apiVersion: "v1",
  kind: "ReplicationController",
  metadata: { name: "web", namespace: "default" },
  spec: { replicas, selector: labels, template: { metadata: { labels }, spec: newPod("x").spec }, ...spec },
});

/** What the conformance tests of ReplicationControllers look for, and what differs from ReplicaSets. */
describe("a ReplicationController", () => {
  let parts: ControllerCluster;
  beforeEach(async () => {
    parts = await startControllerCluster({ nodes: ["n1", "n2"] });
  });
  afterEach(() => parts.cluster.stop());

  const apply = async (...objects: readonly NewObject<KubeObject>[]) => {
    await parts.cluster.apply(...objects);
    await parts.cluster.settle();
  };
  const status = async () => (await parts.cluster.get(replicationControllers, "web")).status;
  const activePods = async () => (await parts.cluster.list(pods)).filter(isPodActive);
  const scale = async (replicas: number) => {
    const patch = { type: "merge", patch: { spec: { replicas } } } as const;
    await parts.cluster.client.patch(replicationControllers, KEY, patch, { subresource: "scale" });
    await parts.cluster.settle();
  };

  it("has as many pods as it asks for, of its own", async () => {
    await apply(newController(2));
    const all = await activePods();
    expect(all).to.have.length(2);
    expect(controllerOf(all[0] as Pod)).to.include({ apiVersion: "v1", kind: "ReplicationController", name: "web" });
    expect(await status()).to.deep.equal({
      replicas: 2,
      fullyLabeledReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      observedGeneration: 1,
    });
    expect(parts.errors).to.deep.equal([]);
  });

  it("is scaled by its scale", async () => {
    await apply(newController(1));
    await scale(3);
    expect(await activePods()).to.have.length(3);
    await scale(0);
    expect(await activePods()).to.have.length(0);
    expect(await status()).to.include({ replicas: 0, observedGeneration: 3 });
  });

  it("shows that a quota stops it, until it asks for no more than that", async () => {
    const quota: NewObject<ResourceQuota> = {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "q", namespace: "default" },
      spec: { hard: { pods: "2" } },
    };
    await apply(quota);
    expect((await parts.cluster.get(resourceQuotas, "q")).status?.hard).to.deep.equal({ pods: "2" });
    await apply(newController(3));
    const failure = findCondition((await status()).conditions, "ReplicaFailure");
    expect(failure).to.include({ status: "True", reason: "FailedCreate" });
    expect(failure?.message).to.match(/^pods "web-\w+" is forbidden: exceeded quota: q/);
    await scale(2);
    expect((await status()).conditions ?? []).to.deep.equal([]);
    expect(await activePods()).to.have.length(2);
  });

  it("adopts a matching pod, and lets it go when it no longer matches", async () => {
    await apply(newPod("mine", { labels }));
    await apply(newController(1));
    const mine = () => parts.cluster.get(pods, "mine");
    expect(controllerOf(await mine())).to.include({ kind: "ReplicationController" });
    const patch = { type: "merge", patch: { metadata: { labels: { app: "debug" } } } } as const;
    await parts.cluster.client.patch(pods, { namespace: "default", name: "mine" }, patch);
    await parts.cluster.settle();
    expect(controllerOf(await mine())).to.equal(undefined);
    expect(await activePods()).to.have.length(2);
  });

  it("leaves the conditions of others alone", async () => {
    await apply(newController(1));
    await parts.cluster.setStatus(replicationControllers, "web", {
      conditions: [{ type: "Mine", status: "True" }],
      readyReplicas: 0,
      availableReplicas: 0,
    });
    await parts.cluster.settle();
    expect(await status()).to.deep.include({
      readyReplicas: 1,
      availableReplicas: 1,
      conditions: [{ type: "Mine", status: "True" }],
    });
  });

  it("leaves its pods behind, unless its deletion says otherwise", async () => {
    await apply(newController(2));
    await parts.cluster.client.delete(replicationControllers, KEY);
    await parts.cluster.step(1000);
    const left = await activePods();
    expect(left.map((pod) => controllerOf(pod))).to.deep.equal([undefined, undefined]);
    await apply(newController(2));
    expect((await activePods()).map(({ metadata }) => metadata.name)).to.have.members(
      left.map(({ metadata }) => metadata.name),
    );
    await parts.cluster.client.delete(replicationControllers, KEY, { propagationPolicy: "Background" });
    await parts.cluster.step(1000);
    expect(await parts.cluster.list(pods)).to.have.length(0);
  });
});
