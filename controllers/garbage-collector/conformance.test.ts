import { expect } from "chai";
import { deployments } from "../../api/apps/deployment.ts";
import { replicaSets } from "../../api/apps/replica-set.ts";
import { pods } from "../../api/core/pod.ts";
import { replicationControllers, type ReplicationController } from "../../api/core/replication-controller.ts";
import type { KubeObject, NewObject } from "../../api/meta/object.ts";
import { controllerOf, ownerReferenceTo } from "../../api/meta/owner.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import type { DeleteOptions } from "../../client/client.ts";
import { newDeployment, newPod } from "../../testing/builders.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";

/** Twice the wait of the conformance tests' own between looks. */
const LONG_MS = 60_000;

function newController(name: string, replicas: number): NewObject<ReplicationController> {
  const labels = { app: name };
  return {
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: { name, namespace: "default" },
    spec: { replicas, selector: labels, template: { metadata: { labels }, spec: newPod("x").spec } },
  };
}

/** What the conformance tests of garbage collection look for. */
describe("garbage collection, as conformance tests see it", () => {
  let parts: ControllerCluster;
  beforeEach(async () => {
    parts = await startControllerCluster({ nodes: ["n1", "n2"] });
  });
  afterEach(async () => {
    await parts.cluster.stop();
    expect(parts.errors).to.deep.equal([]);
  });

  const allPods = () => parts.cluster.list(pods);
  const remove = async (resource: ResourceDefinition, name: string, options: DeleteOptions) => {
    await parts.cluster.client.delete(resource, { namespace: "default", name }, options);
    await parts.cluster.step(LONG_MS);
  };
  const start = async (...objects: readonly NewObject<KubeObject>[]) => {
    await parts.cluster.apply(...objects);
    await parts.cluster.settle();
  };

  it("deletes the pods of a ReplicationController in the background", async () => {
    await start(newController("rc", 2));
    await remove(replicationControllers, "rc", { propagationPolicy: "Background" });
    expect(await allPods()).to.deep.equal([]);
  });

  it("sets the pods of a ReplicationController free", async () => {
    await start(newController("rc", 30));
    await remove(replicationControllers, "rc", { propagationPolicy: "Orphan" });
    const left = await allPods();
    expect(left).to.have.length(30);
    expect(left.filter((pod) => controllerOf(pod))).to.deep.equal([]);
    expect(await parts.cluster.list(replicationControllers)).to.deep.equal([]);
  });

  it("deletes the ReplicaSet of a Deployment in the background", async () => {
    await start(newDeployment("web", { replicas: 2 }));
    await remove(deployments, "web", { propagationPolicy: "Background" });
    expect([await parts.cluster.list(replicaSets), await allPods()]).to.deep.equal([[], []]);
  });

  it("sets the ReplicaSet of a Deployment free, and leaves its pods with it", async () => {
    await start(newDeployment("web", { replicas: 2 }));
    await remove(deployments, "web", { propagationPolicy: "Orphan" });
    const sets = await parts.cluster.list(replicaSets);
    expect(sets.map((set) => controllerOf(set))).to.deep.equal([undefined]);
    expect((await allPods()).map((pod) => controllerOf(pod)?.uid)).to.deep.equal(Array(2).fill(sets[0]?.metadata.uid));
  });

  it("keeps a ReplicationController until its last pod has gone", async () => {
    await start(newController("rc", 5));
    const [held] = await allPods();
    const key = { namespace: "default", name: held?.metadata.name ?? "" };
    const hold = (finalizers: readonly string[]) =>
      parts.cluster.client.patch(pods, key, { type: "merge", patch: { metadata: { finalizers } } });
    await hold(["test/hold"]);
    await remove(replicationControllers, "rc", { propagationPolicy: "Foreground" });
    expect((await allPods()).map(({ metadata }) => metadata.name)).to.deep.equal([key.name]);
    const [controller] = await parts.cluster.list(replicationControllers);
    expect(controller?.metadata.finalizers).to.deep.equal(["foregroundDeletion"]);
    await hold([]);
    await parts.cluster.step(1000);
    expect([await allPods(), await parts.cluster.list(replicationControllers)]).to.deep.equal([[], []]);
  });

  it("keeps pods that have another owner beside the one that waits for them", async () => {
    await start(newController("going", 6), newController("staying", 0));
    const staying = await parts.cluster.get(replicationControllers, "staying");
    const { apiVersion, kind, name, uid } = ownerReferenceTo(staying, replicationControllers);
    const shared = (await allPods()).slice(0, 3).map(({ metadata }) => metadata.name);
    for (const pod of shared) {
      const patch = { metadata: { ownerReferences: [{ apiVersion, kind, name, uid }] } };
      await parts.cluster.client.patch(pods, { namespace: "default", name: pod }, { type: "strategic", patch });
    }
    await remove(replicationControllers, "going", { propagationPolicy: "Foreground" });
    const left = await allPods();
    expect(left.map(({ metadata }) => metadata.name).sort()).to.deep.equal([...shared].sort());
    for (const { metadata } of left) {
      expect(metadata.deletionTimestamp).to.equal(undefined);
      expect(metadata.ownerReferences?.map(({ name }) => name)).to.deep.equal(["staying"]);
    }
    expect((await parts.cluster.list(replicationControllers)).map(({ metadata }) => metadata.name)).to.deep.equal([
      "staying",
    ]);
  });

  it("does not wait for ever for pods that own each other in a circle", async () => {
    const names = ["pod1", "pod2", "pod3"];
    await start(...names.map((name) => newPod(name)));
    const owners = await allPods();
    for (const [index, name] of names.entries()) {
      const owner = owners.at(index - 1);
      if (!owner) throw new Error("the pods are there");
      const patch = { metadata: { ownerReferences: [ownerReferenceTo(owner, pods)] } };
      await parts.cluster.client.patch(pods, { namespace: "default", name }, { type: "merge", patch });
    }
    await parts.cluster.settle();
    expect(await allPods()).to.have.length(3);
    await remove(pods, "pod1", { propagationPolicy: "Foreground" });
    expect(await allPods()).to.deep.equal([]);
  });
});
