import { expect } from "chai";
import { events } from "../../api/core/event.ts";
import { nodes } from "../../api/core/node.ts";
import { persistentVolumeClaims } from "../../api/core/persistent-volume-claim.ts";
import { persistentVolumes } from "../../api/core/persistent-volume.ts";
import { podCondition } from "../../api/core/pod-state.ts";
import { pods } from "../../api/core/pod.ts";
import type { KubeObject, NewObject } from "../../api/meta/object.ts";
import { StatusError } from "../../api/meta/status.ts";
import { volumeBinderController } from "../../controllers/persistent-volume/binder.ts";
import { ephemeralClaimController } from "../../controllers/persistent-volume/ephemeral-claims.ts";
import { volumeReclaimerController } from "../../controllers/persistent-volume/reclaimer.ts";
import { newNode, newPod } from "../../testing/builders.ts";
import { TestCluster, type Component } from "../../testing/cluster.ts";
import { claimVolume, newClaim, newLocalVolume, newStorageClass, newVolume } from "../../testing/storage-builders.ts";
import { runScheduler } from "../run-scheduler.ts";

const scheduler: Component = (parts, signal) => runScheduler(parts, signal);
const controllers = [volumeBinderController, volumeReclaimerController({}), ephemeralClaimController];

describe("the scheduler, about volumes", () => {
  let cluster: TestCluster;
  afterEach(() => cluster.stop());

  const start = async (nodeNames: readonly string[] = ["a", "b", "c"]) => {
    cluster = await TestCluster.start({ controllers, components: [scheduler] });
    await cluster.addNodes(...nodeNames.map((name) => newNode(name)));
    await cluster.apply(newStorageClass("local"));
    await cluster.settle();
  };
  const apply = async (...objects: readonly NewObject<KubeObject>[]) => {
    await cluster.apply(...objects);
    await cluster.step(2000);
  };
  const podWith = (name: string, ...claims: readonly string[]) =>
    newPod(name, { spec: { volumes: claims.map(claimVolume) } });
  const nodeOf = async (name: string) => (await cluster.get(pods, name)).spec.nodeName;
  const messageOf = async (name: string) =>
    podCondition(await cluster.get(pods, name), "PodScheduled")?.message?.replace(/ preemption: .*/, "");
  const eventsAbout = async (name: string) =>
    (await cluster.list(events))
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason, message }) => `${reason}: ${message}`);

  it("binds a claim that waits for its pod to a volume that the pod's node reaches", async () => {
    await start();
    await apply(newLocalVolume("v", "b"), newClaim("data", { storageClassName: "local" }));
    expect((await cluster.get(persistentVolumeClaims, "data")).status.phase).to.equal("Pending");
    await apply(podWith("p", "data"));
    expect(await nodeOf("p")).to.equal("b");
    const claim = await cluster.get(persistentVolumeClaims, "data");
    expect(claim.spec.volumeName).to.equal("v");
    expect(claim.status.phase).to.equal("Bound");
    const volume = await cluster.get(persistentVolumes, "v");
    expect(volume.status.phase).to.equal("Bound");
    expect(volume.metadata.annotations).to.deep.equal({ "pv.kubernetes.io/bound-by-controller": "yes" });
  });

  it("gives each of many pods a volume of its own, and places the rest when volumes come", async () => {
    await start();
    const names = ["0", "1", "2", "3", "4", "5"];
    await cluster.apply(...names.map((name) => newClaim(`c${name}`, { storageClassName: "local" })));
    await cluster.apply(newLocalVolume("v0", "a"), newLocalVolume("v1", "a"), newLocalVolume("v2", "b"));
    await apply(...names.map((name) => podWith(`p${name}`, `c${name}`)));
    const placed = async () =>
      (await cluster.list(pods)).map(({ spec }) => spec.nodeName).filter((name) => name !== undefined);
    expect((await placed()).sort()).to.deep.equal(["a", "a", "b"]);
    await apply(newLocalVolume("v3", "c"), newLocalVolume("v4", "c"), newLocalVolume("v5", "b"));
    await cluster.step(30_000);
    expect((await placed()).sort()).to.deep.equal(["a", "a", "b", "b", "c", "c"]);
    const claims = await cluster.list(persistentVolumeClaims);
    expect(new Set(claims.map(({ spec }) => spec.volumeName)).size).to.equal(6);
  });

  it("places a pod with several claims only where there is a volume for each", async () => {
    await start();
    await apply(
      newClaim("x", { storageClassName: "local" }),
      newClaim("y", { storageClassName: "local", size: "2Gi" }),
    );
    await apply(newLocalVolume("a1", "a", { size: "2Gi" }), newLocalVolume("b1", "b"), newLocalVolume("c1", "c"));
    await apply(podWith("p", "x", "y"));
    expect(await messageOf("p")).to.equal(
      "0/3 nodes are available: 3 node(s) didn't find available persistent volumes to bind.",
    );
    await apply(newLocalVolume("b2", "b", { size: "5Gi" }));
    await cluster.step(10_000);
    expect(await nodeOf("p")).to.equal("b");
    expect((await cluster.get(persistentVolumeClaims, "y")).spec.volumeName).to.equal("b2");
  });

  it("follows a volume that is bound already", async () => {
    await start();
    await apply(newStorageClass("now", { volumeBindingMode: "Immediate" }));
    await apply(newLocalVolume("v", "c", { storageClassName: "now" }), newClaim("data", { storageClassName: "now" }));
    await apply(podWith("p", "data"));
    expect(await nodeOf("p")).to.equal("c");
  });

  it("says that no node reaches the volume", async () => {
    await start();
    await apply(newLocalVolume("v", "gone", { storageClassName: "" }), newClaim("data", { storageClassName: "" }));
    await apply(podWith("p", "data"));
    expect(await messageOf("p")).to.equal("0/3 nodes are available: 3 node(s) had volume node affinity conflict.");
    await cluster.addNodes(newNode("gone"));
    await cluster.step(10_000);
    expect(await nodeOf("p")).to.equal("gone");
  });

  it("keeps what it says of a pod true while its claim comes about", async () => {
    await start();
    await apply(podWith("p", "data"));
    expect(await messageOf("p")).to.equal('0/3 nodes are available: persistentvolumeclaim "data" not found.');
    await apply(newClaim("data"));
    await cluster.step(10_000);
    expect(await messageOf("p")).to.equal("0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.");
    await apply(newVolume("v"));
    await cluster.step(10_000);
    expect(await nodeOf("p")).to.be.oneOf(["a", "b", "c"]);
  });

  it("waits for volumes that are being made, and goes elsewhere where that fails", async () => {
    await start();
    await apply(newStorageClass("made", { provisioner: "example.com/disks" }));
    await apply(newClaim("data", { storageClassName: "made" }), podWith("p", "data"));
    const claim = await cluster.get(persistentVolumeClaims, "data");
    const first = claim.metadata.annotations?.["volume.kubernetes.io/selected-node"];
    expect(first).to.be.oneOf(["a", "b", "c"]);
    expect(claim.metadata.annotations).to.include({ "volume.kubernetes.io/storage-provisioner": "example.com/disks" });
    expect(await nodeOf("p")).to.equal(undefined);

    const { "volume.kubernetes.io/selected-node": selected, ...annotations } = claim.metadata.annotations ?? {};
    expect(selected).to.equal(first);
    await cluster.client.update(persistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, annotations } });
    await cluster.step(5000);
    expect(await eventsAbout("p")).to.include(
      'FailedScheduling: running PreBind plugin "VolumeBinding": binding volumes: provisioning failed for PVC "data"',
    );
    const again = await cluster.get(persistentVolumeClaims, "data");
    const node = again.metadata.annotations?.["volume.kubernetes.io/selected-node"] ?? "";
    expect(node).to.be.oneOf(["a", "b", "c"]);

    const claimRef = { namespace: "default", name: "data", uid: again.metadata.uid };
    await apply(newLocalVolume("v", node, { storageClassName: "made", spec: { claimRef } }));
    expect(await nodeOf("p")).to.equal(node);
  });

  it("gives up on volumes that nobody makes after ten minutes, and tries again", async () => {
    await start(["a"]);
    await apply(newStorageClass("made", { provisioner: "example.com/disks" }));
    await apply(newClaim("data", { storageClassName: "made" }), podWith("p", "data"));
    await cluster.step(590_000);
    expect(await eventsAbout("p")).to.deep.equal([]);
    await cluster.step(20_000);
    expect(await eventsAbout("p")).to.deep.equal([
      'FailedScheduling: running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded',
    ]);
    await cluster.delete(pods, "p");
    await cluster.settle();
  });

  it("asks for volumes only where the class allows it", async () => {
    await start([]);
    await cluster.addNodes(newNode("x", { labels: { zone: "x" } }), newNode("y", { labels: { zone: "y" } }));
    const allowedTopologies = [{ matchLabelExpressions: [{ key: "zone", values: ["y"] }] }];
    await apply(newStorageClass("made", { provisioner: "example.com/disks", allowedTopologies }));
    await apply(newClaim("data", { storageClassName: "made" }), podWith("p", "data"));
    const { metadata } = await cluster.get(persistentVolumeClaims, "data");
    expect(metadata.annotations?.["volume.kubernetes.io/selected-node"]).to.equal("y");
    await cluster.delete(pods, "p");
    await cluster.settle();
  });

  it("lets a claim that is for one pod be used by one pod, until that is gone", async () => {
    await start();
    const modes = ["ReadWriteOncePod"];
    await apply(newVolume("v", { modes }), newClaim("data", { modes }), podWith("first", "data"));
    await apply(podWith("second", "data"));
    expect(await nodeOf("first")).to.be.oneOf(["a", "b", "c"]);
    expect(await messageOf("second")).to.equal(
      "0/3 nodes are available: 3 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode.",
    );
    await cluster.client.delete(pods, { namespace: "default", name: "first" }, { gracePeriodSeconds: 0 });
    await cluster.step(10_000);
    expect(await nodeOf("second")).to.be.oneOf(["a", "b", "c"]);
  });

  it("places a pod whose ephemeral volume has been made", async () => {
    await start();
    await apply(newLocalVolume("v", "b"));
    const template = { spec: newClaim("t", { storageClassName: "local" }).spec };
    const volumes = [{ name: "v", ephemeral: { volumeClaimTemplate: template } }];
    await apply(newPod("p", { spec: { volumes } }));
    await cluster.step(10_000);
    expect(await nodeOf("p")).to.equal("b");
    expect((await cluster.get(persistentVolumeClaims, "p-v")).spec.volumeName).to.equal("v");
  });

  it("comes to an end after a restart between any two of its writes", async () => {
    cluster = await TestCluster.start({ controllers });
    await cluster.addNodes(newNode("a"), newNode("b"));
    await cluster.apply(newStorageClass("local"), newLocalVolume("v", "b"));
    await cluster.apply(newClaim("data", { storageClassName: "local" }), podWith("p", "data"));
    await cluster.settle();
    for (let writes = 0; writes < 3; writes++) {
      let left = writes;
      const dying: Component = (parts, signal) => {
        const lost = new Promise<never>((_, reject) => {
          signal.addEventListener("abort", () => reject(new StatusError("ServiceUnavailable", "it was lost")));
        });
        lost.catch(() => undefined);
        const transport: typeof parts.transport = (request) => {
          const isWrite = request.method !== "GET" && !request.path.includes("/events");
          return isWrite && left-- <= 0 ? lost : parts.transport(request);
        };
        return runScheduler({ ...parts, transport }, signal);
      };
      const stop = cluster.run(dying);
      await cluster.step(1000);
      stop();
    }
    cluster.run(scheduler);
    await cluster.step(10_000);
    expect(await nodeOf("p")).to.equal("b");
    expect((await cluster.get(persistentVolumes, "v")).spec.claimRef?.name).to.equal("data");
  });

  it("pays no attention to storage where no pod has any", async () => {
    await start();
    await apply(newPod("p"));
    const before = await cluster.store.revision();
    await cluster.step(60_000);
    expect(await cluster.store.revision()).to.equal(before);
    expect((await cluster.list(nodes)).length).to.equal(3);
  });
});
