import { expect } from "chai";
import type { Affinity, PodAffinityTerm } from "../api/core/affinity.ts";
import { events } from "../api/core/event.ts";
import { namespaces } from "../api/core/namespace.ts";
import { nodes } from "../api/core/node.ts";
import { podCondition } from "../api/core/pod-state.ts";
import { pods, type PodSpec } from "../api/core/pod.ts";
import { newNode, newPod } from "../testing/builders.ts";
import { TestCluster } from "../testing/cluster.ts";
import { runScheduler } from "./run-scheduler.ts";

const near = (more: Partial<PodAffinityTerm> = {}): PodAffinityTerm => ({
  topologyKey: "zone",
  labelSelector: { matchLabels: { app: "db" } },
  ...more,
});
const affinity = (kind: "podAffinity" | "podAntiAffinity", term: PodAffinityTerm): { readonly affinity: Affinity } => ({
  affinity: { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
});
const spread: Partial<PodSpec> = {
  topologySpreadConstraints: [
    {
      topologyKey: "zone",
      maxSkew: 1,
      whenUnsatisfiable: "DoNotSchedule",
      labelSelector: { matchLabels: { app: "db" } },
      nodeAffinityPolicy: "Honor",
      nodeTaintsPolicy: "Ignore",
    },
  ],
};
const db = (name: string, node?: string) =>
  newPod(name, { labels: { app: "db" }, ...(node && { spec: { nodeName: node } }) });

/** Why the pod waits, without what is said about preemption. */
async function reasonOf(cluster: TestCluster): Promise<string | undefined> {
  const condition = podCondition(await cluster.get(pods, "new"), "PodScheduled");
  return condition?.message?.split(" preemption: ")[0];
}

interface Waiting {
  readonly title: string;
  readonly spec: Partial<PodSpec>;
  /** The pods that have a node already. */
  readonly placed?: readonly ReturnType<typeof newPod>[];
  readonly message: string;
  readonly change: (cluster: TestCluster) => Promise<unknown>;
  readonly goesTo: string;
}

const remove = (cluster: TestCluster, name: string) =>
  cluster.client.delete(pods, { namespace: "default", name }, { gracePeriodSeconds: 0 });
async function relabelNode(cluster: TestCluster, name: string, labels: Record<string, string>) {
  const node = await cluster.get(nodes, name);
  await cluster.client.update(nodes, { ...node, metadata: { ...node.metadata, labels } });
}

/** There are two nodes, a in zone a and b in zone b. */
const waiting: readonly Waiting[] = [
  {
    title: "comes that it needs",
    spec: affinity("podAffinity", near()),
    message: "0/2 nodes are available: 2 node(s) didn't match pod affinity rules.",
    change: (cluster) => cluster.apply(db("db", "b")),
    goesTo: "b",
  },
  {
    title: "leaves that it shuns",
    spec: affinity("podAntiAffinity", near()),
    placed: [db("db-a", "a"), db("db-b", "b")],
    message: "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.",
    change: (cluster) => remove(cluster, "db-b"),
    goesTo: "b",
  },
  {
    title: "leaves that shuns it",
    spec: {},
    placed: ["a", "b"].map((node) => {
      const term = near({ labelSelector: { matchLabels: { app: "new" } } });
      return newPod(`shy-${node}`, { spec: { nodeName: node, ...affinity("podAntiAffinity", term) } });
    }),
    message: "0/2 nodes are available: 2 node(s) didn't satisfy existing pods anti-affinity rules.",
    change: (cluster) => remove(cluster, "shy-a"),
    goesTo: "a",
  },
  {
    title: "gets the label that it needs",
    spec: affinity("podAffinity", near()),
    placed: [newPod("plain", { spec: { nodeName: "a" } })],
    message: "0/2 nodes are available: 2 node(s) didn't match pod affinity rules.",
    async change(cluster) {
      const pod = await cluster.get(pods, "plain");
      await cluster.client.update(pods, { ...pod, metadata: { ...pod.metadata, labels: { app: "db" } } });
    },
    goesTo: "a",
  },
  {
    title: "turns out to be near, as a node gets another label",
    spec: { ...affinity("podAffinity", near()), nodeSelector: { "kubernetes.io/hostname": "a" } },
    placed: [db("db", "b")],
    message:
      "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, " +
      "1 node(s) didn't match pod affinity rules.",
    change: (cluster) => relabelNode(cluster, "b", { zone: "a" }),
    goesTo: "a",
  },
  {
    title: "is in a namespace that gets the label that it asks for",
    spec: affinity("podAffinity", near({ namespaceSelector: { matchLabels: { team: "red" } } })),
    placed: [db("db", "b")],
    message: "0/2 nodes are available: 2 node(s) didn't match pod affinity rules.",
    async change(cluster) {
      const [namespace = expect.fail()] = (await cluster.list(namespaces)).filter(
        ({ metadata }) => metadata.name === "default",
      );
      await cluster.client.update(namespaces, {
        ...namespace,
        metadata: { ...namespace.metadata, labels: { team: "red" } },
      });
    },
    goesTo: "b",
  },
  {
    title: "comes to the zone that has too few",
    spec: { ...spread, nodeSelector: { zone: "a" }, topologySpreadConstraints: ignoringAffinity() },
    placed: [db("db-a", "a")],
    message:
      "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, " +
      "1 node(s) didn't match pod topology spread constraints.",
    change: (cluster) => cluster.apply(db("db-b", "b")),
    goesTo: "a",
  },
  {
    title: "is no reason any more, as the empty zone is gone",
    spec: { ...spread, nodeSelector: { zone: "a" }, topologySpreadConstraints: ignoringAffinity() },
    placed: [db("db-a", "a")],
    message:
      "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, " +
      "1 node(s) didn't match pod topology spread constraints.",
    change: (cluster) => cluster.client.delete(nodes, { name: "b" }),
    goesTo: "a",
  },
];

function ignoringAffinity(): PodSpec["topologySpreadConstraints"] {
  return spread.topologySpreadConstraints?.map((each) => ({ ...each, nodeAffinityPolicy: "Ignore" as const }));
}

describe("the scheduler, about pods near a node", () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = await TestCluster.start({ components: [(parts, signal) => runScheduler(parts, signal)] });
    await cluster.addNodes(newNode("a", { labels: { zone: "a" } }), newNode("b", { labels: { zone: "b" } }));
  });
  afterEach(() => cluster.stop());

  for (const { title, spec, placed = [], message, change, goesTo } of waiting) {
    it(`schedules a waiting pod when a pod ${title}`, async () => {
      await cluster.apply(...placed);
      await cluster.settle();
      const labels = spec.topologySpreadConstraints ? { app: "db" } : { app: "new" };
      await cluster.apply(newPod("new", { labels, spec }));
      await cluster.step(2000);
      expect(await reasonOf(cluster)).to.equal(message);
      await change(cluster);
      await cluster.step(2000);
      expect((await cluster.get(pods, "new")).spec.nodeName).to.equal(goesTo);
    });
  }

  it("keeps pods that shun each other apart, also those it has only just placed", async () => {
    const spec = affinity("podAntiAffinity", near());
    await cluster.apply(...["x", "y", "z"].map((name) => newPod(name, { labels: { app: "db" }, spec })));
    await cluster.settle();
    const found = await cluster.list(pods);
    const placed = found.map(({ spec: { nodeName } }) => nodeName).filter((name) => name !== undefined);
    expect(placed.sort()).to.deep.equal(["a", "b"]);
  });

  it("does not try a pod again for what does not concern it", async () => {
    await cluster.apply(newPod("new", { spec: affinity("podAffinity", near()) }));
    await cluster.settle();
    await cluster.apply(newPod("other", { labels: { app: "other" } }));
    await cluster.step(20_000);
    const failures = (await cluster.list(events)).filter(({ reason }) => reason === "FailedScheduling");
    expect(failures.map(({ count }) => count)).to.deep.equal([1]);
  });

  const held: [string, Partial<PodSpec>, string][] = [
    [
      "a volume claim that is not there",
      { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "disk" } }] },
      'persistentvolumeclaim "disk" not found',
    ],
    [
      "a resource claim",
      { resourceClaims: [{ name: "gpu", resourceClaimName: "gpu-1" }] },
      'resource claim "gpu" cannot be allocated: this scheduler does not support resource claims',
    ],
  ];
  for (const [title, spec, reason] of held) {
    it(`holds a pod with ${title} back and says so`, async () => {
      await cluster.apply(newPod("new", { spec }));
      await cluster.settle();
      expect((await cluster.get(pods, "new")).spec.nodeName).to.equal(undefined);
      expect(await reasonOf(cluster)).to.equal(`0/2 nodes are available: ${reason}.`);
    });
  }
});
