import { expect } from "chai";
import { replicaSets, type ReplicaSet } from "../../api/apps/replica-set.ts";
import { events } from "../../api/core/event.ts";
import { isPodActive } from "../../api/core/pod-state.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { findCondition } from "../../api/meta/condition-list.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { controllerOf } from "../../api/meta/owner.ts";
import { StatusError } from "../../api/meta/status.ts";
import { newPod } from "../../testing/builders.ts";
import {
  allControllers,
  laggingControllers,
  startControllerCluster,
  type ControllerCluster,
} from "../../testing/controller-cluster.ts";
import type { Component } from "../../testing/cluster.ts";

const labels = { app: "web" };

function newReplicaSet(replicas: number, spec: Partial<ReplicaSet["spec"]> = {}): NewObject<ReplicaSet> {
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name: "web", namespace: "default" },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: newPod("x").spec },
      ...spec,
    },
  };
}

describe("a ReplicaSet", () => {
  let parts: ControllerCluster;
  /** Whether creating pods is refused, as a quota would. */
  let refuses = false;
  const refusing: Component = (given, signal) =>
    allControllers(
      {
        ...given,
        transport: (request) => {
          if (refuses && request.method === "POST" && request.path.endsWith("/pods")) {
            const object = new StatusError("Forbidden", "exceeded quota").toStatus();
            return Promise.resolve({ status: 403, headers: {}, body: { kind: "object", object, chunks: () => [] } });
          }
          return given.transport(request);
        },
      },
      signal,
    );

  beforeEach(async () => {
    refuses = false;
    parts = await startControllerCluster({ controllers: refusing, nodes: ["n1", "n2"] });
  });
  afterEach(() => parts.cluster.stop());

  const replicaSet = () => parts.cluster.get(replicaSets, "web");
  const activePods = async () => (await parts.cluster.list(pods)).filter(isPodActive);
  const names = (all: readonly Pod[]) => all.map(({ metadata }) => metadata.name).sort();
  const apply = async (wanted: NewObject<ReplicaSet> | NewObject<Pod>) => {
    await parts.cluster.apply(wanted);
    await parts.cluster.settle();
  };
  const patch = async (key: { namespace: string; name: string }, labelsToSet: Record<string, string | null>) => {
    await parts.cluster.client.patch(pods, key, { type: "merge", patch: { metadata: { labels: labelsToSet } } });
    await parts.cluster.settle();
  };
  const scale = (replicas: number) =>
    parts.cluster.client.patch(
      replicaSets,
      { namespace: "default", name: "web" },
      { type: "merge", patch: { spec: { replicas } } },
    );

  it("creates its pods and counts them", async () => {
    await apply(newReplicaSet(3));
    const all = await activePods();
    expect(all).to.have.length(3);
    expect(all.map((pod) => controllerOf(pod)?.name)).to.deep.equal(["web", "web", "web"]);
    expect((await replicaSet()).status).to.deep.equal({
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      observedGeneration: 1,
    });
    const reasons = (await parts.cluster.list(events)).map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason === "SuccessfulCreate")).to.have.length(3);
    expect(parts.errors).to.deep.equal([]);
  });

  it("replaces a pod that is killed, and one that fails", async () => {
    await apply(newReplicaSet(3));
    const [first, second] = names(await activePods());
    await parts.cluster.delete(pods, first ?? "");
    await parts.cluster.setStatus(pods, second ?? "", { phase: "Failed" });
    await parts.cluster.settle();
    const now = names(await activePods());
    expect(now).to.have.length(3);
    expect(now).to.not.include.members([first, second]);
  });

  it("gives up the pods that are not ready first", async () => {
    let sick = 0;
    parts.kubelet.isHealthy = () => sick++ % 2 === 0;
    await apply(newReplicaSet(4));
    const ready = (await activePods()).filter(
      (pod) => findCondition(pod.status.conditions, "Ready")?.status === "True",
    );
    await scale(2);
    await parts.cluster.settle();
    expect(names(await activePods())).to.deep.equal(names(ready));
  });

  it("adopts a matching pod that nobody owns instead of creating one", async () => {
    await apply(newPod("mine", { labels }));
    await apply(newReplicaSet(2));
    const all = await activePods();
    expect(all).to.have.length(2);
    expect(controllerOf(all.find(({ metadata }) => metadata.name === "mine") as Pod)).to.include({ name: "web" });
  });

  it("does not adopt a pod that has ended", async () => {
    await apply(newPod("done", { labels }));
    await parts.cluster.setStatus(pods, "done", { phase: "Succeeded" });
    await apply(newReplicaSet(1));
    expect(controllerOf(await parts.cluster.get(pods, "done"))).to.equal(undefined);
  });

  it("lets a pod go whose labels no longer match, and replaces it", async () => {
    await apply(newReplicaSet(2));
    const [first = ""] = names(await activePods());
    await patch({ namespace: "default", name: first }, { app: "debug" });
    expect(controllerOf(await parts.cluster.get(pods, first))).to.equal(undefined);
    expect(await activePods()).to.have.length(3);
    await patch({ namespace: "default", name: first }, { app: "web" });
    expect(await activePods()).to.have.length(2);
  });

  it("shows that it cannot create pods, tries ever more slowly, and recovers", async () => {
    refuses = true;
    await apply(newReplicaSet(5));
    const failure = findCondition((await replicaSet()).status.conditions, "ReplicaFailure");
    expect(failure).to.deep.include({ status: "True", reason: "FailedCreate", message: "exceeded quota" });
    const failed = (await parts.cluster.list(events)).find(({ reason }) => reason === "FailedCreate");
    expect(failed?.message).to.equal("Error creating: exceeded quota");
    const attempts = parts.errors.length;
    await parts.cluster.step(60_000);
    expect(parts.errors.length - attempts).to.be.within(1, 12);
    refuses = false;
    await parts.cluster.step(120_000);
    expect(await activePods()).to.have.length(5);
    expect(findCondition((await replicaSet()).status.conditions, "ReplicaFailure")).to.equal(undefined);
  });

  it("counts a pod as available only after minReadySeconds", async () => {
    await apply(newReplicaSet(1, { minReadySeconds: 20 }));
    expect((await replicaSet()).status)
      .to.include({ readyReplicas: 1 })
      .and.not.have.property("availableReplicas");
    await parts.cluster.step(21_000);
    expect((await replicaSet()).status).to.include({ readyReplicas: 1, availableReplicas: 1 });
  });
});

describe("a ReplicaSet whose controller hears late of its own pods", () => {
  it("creates each pod once, and deletes no more than it should", async () => {
    const { cluster } = await startControllerCluster({ controllers: laggingControllers(() => 50) });
    let created = 0;
    let fewest = Infinity;
    const { resourceVersion } = await cluster.client.list(pods);
    const stop = new AbortController();
    const watch = async () => {
      const alive = new Set<string>();
      for await (const event of cluster.client.watch(pods, { resourceVersion, signal: stop.signal })) {
        if (event.type === "BOOKMARK") continue;
        if (event.type === "ADDED") created++;
        if (event.type !== "DELETED" && isPodActive(event.object)) alive.add(event.object.metadata.uid);
        else alive.delete(event.object.metadata.uid);
        if (created === 30) fewest = Math.min(fewest, alive.size);
      }
    };
    const watching = watch().catch(() => undefined);
    await cluster.apply(newReplicaSet(1));
    await cluster.step(1000);
    for (const replicas of [10, 20, 30, 25, 20, 10]) {
      const patch = { type: "merge", patch: { spec: { replicas } } } as const;
      await cluster.client.patch(replicaSets, { namespace: "default", name: "web" }, patch);
      // Long enough for the change to arrive, too short for what is made of it to be seen.
      for (let look = 0; look < 6; look++) {
        const touch = { type: "merge", patch: { metadata: { labels: { look: String(look) } } } } as const;
        await cluster.client.patch(replicaSets, { namespace: "default", name: "web" }, touch);
        await cluster.clock.advance(15);
      }
    }
    await cluster.step(1000);
    stop.abort();
    await watching;
    expect(await cluster.list(pods)).to.have.length(10);
    expect([created, fewest]).to.deep.equal([30, 10]);
    await cluster.stop();
  });
});
