// Gangs in a cluster: the scheduler with everything around it, under a clock that the tests move.

import { expect } from "chai";
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import { pods } from "../../api/core/pod.ts";
import { podCondition } from "../../api/core/pod-state.ts";
import { POD_GROUP_LABEL, podGroups } from "../../api/kctl-scheduling/pod-group.ts";
import type { KubeObject, NewObject } from "../../api/meta/object.ts";
import { TooLarge } from "../../apiserver/storage/store.ts";
import { priorityClasses, type PriorityClass } from "../../api/scheduling/priority-class.ts";
import { replicaSetController } from "../../controllers/replicaset/controller.ts";
import { newNode, newPod } from "../../testing/builders.ts";
import { TestCluster, type Component } from "../../testing/cluster.ts";
import { newMember, newMembers, newPodGroup } from "../../testing/gang-builders.ts";
import { storedObject } from "../../testing/stored-object.ts";
import { runScheduler } from "../run-scheduler.ts";

const scheduler: Component = (parts, signal) => runScheduler(parts, signal);

const newPriorityClass = (name: string): PriorityClass =>
  storedObject(priorityClasses, { metadata: { name, uid: undefined, resourceVersion: undefined } });

describe("gangs in a cluster", () => {
  let cluster: TestCluster;
  afterEach(() => cluster.stop());

  const start = async (...cpus: string[]) => {
    cluster = await TestCluster.start({ components: [scheduler] });
    await cluster.addNodes(...cpus.map((cpu, index) => newNode(`n${index}`, { cpu })));
  };

  /** How many pods of each group have a node. */
  async function placed(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { metadata, spec } of await cluster.list(pods)) {
      const name = metadata.labels?.[POD_GROUP_LABEL] ?? "none";
      counts[name] = (counts[name] ?? 0) + (spec.nodeName ? 1 : 0);
    }
    return counts;
  }

  const messageOf = async (name: string) => podCondition(await cluster.get(pods, name), "PodScheduled")?.message;
  const isPlaced = async (name: string) => (await cluster.get(pods, name)).spec.nodeName !== undefined;

  it("waits for all members, and is then placed at once", async () => {
    await start("4", "4");
    await cluster.apply(newPodGroup("g", { minMember: 8 }), ...newMembers("g", 7));
    await cluster.step(20_000);
    expect(await placed()).to.deep.equal({ g: 0 });
    expect(await messageOf("g-0")).to.equal('pod group "default/g" needs 8 members before it is placed');
    await cluster.apply(newMember("g-7", "g"));
    await cluster.settle();
    expect(await placed()).to.deep.equal({ g: 8 });
    const all = await cluster.list(pods);
    expect(new Set(all.map(({ metadata }) => metadata.resourceVersion)).size).to.equal(1);
  });

  it("places nobody of a gang of eight where seven have room, and all when the eighth has", async () => {
    await start("4", "3");
    await cluster.apply(newPodGroup("g", { minMember: 8 }), ...newMembers("g", 8));
    await cluster.step(20_000);
    expect(await placed()).to.deep.equal({ g: 0 });
    const message = "0/2 nodes are available: 2 Insufficient cpu.";
    expect(await messageOf("g-3")).to.match(
      new RegExp(`^${message.replaceAll(".", "\\.")}.* 7 of 8 pods that are placed together found a node\\.$`),
    );
    await cluster.addNodes(newNode("n9", { cpu: "1" }));
    await cluster.step(20_000);
    expect(await placed()).to.deep.equal({ g: 8 });
  });

  it("finishes one of two gangs that compete, and the other after it", async () => {
    await start("4", "4");
    const gangs = ["a", "b"];
    for (const name of gangs) await cluster.apply(newPodGroup(name, { minMember: 6 }));
    for (let index = 0; index < 6; index++)
      for (const name of gangs) await cluster.apply(newMember(`${name}-${index}`, name));
    await cluster.step(20_000);
    const first = (await placed()).a === 6 ? "a" : "b";
    const second = first === "a" ? "b" : "a";
    expect(await placed()).to.deep.equal({ [first]: 6, [second]: 0 });
    for (let index = 0; index < 6; index++) await cluster.setStatus(pods, `${first}-${index}`, { phase: "Succeeded" });
    await cluster.step(20_000);
    expect((await placed())[second]).to.equal(6);
  });

  it("replaces members that die one by one once it runs", async () => {
    await start("3");
    await cluster.apply(newPodGroup("g", { minMember: 3 }), ...newMembers("g", 3));
    await cluster.settle();
    await cluster.delete(pods, "g-0");
    await cluster.delete(pods, "g-1");
    await cluster.apply(newMember("g-3", "g"));
    await cluster.step(5000);
    expect(await isPlaced("g-3")).to.equal(true);
  });

  it("grows where there is room, up to its maximum", async () => {
    await start("4");
    await cluster.apply(newPodGroup("g", { minMember: 2, maxMember: 5 }), ...newMembers("g", 7));
    await cluster.step(5000);
    expect(await placed()).to.deep.equal({ g: 4 });
    await cluster.addNodes(newNode("n9", { cpu: "8" }));
    await cluster.step(20_000);
    expect(await placed()).to.deep.equal({ g: 5 });
  });

  it("pushes out as many pods of lower priority as it needs, and a gang only as a whole", async () => {
    await start("4", "4");
    const urgent: PriorityClass = { ...newPriorityClass("urgent"), value: 100 };
    await cluster.apply(urgent, newPodGroup("low", { minMember: 3 }), ...newMembers("low", 3));
    await cluster.step(1000);
    const gone = { terminationGracePeriodSeconds: 0 };
    for (let index = 0; index < 4; index++) await cluster.apply(newPod(`s${index}`, { cpu: "1", spec: gone }));
    await cluster.step(1000);
    const spec = { priorityClassName: "urgent" };
    await cluster.apply(newPodGroup("g", { minMember: 3 }), ...newMembers("g", 3, { spec }));
    await cluster.step(20_000);
    expect(await placed()).to.deep.equal({ low: 3, none: 2, g: 3 });
    await cluster.apply(newPodGroup("h", { minMember: 4 }), ...newMembers("h", 4, { spec }));
    await cluster.step(20_000);
    expect((await placed()).h).to.equal(4);
    expect((await placed()).low ?? 0).to.equal(0);
  });

  it("is tried again at once when it needs fewer members", async () => {
    await start("4");
    await cluster.apply(newPodGroup("g", { minMember: 5 }), ...newMembers("g", 6));
    await cluster.step(20_000);
    expect(await placed()).to.deep.equal({ g: 0 });
    const group = await cluster.get(podGroups, "g");
    await cluster.client.update(podGroups, { ...group, spec: { minMember: 4 } });
    await cluster.step(20_000);
    expect(await placed()).to.deep.equal({ g: 4 });
  });

  it("holds members of a group that is not there until it is", async () => {
    await start("4");
    await cluster.apply(...newMembers("g", 2));
    await cluster.settle();
    expect(await messageOf("g-1")).to.equal('there is no pod group "default/g"');
    await cluster.apply(newPodGroup("g", { minMember: 2 }));
    await cluster.settle();
    expect(await placed()).to.deep.equal({ g: 2 });
  });

  it("says that it is more than the store can take at once, and tries again when it is another gang", async () => {
    await start("4");
    const commit = cluster.store.commit.bind(cluster.store);
    cluster.store.commit = (transaction) =>
      transaction.writes.length > 3 ? Promise.reject(new TooLarge("no more than 3")) : commit(transaction);
    await cluster.apply(newPodGroup("g", { minMember: 3 }), ...newMembers("g", 3));
    await cluster.step(20_000);
    expect(await placed()).to.deep.equal({ g: 0 });
    expect(await messageOf("g-2")).to.match(/^an all-or-nothing placement is one transaction.* no more than 3;/);
    expect((await cluster.get(podGroups, "g")).status.conditions?.[0]).to.include({ status: "False" });
    const group = await cluster.get(podGroups, "g");
    await cluster.client.update(podGroups, { ...group, spec: { minMember: 2 } });
    await cluster.step(20_000);
    expect((await placed()).g).to.be.greaterThan(1);
  });

  it("says in the status what has become of the group", async () => {
    await start("2");
    await cluster.apply(newPodGroup("g", { minMember: 3 }), ...newMembers("g", 3));
    await cluster.step(2000);
    const waiting = await cluster.get(podGroups, "g");
    expect(waiting.status).to.include({ phase: "Pending", members: 3, scheduled: 0 });
    expect(waiting.status.conditions?.[0]).to.include({ type: "Scheduled", status: "False", reason: "Unschedulable" });
    await cluster.addNodes(newNode("n9", { cpu: "2" }));
    await cluster.step(20_000);
    for (let index = 0; index < 3; index++) await cluster.setStatus(pods, `g-${index}`, { phase: "Running" });
    await cluster.settle();
    const running = await cluster.get(podGroups, "g");
    expect(running.status).to.include({ phase: "Running", scheduled: 3, running: 3 });
    expect(running.status.conditions?.[0]).to.include({ type: "Scheduled", status: "True" });
    const revision = await cluster.store.revision();
    await cluster.step(200_000);
    expect(await cluster.store.revision()).to.equal(revision);
  });

  it("places the pods of a controller whose template names the group", async () => {
    cluster = await TestCluster.start({ components: [scheduler], controllers: [replicaSetController] });
    await cluster.addNodes(newNode("n1", { cpu: "7" }));
    const labels = { app: "train", [POD_GROUP_LABEL]: "g" };
    const template = { metadata: { labels }, spec: { containers: newPod("x", { cpu: "1" }).spec.containers } };
    const set: NewObject<ReplicaSet> = {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: { name: "train", namespace: "default" },
      spec: { replicas: 8, selector: { matchLabels: { app: "train" } }, template },
      status: { replicas: 0 },
    };
    await cluster.apply(newPodGroup("g", { minMember: 8 }), set);
    await cluster.step(10_000);
    expect(await placed()).to.deep.equal({ g: 0 });
    await cluster.addNodes(newNode("n2", { cpu: "1" }));
    await cluster.step(20_000);
    expect(await placed()).to.deep.equal({ g: 8 });
  });

  describe("in front of others", () => {
    const ends = (seconds: number) => ({ restartPolicy: "Never" as const, activeDeadlineSeconds: seconds });
    const small = (name: string, spec: object = {}) => newPod(name, { cpu: "1", spec });
    const apply = async (...objects: readonly NewObject<KubeObject>[]) => {
      await cluster.apply(...objects);
      await cluster.step(1000);
    };

    /** Three of four cores are taken by a pod that ends after ten minutes, and a gang waits for all four. */
    const startBlocked = async () => {
      await start("4");
      await apply(newPod("long", { cpu: "3", spec: ends(600) }));
      await cluster.setStatus(pods, "long", { phase: "Running", startTime: "2026-01-01T00:00:01Z" });
      await apply(newPodGroup("g", { minMember: 4 }), ...newMembers("g", 4));
      expect(await placed()).to.deep.equal({ none: 1, g: 0 });
    };

    it("lets a small pod use the room until the gang starts, and not one that would delay it", async () => {
      await startBlocked();
      await apply(small("forever"), small("too-long", ends(700)), small("short", ends(300)));
      expect([await isPlaced("forever"), await isPlaced("too-long"), await isPlaced("short")]).to.deep.equal([
        false,
        false,
        true,
      ]);
      expect(await messageOf("forever")).to.match(/Room is kept for pod group default\/g\.$/);
      await cluster.setStatus(pods, "short", { phase: "Succeeded" });
      await cluster.setStatus(pods, "long", { phase: "Failed" });
      await cluster.step(20_000);
      expect((await placed()).g).to.equal(4);
      expect([await isPlaced("forever"), await isPlaced("too-long")]).to.deep.equal([false, false]);
    });

    it("is not starved by a stream of small pods", async () => {
      await start("4");
      const stream = async (from: number, count: number) => {
        for (let index = from; index < from + count; index++)
          await cluster.apply(small(`s${index}`, { restartPolicy: "Never" }));
        await cluster.step(1000);
      };
      await stream(0, 4);
      await apply(newPodGroup("g", { minMember: 4 }), ...newMembers("g", 4));
      for (let index = 0; index < 4; index++) {
        await stream(4 + index * 2, 2);
        await cluster.setStatus(pods, `s${index}`, { phase: "Succeeded" });
        await cluster.step(11_000);
      }
      expect((await placed()).g).to.equal(4);
    });

    it("does not keep room where nothing that runs will ever end", async () => {
      await start("4");
      await apply(small("service"));
      await apply(newPodGroup("g", { minMember: 4 }), ...newMembers("g", 4));
      await apply(small("other"));
      expect(await isPlaced("other")).to.equal(true);
    });

    it("gives way to more urgent pods, and to nothing once it is gone", async () => {
      await startBlocked();
      await apply(
        newPod("urgent", {
          cpu: "1",
          namespace: "kube-system",
          spec: { priorityClassName: "system-node-critical", terminationGracePeriodSeconds: 0 },
        }),
      );
      expect(await isPlaced("kube-system/urgent")).to.equal(true);
      await cluster.delete(pods, "kube-system/urgent");
      await apply(small("waiting"));
      expect(await isPlaced("waiting")).to.equal(false);
      for (let index = 0; index < 4; index++) await cluster.delete(pods, `g-${index}`);
      await cluster.step(20_000);
      expect(await isPlaced("waiting")).to.equal(true);
    });

    it("gives up its place for a while when it has kept room for too long", async () => {
      await start("4");
      await apply(newPod("long", { cpu: "3", spec: ends(6000) }));
      await apply(newPodGroup("g", { minMember: 4, scheduleTimeoutSeconds: 60 }), ...newMembers("g", 4));
      await apply(small("waiting"));
      expect(await isPlaced("waiting")).to.equal(false);
      await cluster.step(80_000);
      expect(await isPlaced("waiting")).to.equal(true);
    });
  });
});
