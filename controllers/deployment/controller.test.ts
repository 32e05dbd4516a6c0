import { expect } from "chai";
import fc from "fast-check";
import { deployments, type Deployment } from "../../api/apps/deployment.ts";
import { replicaSets, type ReplicaSet } from "../../api/apps/replica-set.ts";
import { events } from "../../api/core/event.ts";
import { isPodActive, isPodReady } from "../../api/core/pod-state.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { findCondition } from "../../api/meta/condition-list.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { seededRandom } from "../../lib/random.ts";
import { newDeployment, newPod } from "../../testing/builders.ts";
import type { TestCluster } from "../../testing/cluster.ts";
import {
  allControllers,
  laggingControllers,
  startControllerCluster,
  type ControllerCluster,
} from "../../testing/controller-cluster.ts";
import { rolloutBounds } from "./bounds.ts";

const rolling = (maxSurge: number | string, maxUnavailable: number | string): Partial<Deployment["spec"]> => ({
  strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } },
});

describe("a Deployment", () => {
  let parts: ControllerCluster;
  beforeEach(async () => {
    parts = await startControllerCluster();
  });
  afterEach(async () => {
    await parts.cluster.stop();
    expect(parts.errors).to.deep.equal([]);
  });

  const deployment = () => parts.cluster.get(deployments, "web");
  const sets = async () =>
    [...(await parts.cluster.list(replicaSets))].sort((a, b) => revisionOf(a).localeCompare(revisionOf(b)));
  const activePods = async () => (await parts.cluster.list(pods)).filter(isPodActive);
  const images = async () => (await activePods()).map(imageOf).sort();
  const change = async (spec: Partial<Deployment["spec"]>) => {
    const patch = { type: "merge", patch: { spec } } as const;
    await parts.cluster.client.patch(deployments, { namespace: "default", name: "web" }, patch);
  };
  const setImage = async (image: string) => change({ template: newDeployment("web", { image }).spec.template });
  const applyAndSettle = async (wanted: NewObject<Deployment>) => {
    await parts.cluster.apply(wanted);
    await parts.cluster.settle();
  };
  const progressing = async () => findCondition((await deployment()).status.conditions, "Progressing");

  it("runs its pods and reports it in Kubernetes' words", async () => {
    await applyAndSettle(newDeployment("web", { replicas: 3 }));
    const [set] = await sets();
    const { status, metadata } = await deployment();
    expect(status).to.deep.include({ observedGeneration: 1, replicas: 3, updatedReplicas: 3, readyReplicas: 3 });
    expect(status).to.deep.include({ availableReplicas: 3 }).and.not.have.property("unavailableReplicas");
    expect(findCondition(status.conditions, "Available")).to.deep.include({
      status: "True",
      reason: "MinimumReplicasAvailable",
      message: "Deployment has minimum availability.",
    });
    expect(await progressing()).to.deep.include({
      status: "True",
      reason: "NewReplicaSetAvailable",
      message: `ReplicaSet "${set?.metadata.name}" has successfully progressed.`,
    });
    expect(metadata.annotations).to.deep.equal({ "deployment.kubernetes.io/revision": "1" });
    expect(set?.metadata.annotations).to.deep.equal({
      "deployment.kubernetes.io/revision": "1",
      "deployment.kubernetes.io/desired-replicas": "3",
      "deployment.kubernetes.io/max-replicas": "4",
    });
    const hash = set?.metadata.labels?.["pod-template-hash"];
    expect(set?.metadata.name).to.equal(`web-${hash}`);
    expect(set?.spec.selector.matchLabels).to.deep.equal({ app: "web", "pod-template-hash": hash });
    const messages = (await parts.cluster.list(events)).map(({ reason, message }) => `${reason}: ${message}`);
    expect(messages).to.include(`ScalingReplicaSet: Scaled up replica set web-${hash} from 0 to 3`);
  });

  it("rolls a new template out and keeps the old ReplicaSet empty", async () => {
    await applyAndSettle(newDeployment("web", { replicas: 4, image: "app:1" }));
    await setImage("app:2");
    await parts.cluster.settle();
    expect(await images()).to.deep.equal(["app:2", "app:2", "app:2", "app:2"]);
    expect((await sets()).map(sizeOf)).to.deep.equal([0, 4]);
    expect((await deployment()).metadata.annotations).to.include({ "deployment.kubernetes.io/revision": "2" });
  });

  it("goes back to the old ReplicaSet, with a new revision number, when the old template comes back", async () => {
    await applyAndSettle(newDeployment("web", { replicas: 2, image: "app:1" }));
    const [first] = await sets();
    for (const image of ["app:2", "app:1"]) {
      await setImage(image);
      await parts.cluster.settle();
    }
    const [second, current] = await sets();
    expect(current?.metadata.uid).to.equal(first?.metadata.uid);
    expect(current?.metadata.annotations).to.include({
      "deployment.kubernetes.io/revision": "3",
      "deployment.kubernetes.io/revision-history": "1",
    });
    expect([second, current].map((each) => each && sizeOf(each))).to.deep.equal([0, 2]);
    expect(await images()).to.deep.equal(["app:1", "app:1"]);
  });

  it("keeps no more old ReplicaSets than its history limit", async () => {
    await applyAndSettle(newDeployment("web", { replicas: 1, spec: { revisionHistoryLimit: 2 } }));
    for (const image of ["app:2", "app:3", "app:4", "app:5"]) {
      await setImage(image);
      await parts.cluster.settle();
    }
    expect((await sets()).map(revisionOf)).to.deep.equal(["3", "4", "5"]);
  });

  it("starts nothing new while paused, and rolls out when resumed", async () => {
    await applyAndSettle(newDeployment("web", { replicas: 2, image: "app:1" }));
    await change({ paused: true });
    await setImage("app:2");
    await parts.cluster.settle();
    expect(await images()).to.deep.equal(["app:1", "app:1"]);
    expect(await progressing()).to.include({ status: "Unknown", reason: "DeploymentPaused" });
    await change({ replicas: 3 });
    await parts.cluster.settle();
    expect(await images()).to.deep.equal(["app:1", "app:1", "app:1"]);
    await change({ paused: false });
    await parts.cluster.settle();
    expect(await images()).to.deep.equal(["app:2", "app:2", "app:2"]);
    expect(await progressing()).to.include({ status: "True", reason: "NewReplicaSetAvailable" });
  });

  it("stops halfway when paused in the middle", async () => {
    parts.kubelet.isHealthy = (pod) => imageOf(pod) !== "app:2";
    await applyAndSettle(newDeployment("web", { replicas: 4, image: "app:1", spec: rolling(1, 1) }));
    await setImage("app:2");
    await parts.cluster.settle();
    await change({ paused: true });
    await parts.cluster.settle();
    const before = (await sets()).map(sizeOf);
    parts.kubelet.isHealthy = () => true;
    for (const pod of await activePods()) {
      if (!isPodReady(pod)) await parts.cluster.client.delete(pods, { namespace: "default", name: pod.metadata.name });
    }
    await parts.cluster.settle();
    expect((await sets()).map(sizeOf)).to.deep.equal(before);
    await change({ paused: false });
    await parts.cluster.settle();
    expect(await images()).to.deep.equal(["app:2", "app:2", "app:2", "app:2"]);
  });

  it("ends every old pod before the first new one comes when it recreates", async () => {
    await applyAndSettle(
      newDeployment("web", { replicas: 3, image: "app:1", spec: { strategy: { type: "Recreate" } } }),
    );
    const seen: string[][] = [];
    const watched = watchPods(parts.cluster, (all) => seen.push([...new Set(all.map(imageOf))].sort()));
    await setImage("app:2");
    await parts.cluster.settle();
    watched.stop();
    expect(await images()).to.deep.equal(["app:2", "app:2", "app:2"]);
    expect(seen.filter((together) => together.length > 1)).to.deep.equal([]);
  });

  it("shares a change of size out in the middle of a stuck rollout", async () => {
    parts.kubelet.isHealthy = (pod) => imageOf(pod) !== "app:2";
    await applyAndSettle(newDeployment("web", { replicas: 10, image: "app:1", spec: rolling(3, 2) }));
    await setImage("app:2");
    await parts.cluster.settle();
    expect((await sets()).map(sizeOf)).to.deep.equal([8, 5]);
    await change({ replicas: 20 });
    await parts.cluster.settle();
    // 23 pods may be: the shares of 8 and 5 of 13.
    expect((await sets()).map(sizeOf)).to.deep.equal([14, 9]);
    await change({ replicas: 5 });
    await parts.cluster.settle();
    expect((await sets()).map(sizeOf).reduce((a, b) => a + b)).to.be.at.most(8);
    expect((await activePods()).filter(isPodReady)).to.have.length.of.at.least(3);
  });

  it("reports that it makes no progress once the deadline has passed, and recovers by a new template", async () => {
    parts.kubelet.isHealthy = (pod) => imageOf(pod) !== "app:2";
    await applyAndSettle(newDeployment("web", { replicas: 2, image: "app:1", spec: { progressDeadlineSeconds: 30 } }));
    await setImage("app:2");
    await parts.cluster.step(29_000);
    expect(await progressing()).to.include({ status: "True", reason: "ReplicaSetUpdated" });
    await parts.cluster.step(4_000);
    const stuck = (await sets()).at(-1);
    expect(await progressing()).to.include({
      status: "False",
      reason: "ProgressDeadlineExceeded",
      message: `ReplicaSet "${stuck?.metadata.name}" has timed out progressing.`,
    });
    await change({ paused: true });
    await parts.cluster.settle();
    expect(await progressing()).to.include({ reason: "ProgressDeadlineExceeded" });
    await change({ paused: false });
    await setImage("app:3");
    await parts.cluster.settle();
    expect(await progressing()).to.include({ status: "True", reason: "NewReplicaSetAvailable" });
    expect(await images()).to.deep.equal(["app:3", "app:3"]);
  });

  it("waits for minReadySeconds before it goes on", async () => {
    await applyAndSettle(
      newDeployment("web", { replicas: 2, image: "app:1", spec: { minReadySeconds: 10, ...rolling(1, 0) } }),
    );
    await parts.cluster.step(11_000);
    expect((await deployment()).status).to.include({ availableReplicas: 2 });
    await setImage("app:2");
    await parts.cluster.step(5_000);
    expect((await sets()).map(sizeOf)).to.deep.equal([2, 1]);
    await parts.cluster.step(30_000);
    expect((await sets()).map(sizeOf)).to.deep.equal([0, 2]);
  });

  it("adopts a ReplicaSet that matches and has no owner", async () => {
    await applyAndSettle(newDeployment("web", { replicas: 2 }));
    const [made] = await sets();
    await parts.cluster.client.delete(
      deployments,
      { namespace: "default", name: "web" },
      { propagationPolicy: "Orphan" },
    );
    await parts.cluster.settle();
    const [orphan] = await sets();
    expect(orphan?.metadata.ownerReferences ?? []).to.deep.equal([]);
    const before = (await activePods()).map(({ metadata }) => metadata.uid).sort();
    await applyAndSettle(newDeployment("web", { replicas: 2 }));
    const [adopted] = await sets();
    expect(adopted?.metadata.uid).to.equal(made?.metadata.uid);
    expect(adopted?.metadata.ownerReferences).to.have.length(1);
    expect((await activePods()).map(({ metadata }) => metadata.uid).sort()).to.deep.equal(before);
  });

  it("leaves other people's conditions alone", async () => {
    await applyAndSettle(newDeployment("web", { replicas: 1 }));
    const foreign = { type: "StatusUpdate", status: "True", reason: "E2E", message: "Set from a test" };
    const { status } = await deployment();
    await parts.cluster.setStatus(deployments, "web", { conditions: [...(status.conditions ?? []), foreign] });
    await change({ replicas: 2 });
    await parts.cluster.settle();
    const { conditions } = (await deployment()).status;
    expect(findCondition(conditions, "StatusUpdate")).to.deep.include(foreign);
    expect((await deployment()).status.availableReplicas).to.equal(2);
  });

  it("finds another name when the one it wants is taken by something else", async () => {
    await applyAndSettle(newDeployment("web", { replicas: 1, image: "app:1" }));
    const [made] = await sets();
    const name = made?.metadata.name ?? "";
    await parts.cluster.delete(deployments, "web");
    await parts.cluster.settle();
    const template = { metadata: { labels: { app: "other" } }, spec: newPod("x").spec };
    const squatter = { replicas: 0, selector: { matchLabels: { app: "other" } }, template };
    await parts.cluster.client.create(replicaSets, { metadata: { name, namespace: "default" }, spec: squatter });
    await applyAndSettle(newDeployment("web", { replicas: 1, image: "app:1" }));
    expect((await deployment()).status).to.include({ collisionCount: 1, availableReplicas: 1 });
    expect(await images()).to.deep.equal(["app:1"]);
  });

  it("scales to nothing and back", async () => {
    await applyAndSettle(newDeployment("web", { replicas: 2 }));
    await change({ replicas: 0 });
    await parts.cluster.settle();
    expect(await activePods()).to.deep.equal([]);
    expect((await deployment()).status).to.not.have.any.keys("replicas", "availableReplicas", "unavailableReplicas");
    await change({ replicas: 3 });
    await parts.cluster.settle();
    expect(await activePods()).to.have.length(3);
  });
});

/** Caches hear of changes at once, or late and some later than others. */
for (const lag of ["no", "some"] as const) {
  describe(`a rolling update while caches have ${lag} lag`, () => {
    const delays = seededRandom(7);
    const controllers = lag === "no" ? allControllers : laggingControllers(() => Math.floor(delays.float() * 80));

    it("keeps its bounds at every version that the server stores", async () => {
      const bound = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom("0%", "25%", "50%", "100%"));
      const scenario = fc
        .record({ replicas: fc.integer({ min: 1, max: 8 }), maxSurge: bound, maxUnavailable: bound })
        .filter(
          ({ maxSurge, maxUnavailable }) => ![maxSurge, maxUnavailable].every((each) => parseInt(`${each}`) === 0),
        );
      await fc.assert(
        fc.asyncProperty(scenario, async ({ replicas, maxSurge, maxUnavailable }) => {
          const { cluster, kubelet } = await startControllerCluster({ controllers });
          kubelet.isHealthy = (pod) => imageOf(pod) !== "app:broken";
          await cluster.apply(
            newDeployment("web", { replicas, image: "app:1", spec: rolling(maxSurge, maxUnavailable) }),
          );
          await cluster.step(2_000);
          const bounds = rolloutBounds(await cluster.get(deployments, "web"));
          const problems: string[] = [];
          const watched = watchPods(cluster, (all) => {
            const active = all.filter(isPodActive);
            const ready = active.filter(isPodReady).length;
            if (active.length > replicas + bounds.maxSurge) problems.push(`${active.length} pods`);
            if (ready < replicas - bounds.maxUnavailable) problems.push(`${ready} ready`);
          });
          await cluster.clock.advance(0);
          // The second rollout begins in the middle of the first, which never ends.
          for (const image of ["app:broken", "app:2"]) {
            const patch = { spec: { template: newDeployment("web", { image }).spec.template } };
            await cluster.client.patch(deployments, { namespace: "default", name: "web" }, { type: "merge", patch });
            await cluster.step(5_000);
          }
          watched.stop();
          expect(problems).to.deep.equal([]);
          expect(watched.count).to.be.greaterThan(replicas);
          const images = (await cluster.list(pods)).filter(isPodActive).map(imageOf);
          expect(images).to.deep.equal(Array.from({ length: replicas }, () => "app:2"));
          await cluster.stop();
        }),
        { numRuns: 8, seed: 1 },
      );
    }).timeout(60_000);
  });
}

const imageOf = (pod: Pod) => pod.spec.containers[0]?.image ?? "";
const sizeOf = ({ spec }: ReplicaSet) => spec.replicas ?? 1;
const revisionOf = ({ metadata }: ReplicaSet) => metadata.annotations?.["deployment.kubernetes.io/revision"] ?? "";

/** Calls `look` with all pods after each version that the server announces. */
function watchPods(cluster: TestCluster, look: (all: readonly Pod[]) => void) {
  const stop = new AbortController();
  const all = new Map<string, Pod>();
  const watched = { count: 0, stop: () => stop.abort() };
  const run = async () => {
    const { items, resourceVersion } = await cluster.client.list(pods);
    for (const pod of items) all.set(pod.metadata.uid, pod);
    for await (const event of cluster.client.watch(pods, { resourceVersion, signal: stop.signal })) {
      if (event.type === "BOOKMARK") continue;
      if (event.type === "DELETED") all.delete(event.object.metadata.uid);
      else all.set(event.object.metadata.uid, event.object);
      watched.count++;
      look([...all.values()]);
    }
  };
  void run().catch(() => undefined);
  return watched;
}
