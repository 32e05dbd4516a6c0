import { expect } from "chai";
import { statefulSets } from "../../api/apps/stateful-set.ts";
import { events } from "../../api/core/event.ts";
import { persistentVolumeClaims } from "../../api/core/persistent-volume-claim.ts";
import { pods } from "../../api/core/pod.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";
import { StatefulSetProbe, claimTemplates, newStatefulSet } from "../../testing/stateful-set.ts";

describe("the claims of a StatefulSet", () => {
  let parts: ControllerCluster;
  let probe: StatefulSetProbe;
  beforeEach(async () => {
    parts = await startControllerCluster();
    probe = new StatefulSetProbe(parts.cluster);
  });
  afterEach(() => parts.cluster.stop());

  type Policy = { readonly whenScaled?: string; readonly whenDeleted?: string };
  const apply = async (replicas: number, persistentVolumeClaimRetentionPolicy: Policy = {}) => {
    await parts.cluster.apply(newStatefulSet(replicas, { ...claimTemplates, persistentVolumeClaimRetentionPolicy }));
    await parts.cluster.settle();
  };
  const claims = async () =>
    (await parts.cluster.list(persistentVolumeClaims))
      .map(({ metadata }) => [metadata.name, ...(metadata.ownerReferences ?? []).map(({ kind }) => kind)].join(" "))
      .sort();

  it("are made for each pod, and used by it", async () => {
    await apply(2);
    expect(await claims()).to.deep.equal(["data-web-0", "data-web-1"]);
    const claim = await parts.cluster.get(persistentVolumeClaims, "data-web-1");
    expect(claim.metadata.labels).to.deep.equal({ app: "web" });
    const { spec } = await parts.cluster.get(pods, "web-1");
    expect(spec.volumes?.[0]).to.deep.equal({ name: "data", persistentVolumeClaim: { claimName: "data-web-1" } });
    const messages = (await parts.cluster.list(events)).map(({ message }) => message);
    expect(messages).to.include("create Claim data-web-1 Pod web-1 in StatefulSet web success");
  });

  it("stay when pods go, and are found again", async () => {
    await apply(2);
    const { uid } = (await parts.cluster.get(persistentVolumeClaims, "data-web-1")).metadata;
    await probe.change({ replicas: 1 });
    expect(await claims()).to.deep.equal(["data-web-0", "data-web-1"]);
    await probe.change({ replicas: 2 });
    expect((await parts.cluster.get(persistentVolumeClaims, "data-web-1")).metadata.uid).to.equal(uid);
    await parts.cluster.delete(statefulSets, "web");
    await parts.cluster.settle();
    expect(await claims()).to.deep.equal(["data-web-0", "data-web-1"]);
  });

  it("go with pods that are too many, where the policy says so", async () => {
    await apply(3, { whenScaled: "Delete" });
    expect(await claims()).to.deep.equal(["data-web-0", "data-web-1", "data-web-2"]);
    await probe.change({ replicas: 1 });
    await parts.cluster.step(1000);
    expect(await claims()).to.deep.equal(["data-web-0"]);
    await parts.cluster.delete(pods, "web-0");
    await parts.cluster.step(1000);
    expect(await claims()).to.deep.equal(["data-web-0"]);
    await probe.change({ replicas: 2 });
    await parts.cluster.delete(statefulSets, "web");
    await parts.cluster.step(1000);
    expect(await claims()).to.deep.equal(["data-web-0", "data-web-1"]);
  });

  it("go with the set, where the policy says so", async () => {
    await apply(2, { whenDeleted: "Delete" });
    expect(await claims()).to.deep.equal(["data-web-0 StatefulSet", "data-web-1 StatefulSet"]);
    await probe.change({ replicas: 1 });
    expect(await claims()).to.deep.equal(["data-web-0 StatefulSet", "data-web-1 StatefulSet"]);
    await parts.cluster.delete(statefulSets, "web");
    await parts.cluster.step(1000);
    expect(await claims()).to.deep.equal([]);
  });

  it("follow the policy when it changes", async () => {
    await apply(2, { whenDeleted: "Delete", whenScaled: "Delete" });
    expect(await claims()).to.deep.equal(["data-web-0 StatefulSet", "data-web-1 StatefulSet"]);
    await probe.change({ persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" } });
    expect(await claims()).to.deep.equal(["data-web-0", "data-web-1"]);
  });

  it("that are on their way out hold up the pod, which an event tells", async () => {
    await apply(1);
    const key = { namespace: "default", name: "data-web-0" };
    const finalizers = (names: readonly string[] | null) =>
      parts.cluster.client.patch(persistentVolumeClaims, key, {
        type: "merge",
        patch: { metadata: { finalizers: names } },
      });
    await finalizers(["test/hold"]);
    await parts.cluster.delete(persistentVolumeClaims, "data-web-0");
    await parts.cluster.delete(pods, "web-0");
    await parts.cluster.settle();
    expect(await probe.names()).to.deep.equal([]);
    const messages = (await parts.cluster.list(events)).map(({ message }) => message);
    expect(messages).to.include("create Pod web-0 in StatefulSet web failed error: pvc data-web-0 is being deleted");
    await finalizers(null);
    await parts.cluster.step(60_000);
    expect(await probe.names()).to.deep.equal(["web-0"]);
  });
});
