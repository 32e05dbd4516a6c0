import { expect } from "chai";
import { pods, type Pod } from "../../api/core/pod.ts";
import { asStored, newNode, newPod } from "../../testing/builders.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { runScheduler } from "../run-scheduler.ts";
import { nodes, type Node } from "../../api/core/node.ts";
import { PodInfo } from "../pod-info.ts";
import { Snapshot } from "../snapshot.ts";
import { crashAvoidance } from "./crash-avoidance.ts";

const NOW_MS = Date.parse("2026-01-01T12:00:00Z");
const minutesAgo = (minutes: number) => new Date(NOW_MS - minutes * 60_000).toISOString();
const owned = (name: string, labels: Record<string, string> = {}) => ({
  name,
  namespace: "default",
  labels: { app: "web", ...labels },
  ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "owner", controller: true }],
});

/** The status of a pod whose container was restarted, last after this exit. */
const crashing = (restartCount: number, { exitCode = 1, at = minutesAgo(1) } = {}): Pod["status"] =>
  ({
    phase: "Running",
    containerStatuses: [
      { name: "main", restartCount, state: {}, lastState: { terminated: { exitCode, finishedAt: at } } },
    ],
  }) as unknown as Pod["status"];
const ended = (reason?: string): Pod["status"] =>
  ({
    phase: "Failed",
    ...(reason
      ? { reason }
      : { containerStatuses: [{ name: "main", restartCount: 0, state: { terminated: { exitCode: 2 } } }] }),
  }) as unknown as Pod["status"];

interface Seen {
  readonly node: string;
  readonly status: Pod["status"];
}

interface Case {
  readonly title: string;
  readonly seen: readonly Seen[];
  /** Nodes with pods of the controller that run well. */
  readonly fine?: readonly string[];
  readonly labels?: Record<string, string>;
  readonly avoided: readonly string[];
}

const cases: readonly Case[] = [
  { title: "where a pod was restarted three times", seen: [{ node: "a", status: crashing(3) }], avoided: ["a"] },
  { title: "not where it was restarted twice", seen: [{ node: "a", status: crashing(2) }], avoided: [] },
  {
    title: "not where its container ends well each time",
    seen: [{ node: "a", status: crashing(9, { exitCode: 0 }) }],
    avoided: [],
  },
  {
    title: "not where that was long ago",
    seen: [{ node: "a", status: crashing(9, { at: minutesAgo(31) }) }],
    avoided: [],
  },
  {
    title: "no node, if the pods crash wherever they are",
    seen: [
      { node: "a", status: crashing(5) },
      { node: "b", status: crashing(5) },
    ],
    fine: ["c"],
    avoided: [],
  },
  {
    title: "several nodes, if the pods run well on more",
    seen: [
      { node: "a", status: crashing(5) },
      { node: "b", status: crashing(5) },
    ],
    fine: ["c", "d", "e"],
    avoided: ["a", "b"],
  },
  {
    title: "where three pods have failed for good",
    seen: [1, 2, 3].map(() => ({ node: "a", status: ended() })),
    avoided: ["a"],
  },
  {
    title: "not where pods were evicted",
    seen: [1, 2, 3].map(() => ({ node: "a", status: ended("Evicted") })),
    avoided: [],
  },
  {
    title: "nothing, if the pod says so",
    seen: [{ node: "a", status: crashing(9) }],
    labels: { "scheduling.kctl.dev/avoid-crashed-nodes": "false" },
    avoided: [],
  },
];

describe("the plugin that remembers crashes avoids", () => {
  it("nothing because of pods of another namespace that claim to be of the same controller", () => {
    const snapshot = new Snapshot();
    snapshot.crashes.tellTimeBy(() => NOW_MS);
    snapshot.setNode(asStored<Node>(newNode("a")));
    const metadata = { ...owned("bad"), namespace: "other" };
    snapshot.crashes.note(asStored<Pod>(newPod("bad", { metadata, spec: { nodeName: "a" }, status: crashing(9) })));
    const pod = new PodInfo(asStored<Pod>(newPod("new", { metadata: owned("new") })));
    expect(crashAvoidance.prepare(pod, snapshot)?.topology?.answers()).to.deep.equal({});
  });

  for (const { title, seen, fine = [], labels, avoided } of cases) {
    it(title, () => {
      const snapshot = new Snapshot();
      snapshot.crashes.tellTimeBy(() => NOW_MS);
      for (const name of ["a", "b", "c", "d", "e"]) snapshot.setNode(asStored<Node>(newNode(name)));
      const place = (name: string, nodeName: string, status = {} as Pod["status"]) =>
        asStored<Pod>(newPod(name, { metadata: owned(name), spec: { nodeName }, status }));
      fine.forEach((node, index) => snapshot.addPod(new PodInfo(place(`fine-${index}`, node)), node));
      seen.forEach(({ node, status }, index) => {
        const pod = place(`bad-${index}`, node, status);
        snapshot.crashes.note(pod);
        snapshot.crashes.note(pod);
      });
      const replacement = asStored<Pod>(newPod("new", { metadata: owned("new", labels) }));
      const answers = crashAvoidance.prepare(new PodInfo(replacement), snapshot)?.topology?.answers();
      const scores = new Float64Array(5).fill(100);
      answers?.score?.(Int32Array.from([0, 1, 2, 3, 4]), scores, new Int32Array(5).fill(1));
      expect(snapshot.nodes.filter(({ row }) => scores[row] === 0).map(({ name }) => name)).to.deep.equal(avoided);
    });
  }
});

describe("the replacement of a pod that kept crashing", () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = await TestCluster.start({ components: [runScheduler] });
    // Node a is the best in every other respect.
    await cluster.addNodes(newNode("a", { cpu: "16", memory: "32Gi" }), newNode("b"), newNode("c"));
    for (const node of ["b", "c"]) {
      await cluster.apply(
        newPod(`on-${node}`, { cpu: "2", memory: "4Gi", spec: { nodeName: node }, metadata: owned(`on-${node}`) }),
      );
    }
    await cluster.apply(newPod("first", { metadata: owned("first") }));
    await cluster.settle();
  });
  afterEach(() => cluster.stop());
  const nodeOf = async (name: string) => (await cluster.get(pods, name)).spec.nodeName;

  async function replace(restarts: number): Promise<string | undefined> {
    expect(await nodeOf("first")).to.equal("a");
    await cluster.setStatus(pods, "first", crashing(restarts, { at: new Date(cluster.clock.now()).toISOString() }));
    await cluster.settle();
    await cluster.client.delete(pods, { namespace: "default", name: "first" }, { gracePeriodSeconds: 0 });
    await cluster.apply(newPod("second", { metadata: owned("second") }));
    await cluster.settle();
    return nodeOf("second");
  }

  it("goes elsewhere", async () => {
    expect(await replace(4)).to.be.oneOf(["b", "c"]);
  });

  it("goes where it would go anyway, if it has crashed once or twice", async () => {
    expect(await replace(2)).to.equal("a");
  });

  it("goes there all the same, if there is nowhere else", async () => {
    for (const name of ["b", "c"]) await cluster.delete(nodes, name);
    await cluster.settle();
    expect(await replace(9)).to.equal("a");
  });
});
