import { expect } from "chai";
import { persistentVolumeClaims } from "../api/core/persistent-volume-claim.ts";
import { persistentVolumes } from "../api/core/persistent-volume.ts";
import { pods } from "../api/core/pod.ts";
import { newNode, newPod } from "../testing/builders.ts";
import { TestCluster } from "../testing/cluster.ts";
import { claimProtectionController } from "./claim-protection.ts";
import { volumeProtectionController } from "./volume-protection.ts";

const CLAIM = { namespace: "default", name: "data" };
const claim = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: CLAIM,
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
};
const volume = {
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: "v" },
  spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/tmp" } },
};
const podWith = (name: string, spec: object = {}) =>
  newPod(name, { spec: { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "data" } }], ...spec } });

describe("storage in use", () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = await TestCluster.start({ controllers: [claimProtectionController, volumeProtectionController] });
    await cluster.addNodes(newNode("n"));
  });
  afterEach(() => cluster.stop());

  const claims = async () => (await cluster.list(persistentVolumeClaims)).length;
  const removeClaim = async () => {
    await cluster.client.delete(persistentVolumeClaims, CLAIM);
    await cluster.settle();
  };

  it("is kept while a pod on a node has the claim", async () => {
    await cluster.apply(claim, podWith("a", { nodeName: "n" }));
    await cluster.settle();
    await removeClaim();
    expect(await claims()).to.equal(1);
    await cluster.client.delete(pods, { namespace: "default", name: "a" }, { gracePeriodSeconds: 0 });
    await cluster.settle();
    expect(await claims()).to.equal(0);
  });

  it("is kept for the pod whose own volume it is", async () => {
    const template = { metadata: {}, spec: claim.spec };
    const volumes = [{ name: "v", ephemeral: { volumeClaimTemplate: template } }];
    await cluster.apply(newPod("a", { spec: { nodeName: "n", volumes } }));
    await cluster.apply({ ...claim, metadata: { namespace: "default", name: "a-v" } });
    await cluster.settle();
    await cluster.client.delete(persistentVolumeClaims, { namespace: "default", name: "a-v" });
    await cluster.settle();
    expect(await claims()).to.equal(1);
  });

  it("goes at once where no pod has been placed with the claim", async () => {
    await cluster.apply(claim, podWith("waiting"));
    await cluster.settle();
    await removeClaim();
    expect(await claims()).to.equal(0);
  });

  it("is protected also where it was made before anybody did that", async () => {
    await cluster.apply(claim);
    const created = await cluster.get(persistentVolumeClaims, "default/data");
    await cluster.client.update(persistentVolumeClaims, {
      ...created,
      metadata: { ...created.metadata, finalizers: [] },
    });
    await cluster.settle();
    const { metadata } = await cluster.get(persistentVolumeClaims, "default/data");
    expect(metadata.finalizers).to.deep.equal(["kubernetes.io/pvc-protection"]);
  });

  it("is kept while the volume is bound", async () => {
    await cluster.apply(volume);
    const setPhase = async (phase: "Bound" | "Released") => {
      const stored = await cluster.get(persistentVolumes, "v");
      const next = { ...stored, status: { ...stored.status, phase } };
      await cluster.client.update(persistentVolumes, next, { subresource: "status" });
      await cluster.settle();
    };
    await setPhase("Bound");
    await cluster.client.delete(persistentVolumes, { name: "v" });
    await cluster.settle();
    expect(await cluster.list(persistentVolumes)).to.have.length(1);
    await setPhase("Released");
    expect(await cluster.list(persistentVolumes)).to.have.length(0);
  });
});
