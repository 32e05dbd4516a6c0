import { expect } from "chai";
import { POD_GROUP_LABEL } from "../api/kctl-scheduling/pod-group.ts";
import { pods, type Pod } from "../api/core/pod.ts";
import { leases } from "../api/coordination/lease.ts";
import { offers } from "../api/kctl-scheduling/offer.ts";
import { seededRandom, uuid } from "../lib/random.ts";
import { asStored, newNode, newPod } from "../testing/builders.ts";
import { TestCluster, type Component } from "../testing/cluster.ts";
import { runScheduler } from "./run-scheduler.ts";
import { isInShard, parseShard, shardName, type Shard } from "./shard.ts";

const COUNT = 3;
const shards: readonly Shard[] = Array.from({ length: COUNT }, (_, index) => ({ number: index + 1, count: COUNT }));
const podOf = (uid: string, labels = {}) => asStored<Pod>(newPod("p", { labels }), { uid });
const shardsOf = (pod: Pod) => shards.filter((shard) => isInShard(pod, shard)).map(({ number }) => number);

describe("a shard of the pods", () => {
  const texts: [string, Shard | undefined][] = [
    ["1/1", { number: 1, count: 1 }],
    ["2/3", { number: 2, count: 3 }],
    ["1000/1000", { number: 1000, count: 1000 }],
    ...["0/3", "4/3", "3", "/3", "1/", "-1/3", "1/1001", "1/2/3", " 1/2", "1e1/20", ""].map(
      (text): [string, undefined] => [text, undefined],
    ),
  ];
  for (const [text, shard] of texts) {
    it(`is ${shard ? `number ${shard.number} of ${shard.count}` : "none"} by the text "${text}"`, () => {
      expect(parseShard(text)).to.deep.equal(shard);
    });
  }

  it("has each pod to itself, and about as many as the others", () => {
    const random = seededRandom(1);
    const found = Array.from({ length: 3000 }, () => shardsOf(podOf(uuid(random))));
    expect(found.every(({ length }) => length === 1)).to.equal(true);
    for (const { number } of shards) {
      expect(found.filter(([only]) => only === number).length).to.be.within(900, 1100);
    }
  });

  it("has all pods of a group, or none", () => {
    const random = seededRandom(1);
    const found = Array.from({ length: 50 }, () => shardsOf(podOf(uuid(random), { [POD_GROUP_LABEL]: "gang" })));
    expect(new Set(found.flat()).size).to.equal(1);
  });
});

describe("three schedulers of one name, each with its part of the pods", () => {
  const PODS = 300;
  const NODES = 10;
  let cluster: TestCluster;
  afterEach(() => cluster.stop());
  const component =
    (shard: Shard): Component =>
    (parts, signal) =>
      runScheduler({ ...parts, shard }, signal);

  it("bind all pods, each once, though there is room for little more", async () => {
    cluster = await TestCluster.start({ components: shards.map(component) });
    for (let index = 0; index < NODES; index++) await cluster.addNodes(newNode(`n${index}`, { cpu: "32" }));
    const bound: string[] = [];
    cluster.run(async ({ client }, signal) => {
      for await (const event of client.watch(pods, { signal })) {
        if (event.type === "MODIFIED" && event.object.spec.nodeName) bound.push(event.object.metadata.name);
      }
    });
    await Promise.all(Array.from({ length: PODS }, (_, index) => cluster.apply(newPod(`p${index}`, { cpu: "1" }))));
    await cluster.step(30_000);
    expect((await cluster.list(pods)).filter(({ spec }) => !spec.nodeName)).to.have.lengthOf(0);
    expect(new Set(bound).size).to.equal(PODS);
    expect(bound).to.have.lengthOf(PODS);
    const { text } = await cluster.metrics.render();
    const outcomes = shards.map((shard) => {
      const name = shardName("default-scheduler", shard);
      expect(text).to.contain(`kctl_placement_conflict_fraction{scheduler="${name}"}`);
      return Number(new RegExp(`bindings_total{scheduler="${name}",outcome="bound"} (\\d+)`).exec(text)?.[1]);
    });
    for (const count of outcomes) expect(count).to.be.within(PODS / COUNT / 2, PODS / COUNT / 0.6);
    expect(outcomes.reduce((a, b) => a + b, 0)).to.equal(PODS);
  });

  it("keep free what is promised to a pod of another shard", async () => {
    cluster = await TestCluster.start();
    await cluster.addNodes(newNode("n", { cpu: "2" }));
    await cluster.apply(newPod("promised", { cpu: "2" }));
    await cluster.setStatus(pods, "promised", { nominatedNodeName: "n" });
    const promised = await cluster.get(pods, "promised");
    const other = shards.find((shard) => !isInShard(promised, shard)) ?? expect.fail();
    let name = "";
    for (let index = 0; name === ""; index++) {
      await cluster.apply(newPod(`p${index}`, { cpu: "2" }));
      if (isInShard(await cluster.get(pods, `p${index}`), other)) name = `p${index}`;
    }
    cluster.run(component(other));
    await cluster.step(2000);
    expect((await cluster.get(pods, name)).spec.nodeName).to.equal(undefined);
    await cluster.delete(pods, "promised");
    await cluster.step(5000);
    expect((await cluster.get(pods, name)).spec.nodeName).to.equal("n");
  });

  it("have a leader each", async () => {
    const replica: Component = (parts, signal) =>
      runScheduler({ ...parts, shard: { number: 2, count: 3 }, replica: "a" }, signal);
    cluster = await TestCluster.start({ components: [replica] });
    const found = (await cluster.list(leases)).map(({ metadata }) => metadata.name);
    expect(found).to.deep.equal(["kube-scheduler-2-of-3"]);
    expect(await cluster.list(offers)).to.deep.equal([]);
  });
});
