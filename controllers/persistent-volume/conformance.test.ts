import { expect } from "chai";
import { persistentVolumeClaims } from "../../api/core/persistent-volume-claim.ts";
import { persistentVolumes } from "../../api/core/persistent-volume.ts";
import { podCondition } from "../../api/core/pod-state.ts";
import { pods } from "../../api/core/pod.ts";
import { isNotFound } from "../../api/meta/status.ts";
import { runScheduler } from "../../scheduler/run-scheduler.ts";
import { newNode, newPod } from "../../testing/builders.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { allControllers } from "../../testing/controller-cluster.ts";
import { claimVolume, newClaim, newLocalVolume, newStorageClass, newVolume } from "../../testing/storage-builders.ts";

/** What upstream's tests of [sig-storage] ask where no CSI driver takes part, with all controllers and the scheduler. */
describe("conformance: PersistentVolumes", () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = await TestCluster.start();
    await cluster.addNodes(newNode("a"), newNode("b"));
    cluster.run(allControllers);
    cluster.run((parts, signal) => runScheduler(parts, signal));
    await cluster.settle();
  });
  afterEach(() => cluster.stop());

  const volume = (name: string, label: string) =>
    newVolume(name, { storageClassName: "e2e", metadata: { name, labels: { e2e: label } } });
  const claim = (name: string, label: string) =>
    newClaim(name, { storageClassName: "e2e", metadata: { name, labels: { e2e: label } } });

  it("run through the lifecycle of a PV and a PVC", async () => {
    await cluster.apply(volume("pv", "one"), claim("pvc", "one"));
    await cluster.settle();
    expect((await cluster.list(persistentVolumes, { labelSelector: "e2e=one" })).length).to.equal(1);
    const patch = { type: "strategic", patch: { metadata: { labels: { patched: "yes" } } } } as const;
    const key = { namespace: "default", name: "pvc" };
    expect((await cluster.client.patch(persistentVolumes, { name: "pv" }, patch)).metadata.labels).to.include({
      patched: "yes",
    });
    expect((await cluster.client.patch(persistentVolumeClaims, key, patch)).spec.volumeName).to.equal("pv");
    await cluster.delete(persistentVolumeClaims, "pvc");
    await cluster.settle();
    const gone: unknown = await cluster.get(persistentVolumeClaims, "pvc").catch((error: unknown) => error);
    expect(isNotFound(gone)).to.equal(true);
    await cluster.delete(persistentVolumes, "pv");
    await cluster.settle();
    expect(await cluster.list(persistentVolumes)).to.deep.equal([]);

    await cluster.apply(volume("pv", "two"), claim("pvc", "two"));
    await cluster.settle();
    const stored = await cluster.get(persistentVolumes, "pv");
    const labels = { e2e: "three" };
    await cluster.client.update(persistentVolumes, { ...stored, metadata: { ...stored.metadata, labels } });
    for (const [path, label] of [
      ["/api/v1/namespaces/default/persistentvolumeclaims", "two"],
      ["/api/v1/persistentvolumes", "three"],
    ] as const) {
      const query = new URLSearchParams({ labelSelector: `e2e=${label}` });
      expect((await cluster.client.raw({ method: "DELETE", path, query })).status).to.equal(200);
      await cluster.settle();
    }
    expect(await cluster.list(persistentVolumeClaims)).to.deep.equal([]);
    expect(await cluster.list(persistentVolumes)).to.deep.equal([]);
  });

  it("keep what others write into the status of a PV and a PVC", async () => {
    await cluster.apply(volume("pv", "one"), claim("pvc", "one"));
    await cluster.settle();
    const condition = { type: "StatusPatched", status: "True", reason: "E2E", message: "Set by a test" };
    const key = { namespace: "default", name: "pvc" };
    const ofClaim = { type: "merge", patch: { status: { conditions: [condition] } } } as const;
    await cluster.client.patch(persistentVolumeClaims, key, ofClaim, { subresource: "status" });
    const ofVolume = { type: "merge", patch: { status: { message: "StatusPatched", reason: "E2E" } } } as const;
    await cluster.client.patch(persistentVolumes, { name: "pv" }, ofVolume, { subresource: "status" });
    await cluster.step(60_000);
    expect((await cluster.get(persistentVolumeClaims, "pvc")).status).to.deep.include({ phase: "Bound" });
    expect((await cluster.get(persistentVolumeClaims, "pvc")).status.conditions?.[0]).to.include(condition);
    expect((await cluster.get(persistentVolumes, "pv")).status).to.include({
      phase: "Bound",
      message: "StatusPatched",
      reason: "E2E",
    });
  });

  it("of the local kind take their pods to their node, also two pods to one volume", async () => {
    await cluster.apply(newStorageClass("local"), newLocalVolume("pv", "b"));
    await cluster.apply(newClaim("pvc", { storageClassName: "local" }));
    for (const name of ["first", "second"])
      await cluster.apply(newPod(name, { spec: { volumes: [claimVolume("pvc")] } }));
    await cluster.step(15_000);
    for (const name of ["first", "second"]) expect((await cluster.get(pods, name)).spec.nodeName).to.equal("b");
  });

  it("of the local kind fail pods that want another node, by affinity and by selector", async () => {
    await cluster.apply(newStorageClass("local"), newLocalVolume("pv", "b"));
    await cluster.apply(newClaim("pvc", { storageClassName: "local" }));
    const nodeSelector = { "kubernetes.io/hostname": "a" };
    await cluster.apply(newPod("p", { spec: { nodeSelector, volumes: [claimVolume("pvc")] } }));
    await cluster.step(15_000);
    const message = podCondition(await cluster.get(pods, "p"), "PodScheduled")?.message;
    expect(message).to.include(
      "0/2 nodes are available: 1 node(s) didn't find available persistent volumes to bind, " +
        "1 node(s) didn't match Pod's node affinity/selector.",
    );
    expect((await cluster.get(persistentVolumeClaims, "pvc")).status.phase).to.equal("Pending");
  });

  it("belong to the claims of an ephemeral volume as long as its pod is there", async () => {
    await cluster.apply(volume("pv", "one"));
    const template = { spec: claim("t", "one").spec };
    await cluster.apply(
      newPod("p", { spec: { volumes: [{ name: "v", ephemeral: { volumeClaimTemplate: template } }] } }),
    );
    await cluster.step(15_000);
    expect((await cluster.get(pods, "p")).spec.nodeName).to.be.oneOf(["a", "b"]);
    expect((await cluster.get(persistentVolumeClaims, "p-v")).spec.volumeName).to.equal("pv");
    await cluster.client.delete(pods, { namespace: "default", name: "p" }, { gracePeriodSeconds: 0 });
    await cluster.step(15_000);
    expect(await cluster.list(persistentVolumeClaims)).to.deep.equal([]);
    expect((await cluster.get(persistentVolumes, "pv")).status.phase).to.equal("Released");
  });
});
