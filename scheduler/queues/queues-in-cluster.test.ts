// Queues in a cluster: the scheduler with everything around it, under a clock that the tests move.

import { expect } from "chai";
import { namespaces } from "../../api/core/namespace.ts";
import { pods } from "../../api/core/pod.ts";
import { podCondition } from "../../api/core/pod-state.ts";
import { QUEUE_LABEL, queues } from "../../api/kctl-scheduling/queue.ts";
import { newNode, newPod } from "../../testing/builders.ts";
import { TestCluster, type Component } from "../../testing/cluster.ts";
import { newMembers, newPodGroup, newQueue, newQueued, newQueuedPods } from "../../testing/gang-builders.ts";
import { runScheduler } from "../run-scheduler.ts";

const scheduler: Component = (parts, signal) => runScheduler(parts, signal);
const cpu = (count: number) => ({ cpu: String(count) });

describe("queues in a cluster", () => {
  let cluster: TestCluster;
  afterEach(() => cluster.stop());

  const start = async (...cpus: string[]) => {
    cluster = await TestCluster.start({ components: [scheduler] });
    await cluster.addNodes(...cpus.map((each, index) => newNode(`n${index}`, { cpu: each })));
  };

  /** The names of the pods that have a node. */
  const placed = async () =>
    (await cluster.list(pods))
      .filter(({ spec }) => spec.nodeName)
      .map(({ metadata }) => metadata.name)
      .sort();
  const names = (queue: string, ...indices: number[]) => indices.map((index) => `${queue}-${index}`);
  const messageOf = async (name: string) => podCondition(await cluster.get(pods, name), "PodScheduled")?.message;

  it("borrow what others leave idle, and give it back within one pass", async () => {
    await start("4");
    await cluster.apply(newQueue("a", { guarantee: cpu(2) }), newQueue("b", { guarantee: cpu(2) }));
    for (const pod of newQueuedPods("a", 4)) {
      await cluster.apply(pod);
      await cluster.step(1000);
    }
    expect(await placed()).to.deep.equal(names("a", 0, 1, 2, 3));
    await cluster.apply(...newQueuedPods("b", 3));
    await cluster.step(2000);
    const now = await placed();
    expect(now.filter((name) => name.startsWith("a"))).to.have.lengthOf(2);
    expect(now.filter((name) => name.startsWith("b"))).to.have.lengthOf(2);
  });

  it("evict the newest and least important first", async () => {
    await start("4");
    await cluster.apply(newQueue("a", { guarantee: cpu(2) }), newQueue("b", { guarantee: cpu(2) }));
    for (const [index, pod] of newQueuedPods("a", 4).entries()) {
      await cluster.apply(pod);
      await cluster.step(1000);
      await cluster.setStatus(pods, `a-${index}`, { phase: "Running", startTime: `2026-01-01T00:00:1${index}Z` });
    }
    await cluster.apply(newQueued("b-0", "b"));
    await cluster.step(2000);
    expect(await placed()).to.deep.equal([...names("a", 0, 1, 2), "b-0"]);
  });

  it("take nothing back beyond what is guaranteed, nor where they say so", async () => {
    await start("4");
    await cluster.apply(
      newQueue("a", { guarantee: cpu(3) }),
      newQueue("b", { guarantee: cpu(1) }),
      newQueue("c", { guarantee: cpu(1), reclaim: false }),
    );
    await cluster.apply(...newQueuedPods("a", 4));
    await cluster.step(1000);
    await cluster.apply(newQueued("c-0", "c"));
    await cluster.step(15_000);
    expect(await placed()).to.deep.equal(names("a", 0, 1, 2, 3));
    await cluster.apply(...newQueuedPods("b", 2));
    await cluster.step(15_000);
    const now = await placed();
    expect([now.length, now.filter((name) => name.startsWith("b")).length]).to.deep.equal([4, 1]);
  });

  it("have no more than their maximum, and start as many as fit when it has room again", async () => {
    await start("8");
    await cluster.apply(newQueue("a", { max: cpu(2) }), ...newQueuedPods("a", 4));
    await cluster.step(1000);
    const first = await placed();
    expect(first).to.have.lengthOf(2);
    const waiting = names("a", 0, 1, 2, 3).find((name) => !first.includes(name)) ?? "";
    expect(await messageOf(waiting)).to.equal('queue "a" may have 2 cpu: it has 2, and 1 more are asked for');
    await cluster.delete(pods, first[0] ?? "");
    await cluster.settle();
    expect(await placed()).to.have.lengthOf(2);
    const old = await cluster.get(queues, "a");
    await cluster.client.update(queues, { ...old, spec: { ...old.spec, max: cpu(3) } });
    await cluster.settle();
    expect(await placed()).to.have.lengthOf(3);
  });

  it("let a small pod pass a large one that their maximum keeps waiting", async () => {
    await start("8");
    await cluster.apply(newQueue("a", { max: cpu(2) }), newQueued("large", "a", { cpu: "3" }), newQueued("small", "a"));
    await cluster.settle();
    expect(await placed()).to.deep.equal(["small"]);
  });

  it("do not let small pods starve a gang that their maximum keeps waiting", async () => {
    await start("8");
    const spec = { restartPolicy: "Never" as const };
    await cluster.apply(newQueue("a", { max: cpu(3) }), ...newQueuedPods("a", 3, { spec }));
    await cluster.settle();
    await cluster.apply(newPodGroup("g", { minMember: 3, queue: "a" }), ...newMembers("g", 3));
    await cluster.settle();
    for (const index of [0, 1, 2]) {
      await cluster.apply(newQueued(`later-${index}`, "a", { spec }));
      await cluster.delete(pods, `a-${index}`);
      await cluster.step(1000);
    }
    await cluster.step(15_000);
    expect(await placed()).to.deep.equal(names("g", 0, 1, 2));
  });

  it("let pods pass a gang that will never fit beside what runs for ever", async () => {
    await start("8");
    await cluster.apply(newQueue("a", { max: cpu(3) }), newQueued("service", "a"));
    await cluster.settle();
    await cluster.apply(newPodGroup("g", { minMember: 3, queue: "a" }), ...newMembers("g", 3));
    await cluster.settle();
    await cluster.apply(newQueued("other", "a"));
    await cluster.settle();
    expect(await placed()).to.deep.equal(["other", "service"]);
  });

  it("share by their tree: a queue takes back from its sibling, and its parent from others", async () => {
    await start("8");
    await cluster.apply(
      newQueue("p", { guaranteePercent: 50 }),
      newQueue("p1", { parent: "p", guaranteePercent: 50 }),
      newQueue("p2", { parent: "p", guaranteePercent: 50 }),
      newQueue("r", { guaranteePercent: 50 }),
      ...newQueuedPods("p2", 4, { memory: "1Mi" }),
      ...newQueuedPods("r", 4, { memory: "1Mi" }),
    );
    await cluster.step(2000);
    expect(await placed()).to.have.lengthOf(8);
    await cluster.apply(...newQueuedPods("p1", 3, { memory: "1Mi" }));
    await cluster.step(15_000);
    const now = await placed();
    const count = (queue: string) => now.filter((name) => name.startsWith(`${queue}-`)).length;
    expect([count("p1"), count("p2"), count("r")]).to.deep.equal([2, 2, 4]);
  });

  it("give back the members that a gang can spare first, and then the gang as a whole", async () => {
    await start("4");
    await cluster.apply(
      newQueue("a"),
      newQueue("b", { guarantee: cpu(4) }),
      newPodGroup("g", { minMember: 2, queue: "a" }),
      ...newMembers("g", 4),
    );
    await cluster.step(2000);
    expect(await placed()).to.have.lengthOf(4);
    await cluster.apply(newQueued("b-0", "b"));
    await cluster.step(2000);
    expect((await placed()).filter((name) => name.startsWith("g"))).to.have.lengthOf(3);
    await cluster.apply(newQueued("b-1", "b"));
    await cluster.step(2000);
    expect((await placed()).filter((name) => name.startsWith("g"))).to.have.lengthOf(2);
    await cluster.apply(newQueued("b-2", "b"));
    await cluster.step(2000);
    expect(await placed()).to.deep.equal(names("b", 0, 1, 2));
  });

  it("are a namespace's by its label, and their pods' message says what is wrong with them", async () => {
    await start("4");
    const old = await cluster.get(namespaces, "default");
    const labels = { ...old.metadata.labels, [QUEUE_LABEL]: "team" };
    await cluster.client.update(namespaces, { ...old, metadata: { ...old.metadata, labels } });
    await cluster.apply(newPod("a", { cpu: "1" }));
    await cluster.settle();
    expect(await messageOf("a")).to.equal('there is no queue "team"');
    await cluster.apply(newQueue("team", { parent: "lost" }));
    await cluster.settle();
    expect(await messageOf("a")).to.equal('queue "team" is a part of queue "lost", which does not exist');
    await cluster.apply(newQueue("lost", { state: "Closed" }));
    await cluster.settle();
    expect(await messageOf("a")).to.equal('queue "lost" is closed');
    const closed = await cluster.get(queues, "lost");
    await cluster.client.update(queues, { ...closed, spec: { ...closed.spec, state: "Open" } });
    await cluster.settle();
    expect(await placed()).to.deep.equal(["a"]);
  });

  it("say in the status what is used, and write nothing when nothing changes", async () => {
    await start("4");
    await cluster.apply(newQueue("p"), newQueue("a", { parent: "p", guarantee: cpu(2) }), ...newQueuedPods("a", 5));
    await cluster.step(20_000);
    for (const name of ["a", "p"]) {
      const { status } = await cluster.get(queues, name);
      expect(status).to.deep.include({ pending: 1, admitted: 4, share: 200, borrowed: { cpu: "2" } });
      expect(status.used).to.deep.equal({ cpu: "4", pods: "4" });
      expect(status.conditions?.[0]).to.include({ type: "Ready", status: "True" });
    }
    const revision = await cluster.store.revision();
    await cluster.step(200_000);
    expect(await cluster.store.revision()).to.equal(revision);
    await cluster.client.delete(queues, { name: "p" });
    await cluster.settle();
    expect((await cluster.get(queues, "a")).status.conditions?.[0]).to.include({
      status: "False",
      reason: "ParentMissing",
    });
  });
});
