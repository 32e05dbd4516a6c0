import { expect } from "chai";
import { namespaces } from "../../api/core/namespace.ts";
import { nodes } from "../../api/core/node.ts";
import { pods } from "../../api/core/pod.ts";
import { seededRandom } from "../../lib/random.ts";
import { runScheduler } from "../../scheduler/run-scheduler.ts";
import { newNode, newPod } from "../builders.ts";
import { TestCluster } from "../cluster.ts";
import { parseDump, replayScheduling } from "./replay-scheduling.ts";

const NODES = 12;
const WAITING = 60;

/** Nodes that are in use unevenly, and pods of several sorts that wait; too large for all of them to fit. */
async function fill(cluster: TestCluster): Promise<void> {
  for (let index = 0; index < NODES; index++) {
    await cluster.addNodes(newNode(`n${index}`, { labels: { zone: `z${index % 3}` } }));
    if (index % 2) await cluster.apply(newPod(`old-${index}`, { cpu: "500m", spec: { nodeName: `n${index}` } }));
  }
  for (let index = 0; index < WAITING; index++) {
    const cpu = index % 20 === 0 ? "5" : `${200 + 100 * (index % 4)}m`;
    await cluster.apply(newPod(`p${index}`, { cpu, labels: { app: `app-${index % 3}` } }));
  }
}

/** As kctl prints it. */
async function dumpOf(cluster: TestCluster): Promise<string> {
  const items = [...(await cluster.list(nodes)), ...(await cluster.list(pods)), ...(await cluster.list(namespaces))];
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

describe("scheduling over the dump of a cluster", () => {
  it("places the pods as the cluster that it was taken from does, for the same seed", async () => {
    const cluster = await TestCluster.start();
    await fill(cluster);
    const dump = parseDump(await dumpOf(cluster));
    cluster.run((parts, signal) => runScheduler({ ...parts, random: seededRandom(42) }, signal));
    await cluster.step(30_000);
    const live = new Map((await cluster.list(pods)).map(({ metadata, spec }) => [metadata.name, spec.nodeName]));
    await cluster.stop();

    const replayed = await replayScheduling(dump, 42);
    expect(replayed).to.have.lengthOf(WAITING);
    const wanted = replayed.map(({ pod }) => ({ pod, node: live.get(pod.replace("default/", "")) }));
    expect(replayed.map(({ pod, node }) => ({ pod, node }))).to.deep.equal(wanted);
    const unplaced = replayed.filter(({ node }) => node === undefined);
    expect(unplaced.map(({ pod }) => pod)).to.have.members(["default/p0", "default/p20", "default/p40"]);
    expect(unplaced[0]?.reason).to.match(/^0\/12 nodes are available: 12 Insufficient cpu/);
    expect(await replayScheduling(dump, 43)).not.to.deep.equal(replayed);
  });

  const broken: [string, string, RegExp][] = [
    ["is no JSON", "{", /line 1/],
    ["is no list", '{"kind":"Pod"}', /a dump is a List/],
    ["is null", "null", /a dump is a List/],
    ["has an item that is no object", '{"items":[null]}', /items\[0\]: it should be an object/],
    ["has an unknown kind", '{"items":[{"apiVersion":"v1","kind":"Spaceship"}]}', /no kind Spaceship of v1/],
    ["has what was never stored", '{"items":[{"apiVersion":"v1","kind":"Node","metadata":{"name":"n"}}]}', /and a uid/],
    [
      "has a pod without a namespace",
      '{"items":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"n","uid":"u"}}]}',
      /a Pod has a namespace/,
    ],
  ];
  for (const [title, text, message] of broken) {
    it(`refuses a dump that ${title}`, () => {
      expect(() => parseDump(text)).to.throw(message);
    });
  }
});
