import { expect } from "chai";
import { events } from "../../api/core/event.ts";
import { persistentVolumeClaims } from "../../api/core/persistent-volume-claim.ts";
import { persistentVolumes } from "../../api/core/persistent-volume.ts";
import { pods } from "../../api/core/pod.ts";
import type { KubeObject, NewObject } from "../../api/meta/object.ts";
import { storageClasses } from "../../api/storage/storage-class.ts";
import { newPod } from "../../testing/builders.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { claimVolume, newClaim, newStorageClass, newVolume } from "../../testing/storage-builders.ts";
import { claimProtectionController } from "../claim-protection.ts";
import { volumeProtectionController } from "../volume-protection.ts";
import { volumeBinderController } from "./binder.ts";
import { ephemeralClaimController } from "./ephemeral-claims.ts";
import { volumeExpanderController } from "./expander.ts";
import { volumeReclaimerController } from "./reclaimer.ts";

describe("volumes and claims in a cluster", () => {
  let cluster: TestCluster;
  let removed: string[];
  beforeEach(async () => {
    removed = [];
    const removeHostPath = (path: string) => Promise.resolve(void removed.push(path));
    cluster = await TestCluster.start({
      controllers: [
        volumeBinderController,
        volumeReclaimerController({ removeHostPath }),
        volumeExpanderController,
        ephemeralClaimController,
        claimProtectionController,
        volumeProtectionController,
      ],
    });
  });
  afterEach(() => cluster.stop());

  const apply = async (...objects: readonly NewObject<KubeObject>[]) => {
    await cluster.apply(...objects);
    await cluster.settle();
  };
  const volume = (name: string) => cluster.get(persistentVolumes, name);
  const claim = (name: string) => cluster.get(persistentVolumeClaims, name);
  /** Which claim each volume has, with its phase. */
  const state = async () =>
    Object.fromEntries(
      (await cluster.list(persistentVolumes)).map(({ metadata, spec, status }) => [
        metadata.name,
        [status.phase ?? "", ...(spec.claimRef?.name ? [spec.claimRef.name] : [])].join(" "),
      ]),
    );
  const eventsAbout = async (name: string) =>
    (await cluster.list(events))
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
  const removeClaim = async (name: string) => {
    await cluster.delete(persistentVolumeClaims, name);
    await cluster.settle();
  };

  it("binds a claim to the smallest volume that suits, and both say so", async () => {
    await apply(newVolume("large", { size: "9Gi" }), newVolume("right", { size: "2Gi" }), newVolume("small"));
    expect(await state()).to.deep.equal({ large: "Available", right: "Available", small: "Available" });
    await apply(newClaim("data", { size: "2Gi" }));
    expect(await state()).to.deep.equal({ large: "Available", right: "Bound data", small: "Available" });
    const { metadata, spec, status } = await claim("data");
    expect(spec.volumeName).to.equal("right");
    expect(metadata.annotations).to.deep.equal({
      "pv.kubernetes.io/bind-completed": "yes",
      "pv.kubernetes.io/bound-by-controller": "yes",
    });
    expect(status).to.deep.equal({ phase: "Bound", accessModes: ["ReadWriteOnce"], capacity: { storage: "2Gi" } });
    const bound = await volume("right");
    expect(bound.metadata.annotations).to.deep.equal({ "pv.kubernetes.io/bound-by-controller": "yes" });
    expect(bound.spec.claimRef).to.include({ kind: "PersistentVolumeClaim", namespace: "default", uid: metadata.uid });
  });

  it("gives each of many claims a volume of its own, whichever comes first", async () => {
    const names = Array.from({ length: 20 }, (_, index) => String(index));
    await cluster.apply(...names.slice(0, 10).map((name) => newClaim(`c${name}`)));
    await cluster.apply(...names.map((name) => newVolume(`v${name}`)));
    await cluster.apply(...names.slice(10).map((name) => newClaim(`c${name}`)));
    await cluster.step(1000);
    const bound = await cluster.list(persistentVolumeClaims);
    expect(new Set(bound.map(({ spec }) => spec.volumeName)).size).to.equal(20);
    expect(bound.every(({ status }) => status.phase === "Bound")).to.equal(true);
    expect(Object.values(await state()).every((each) => each.startsWith("Bound "))).to.equal(true);
  });

  it("says why a claim waits, and binds it when a volume comes", async () => {
    await apply(newClaim("data"));
    expect(await eventsAbout("data")).to.deep.equal([
      "Normal FailedBinding: no persistent volumes available for this claim and no storage class is set",
    ]);
    await apply(newVolume("v"));
    expect(await state()).to.deep.equal({ v: "Bound data" });
  });

  it("leaves claims that wait for their first pod to the scheduler, and names the pods that wait", async () => {
    await apply(newStorageClass("local"), newVolume("v", { storageClassName: "local" }));
    await apply(newClaim("data", { storageClassName: "local" }));
    expect(await eventsAbout("data")).to.deep.equal([
      "Normal WaitForFirstConsumer: waiting for first consumer to be created before binding",
    ]);
    await apply(newPod("a", { spec: { volumes: [claimVolume("data")] } }));
    expect(await eventsAbout("data")).to.include("Normal WaitForPodScheduled: waiting for pod a to be scheduled");
    expect(await state()).to.deep.equal({ v: "Available" });
  });

  it("waits for provisioners, and tells them which claims are theirs", async () => {
    const immediate = { volumeBindingMode: "Immediate" as const };
    await apply(newStorageClass("foreign", { ...immediate, provisioner: "example.com/disks" }));
    await apply(newStorageClass("nobody", immediate));
    await apply(newClaim("a", { storageClassName: "foreign" }), newClaim("b", { storageClassName: "nobody" }));
    await apply(newClaim("c", { storageClassName: "missing" }));
    expect((await claim("a")).metadata.annotations).to.deep.equal({
      "volume.beta.kubernetes.io/storage-provisioner": "example.com/disks",
      "volume.kubernetes.io/storage-provisioner": "example.com/disks",
    });
    expect(await eventsAbout("a")).to.deep.equal([
      "Normal ExternalProvisioning: Waiting for a volume to be created either by the external provisioner " +
        "'example.com/disks' or manually by the system administrator. If volume creation is delayed, please verify that " +
        "the provisioner is running and correctly registered.",
    ]);
    expect(await eventsAbout("b")).to.deep.equal([
      "Warning ProvisioningFailed: no volume plugin matched name: kubernetes.io/no-provisioner",
    ]);
    expect(await eventsAbout("c")).to.deep.equal([
      'Warning ProvisioningFailed: storageclass.storage.k8s.io "missing" not found',
    ]);
    for (const name of ["a", "b", "c"]) expect((await claim(name)).status.phase).to.equal("Pending");
  });

  it("gives claims without a class the default class once there is one", async () => {
    await apply(newClaim("open"), newClaim("none", { storageClassName: "" }));
    const annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
    await apply({ ...newStorageClass("standard"), metadata: { name: "standard", annotations } });
    expect((await claim("open")).spec.storageClassName).to.equal("standard");
    expect((await claim("none")).spec.storageClassName).to.equal("");
  });

  it("binds what people have paired, from either side", async () => {
    await apply(
      newVolume("by-volume", { spec: { claimRef: { namespace: "default", name: "a" } } }),
      newVolume("by-claim", { size: "5Gi" }),
      newVolume("small"),
    );
    expect((await volume("by-volume")).status.phase).to.equal("Available");
    await apply(newClaim("a"), newClaim("b", { spec: { volumeName: "by-claim" } }));
    expect(await state()).to.deep.equal({ "by-volume": "Bound a", "by-claim": "Bound b", small: "Available" });
    expect((await volume("by-volume")).metadata.annotations).to.equal(undefined);
    expect((await claim("b")).metadata.annotations).to.deep.equal({ "pv.kubernetes.io/bind-completed": "yes" });
  });

  it("refuses a volume that is asked for by name and does not suit, or is another's", async () => {
    await apply(newVolume("v"), newClaim("greedy", { size: "2Gi", spec: { volumeName: "v" } }));
    expect(await eventsAbout("greedy")).to.deep.equal([
      'Warning VolumeMismatch: Cannot bind to requested volume "v": requested PV is too small',
    ]);
    await apply(newClaim("first"));
    await apply(newClaim("second", { spec: { volumeName: "v" } }));
    expect(await eventsAbout("second")).to.deep.equal([
      'Warning FailedBinding: volume "v" already bound to a different claim.',
    ]);
    expect(await state()).to.deep.equal({ v: "Bound first" });
  });

  it("releases a volume whose claim is gone, and gives it to nobody else", async () => {
    await apply(newVolume("v"), newClaim("data"));
    await removeClaim("data");
    expect(await state()).to.deep.equal({ v: "Released data" });
    await apply(newClaim("data"));
    expect(await state()).to.deep.equal({ v: "Released data" });
    expect((await claim("data")).status.phase).to.equal("Pending");
    const { spec, ...rest } = await volume("v");
    await cluster.client.update(persistentVolumes, { ...rest, spec: { ...spec, claimRef: undefined } });
    await cluster.settle();
    expect(await state()).to.deep.equal({ v: "Bound data" });
  });

  const reclaimed: [string, Parameters<typeof newVolume>[1], string | undefined][] = [
    ["deletes a directory below /tmp with its volume", { spec: { hostPath: { path: "/tmp/x/v" } } }, undefined],
    [
      "refuses to delete any other directory of its machine",
      { spec: { hostPath: { path: "/var/data" } } },
      "host_path deleter only supports /tmp/.+ but received provided /var/data",
    ],
    [
      "says that it cannot delete volumes on servers",
      { spec: { hostPath: undefined, nfs: { server: "nfs.test", path: "/v" } } },
      'error getting deleter volume plugin for volume "v": no deletable volume plugin matched',
    ],
  ];
  for (const [title, options, message] of reclaimed) {
    it(title, async () => {
      const spec = { ...options?.spec, persistentVolumeReclaimPolicy: "Delete" as const };
      await apply(newVolume("v", { spec }), newClaim("data"));
      await removeClaim("data");
      expect([...new Set(removed)]).to.deep.equal(message === undefined ? ["/tmp/x/v"] : []);
      expect(await state()).to.deep.equal(message === undefined ? {} : { v: "Failed data" });
      if (message === undefined) return;
      expect((await volume("v")).status.message).to.equal(message);
      expect(await eventsAbout("v")).to.deep.equal([`Warning VolumeFailedDelete: ${message}`]);
    });
  }

  it("recycles nothing", async () => {
    await apply(newVolume("v", { spec: { persistentVolumeReclaimPolicy: "Recycle" } }), newClaim("data"));
    await removeClaim("data");
    expect(await state()).to.deep.equal({ v: "Failed data" });
    expect(await eventsAbout("v")).to.deep.equal([
      "Warning VolumeFailedRecycle: No recycler plugin found for the volume!",
    ]);
  });

  it("calls a claim lost whose volume is gone, once", async () => {
    await apply(newVolume("v"), newClaim("data"));
    const bound = await volume("v");
    await cluster.client.update(persistentVolumes, { ...bound, metadata: { ...bound.metadata, finalizers: [] } });
    // The protection may have been put back already; the volume itself cannot be gone without somebody's force.
    await cluster.client.delete(persistentVolumes, { name: "v" });
    const gone = await volume("v").catch(() => undefined);
    if (gone)
      await cluster.client.update(persistentVolumes, { ...gone, metadata: { ...gone.metadata, finalizers: [] } });
    await cluster.settle();
    expect((await claim("data")).status).to.deep.equal({ phase: "Lost" });
    expect(await eventsAbout("data")).to.deep.equal([
      "Warning ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!",
    ]);
  });

  it("takes back a volume that it has given to a claim which has another one", async () => {
    await apply(newVolume("a"), newVolume("b", { size: "5Gi" }), newClaim("data", { spec: { volumeName: "a" } }));
    const { metadata } = await claim("data");
    const free = await volume("b");
    const claimRef = { namespace: "default", name: "data", uid: metadata.uid };
    const annotations = { "pv.kubernetes.io/bound-by-controller": "yes" };
    const taken = { ...free, metadata: { ...free.metadata, annotations }, spec: { ...free.spec, claimRef } };
    await cluster.client.update(persistentVolumes, taken);
    await cluster.settle();
    expect(await state()).to.deep.equal({ a: "Bound data", b: "Available" });
    expect((await volume("b")).metadata.annotations ?? {}).to.deep.equal({});
  });

  it("says that a static volume does not grow with its claim", async () => {
    await apply(newStorageClass("s", { allowVolumeExpansion: true, volumeBindingMode: "Immediate" }));
    await apply(newVolume("v", { storageClassName: "s" }), newClaim("data", { storageClassName: "s" }));
    const bound = await claim("data");
    const spec = { ...bound.spec, resources: { requests: { storage: "2Gi" } } };
    await cluster.client.update(persistentVolumeClaims, { ...bound, spec });
    await cluster.settle();
    expect(await eventsAbout("data")).to.include(
      "Warning ExternalExpanding: waiting for an external controller to expand this PVC",
    );
    expect((await claim("data")).status.capacity).to.deep.equal({ storage: "1Gi" });
  });

  it("makes the claim of an ephemeral volume, and no claim for one that is another's already", async () => {
    const template = { metadata: { labels: { app: "x" } }, spec: newClaim("t").spec };
    const volumes = [{ name: "v", ephemeral: { volumeClaimTemplate: template } }];
    await apply(newClaim("b-v"), newVolume("disk"), newVolume("disk2"));
    await apply(newPod("a", { spec: { volumes } }), newPod("b", { spec: { volumes } }));
    const owner = await cluster.get(pods, "a");
    const { metadata, status } = await claim("a-v");
    expect(metadata.labels).to.deep.equal({ app: "x" });
    expect(metadata.ownerReferences).to.deep.equal([
      { apiVersion: "v1", kind: "Pod", name: "a", uid: owner.metadata.uid, controller: true, blockOwnerDeletion: true },
    ]);
    expect(status.phase).to.equal("Bound");
    expect(await eventsAbout("b")).to.deep.equal([
      "Warning FailedBinding: ephemeral volume v: PVC default/b-v was not created for pod default/b (pod is not owner)",
    ]);
  });

  it("does nothing where nothing happens", async () => {
    await apply(newVolume("v"), newClaim("data"), newClaim("waiting", { size: "5Gi" }));
    const before = await cluster.store.revision();
    await cluster.step(60_000);
    expect(await cluster.store.revision()).to.equal(before);
    expect(await cluster.list(storageClasses)).to.deep.equal([]);
  });
});
