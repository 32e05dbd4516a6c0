import { expect } from "chai";
import type { Node } from "../../api/core/node.ts";
import type { Pod } from "../../api/core/pod.ts";
import { POD_GROUP_LABEL } from "../../api/kctl-scheduling/pod-group.ts";
import type { PodDisruptionBudget } from "../../api/policy/pod-disruption-budget.ts";
import { seededRandom } from "../../lib/random.ts";
import { asStored, newNode, newPod } from "../../testing/builders.ts";
import { schedulerPlugins } from "../plugins/index.ts";
import { PodInfo } from "../pod-info.ts";
import { DisruptionBudgets } from "../preemption/disruption-budgets.ts";
import { PodScheduler } from "../schedule.ts";
import { Snapshot } from "../snapshot.ts";
import { duplicates } from "./duplicates.ts";
import { MoveMemory } from "./move-memory.ts";
import { planMoves, ROUND_LIMITS, type RoundLimits, type RoundPlan } from "./plan-moves.ts";
import { createViolations } from "./violations.ts";

type PodOptions = NonNullable<Parameters<typeof newPod>[1]>;
type NodeOptions = NonNullable<Parameters<typeof newNode>[1]>;

interface Placed extends PodOptions {
  readonly node: string;
  /** The kind of its controller; ReplicaSet unless given, none where null. */
  readonly owner?: string | null;
}

interface Case {
  readonly title: string;
  readonly nodes: Readonly<Record<string, NodeOptions>>;
  readonly pods: Readonly<Record<string, Placed>>;
  readonly limits?: Partial<RoundLimits>;
  /** How many pods with the label app=web may leave. */
  readonly allowed?: number;
  /** Each pod that leaves, from where to where. */
  readonly moves: readonly string[];
}

const near = (app: string) => ({
  requiredDuringSchedulingIgnoredDuringExecution: [
    { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app } } },
  ],
});
const shy: PodOptions = { labels: { app: "web" }, spec: { affinity: { podAntiAffinity: near("web") } } };
const tainted: NodeOptions = { spec: { taints: [{ key: "team", value: "a", effect: "NoSchedule" }] } };
const spread = (maxSkew = 1): PodOptions => ({
  labels: { app: "web" },
  spec: {
    topologySpreadConstraints: [
      {
        topologyKey: "zone",
        maxSkew,
        whenUnsatisfiable: "DoNotSchedule",
        labelSelector: { matchLabels: { app: "web" } },
      },
    ],
  },
});
const zone = (name: string): NodeOptions => ({ labels: { zone: name } });
const web: PodOptions = { labels: { app: "web" } };

const cases: readonly Case[] = [
  {
    title: "leaves a cluster alone in which all is well",
    nodes: { n1: {}, n2: {} },
    pods: { a: { node: "n1", ...shy }, b: { node: "n2", ...shy } },
    moves: [],
  },
  {
    title: "moves one of two pods of an owner from a node to one that has none",
    nodes: { n1: {}, n2: {} },
    pods: { a: { node: "n1", ...web }, b: { node: "n1", ...web } },
    moves: ["a n1 n2"],
  },
  {
    title: "takes one node for each pod of an owner, and leaves the rest",
    nodes: { n1: {}, n2: {}, n3: {} },
    pods: { a: { node: "n1" }, b: { node: "n1" }, c: { node: "n1" }, d: { node: "n1" } },
    moves: ["a n1 n3", "b n1 n2"],
  },
  {
    title: "leaves duplicates where no other node takes them",
    nodes: { n1: {}, n2: { spec: { unschedulable: true } }, n3: { cpu: "1" } },
    pods: { a: { node: "n1", cpu: "2" }, b: { node: "n1", cpu: "2" } },
    moves: [],
  },
  {
    title: "moves a pod that does not tolerate a taint that came later",
    nodes: { n1: tainted, n2: {} },
    pods: { a: { node: "n1" } },
    moves: ["a n1 n2"],
  },
  {
    title: "leaves a pod that tolerates the taint, and pods of cordoned nodes",
    nodes: {
      n1: tainted,
      n2: {
        spec: { unschedulable: true, taints: [{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }] },
      },
      n3: {},
    },
    pods: { a: { node: "n1", spec: { tolerations: [{ key: "team", operator: "Exists" }] } }, b: { node: "n2" } },
    moves: [],
  },
  {
    title: "moves a pod whose node has lost the label that it asks for",
    nodes: { n1: {}, n2: { labels: { disk: "ssd" } } },
    pods: { a: { node: "n1", spec: { nodeSelector: { disk: "ssd" } } } },
    moves: ["a n1 n2"],
  },
  {
    title: "leaves it where no node has the label",
    nodes: { n1: {}, n2: {} },
    pods: { a: { node: "n1", spec: { nodeSelector: { disk: "ssd" } } } },
    moves: [],
  },
  {
    title: "moves one of two pods that cannot stand each other, the less important one",
    nodes: { n1: {}, n2: {} },
    pods: {
      a: { node: "n1", ...shy, spec: { ...shy.spec, priority: 10 } },
      b: { node: "n1", ...shy, spec: { ...shy.spec, priority: 5 } },
    },
    moves: ["b n1 n2"],
  },
  {
    title: "moves pods from the domain that has too many to the one that has too few, until the spread is even enough",
    nodes: { n1: zone("a"), n2: zone("b") },
    pods: {
      a: { node: "n1", ...spread() },
      b: { node: "n1", ...spread() },
      c: { node: "n1", ...spread() },
      d: { node: "n1", ...spread() },
    },
    moves: ["a n1 n2", "b n1 n2"],
  },
  {
    title: "leaves a spread that is as even as it asks for",
    nodes: { n1: zone("a"), n2: zone("b"), n3: zone("b") },
    pods: { a: { node: "n1", ...spread(2) }, b: { node: "n2", ...spread(2) }, c: { node: "n3", ...spread(2) } },
    moves: [],
  },
  ...(
    [
      ["has no controller", { owner: null }],
      ["is of a DaemonSet", { owner: "DaemonSet" }],
      ["is run by its node", { owner: "Node" }],
      ["is critical for the cluster", { spec: { priority: 2_000_001_000 } }],
      ["leaves already", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }],
      ["has data on its node", { spec: { volumes: [{ name: "scratch", emptyDir: {} }] } }],
      ["belongs to a gang", { labels: { [POD_GROUP_LABEL]: "g" } }],
    ] as const
  ).map(([title, options]) => ({
    title: `never moves a pod that ${title}`,
    nodes: { n1: tainted, n2: {} },
    pods: { a: { node: "n1", ...options } },
    moves: [],
  })),
  {
    title: "moves no more pods from a node than it may",
    nodes: { n1: tainted, n2: {} },
    pods: { a: { node: "n1", owner: "Job" }, b: { node: "n1" }, c: { node: "n1" } },
    limits: { perNode: 2 },
    moves: ["a n1 n2", "b n1 n2"],
  },
  {
    title: "moves no more pods of an owner than it may",
    nodes: { n1: tainted, n2: {} },
    pods: { a: { node: "n1", owner: "Job" }, b: { node: "n1" }, c: { node: "n1" } },
    limits: { perOwner: 1 },
    moves: ["a n1 n2", "b n1 n2"],
  },
  {
    title: "moves no more pods of a namespace than it may",
    nodes: { n1: tainted, n2: {} },
    pods: { a: { node: "n1" }, b: { node: "n1" }, c: { node: "n1", namespace: "other" } },
    limits: { perNamespace: 1 },
    moves: ["a n1 n2", "c n1 n2"],
  },
  {
    title: "moves no more pods than the node that takes them has room for",
    nodes: { n1: tainted, n2: { cpu: "2" } },
    pods: { a: { node: "n1", cpu: "1500m" }, b: { node: "n1", cpu: "1500m" } },
    moves: ["a n1 n2"],
  },
  {
    title: "moves as many pods as their disruption budget allows",
    nodes: { n1: tainted, n2: {} },
    pods: { a: { node: "n1", ...web }, b: { node: "n1", ...web }, c: { node: "n1" } },
    allowed: 1,
    moves: ["a n1 n2", "c n1 n2"],
  },
];

const node = (name: string, options: NodeOptions) => asStored<Node>(newNode(name, options));

function pod(name: string, { node: nodeName, owner = "ReplicaSet", ...options }: Placed): PodInfo {
  const references =
    owner === null
      ? {}
      : { ownerReferences: [{ apiVersion: "apps/v1", kind: owner, name: "o", uid: `uid-${owner}`, controller: true }] };
  const metadata = {
    name,
    namespace: options.namespace ?? "default",
    labels: options.labels ?? {},
    ...options.metadata,
  };
  const built = newPod(name, { ...options, spec: { ...options.spec, nodeName } });
  return new PodInfo(asStored<Pod>({ ...built, metadata: { ...metadata, ...references } }));
}

function build({ nodes, pods }: Pick<Case, "nodes" | "pods">): Snapshot {
  const snapshot = new Snapshot();
  for (const [name, options] of Object.entries(nodes)) snapshot.setNode(node(name, options));
  for (const [name, options] of Object.entries(pods)) snapshot.addPod(pod(name, options), options.node);
  return snapshot;
}

function budgetsFor(allowed: number | undefined): DisruptionBudgets {
  const budgets = new DisruptionBudgets();
  if (allowed === undefined) return budgets;
  const budget = {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "web", namespace: "default" },
    spec: { selector: { matchLabels: { app: "web" } } },
    status: { disruptionsAllowed: allowed },
  };
  budgets.set(asStored<PodDisruptionBudget>(budget));
  return budgets;
}

interface Round {
  readonly limits?: Partial<RoundLimits>;
  readonly allowed?: number;
  readonly memory?: MoveMemory;
}

function plan(snapshot: Snapshot, { limits, allowed, memory }: Round): RoundPlan {
  const planning = planMoves({
    snapshot,
    strategies: [createViolations(), duplicates],
    decider: new PodScheduler(snapshot, schedulerPlugins, seededRandom(1)),
    budgets: budgetsFor(allowed),
    memory: memory ?? new MoveMemory({ initialMs: 60, maxMs: 600 }),
    limits: { ...ROUND_LIMITS, ...limits },
    nowMs: 0,
  });
  for (;;) {
    const step = planning.next();
    if (step.done) return step.value;
  }
}

const render = ({ moves }: RoundPlan) =>
  moves.map((move) => `${move.pod.pod.metadata.name} ${move.nodeName} ${move.target}`);

describe("planning which pods move", () => {
  for (const each of cases) {
    it(each.title, () => {
      const snapshot = build(each);
      expect(render(plan(snapshot, each))).to.deep.equal(each.moves);
    });
  }

  it("leaves the picture of the cluster as it was", () => {
    const snapshot = build({ nodes: { n1: tainted, n2: {} }, pods: { a: { node: "n1" }, b: { node: "n1" } } });
    const where = () => ["n1", "n2"].map((name) => [...snapshot.podsOn(name)].map(({ key }) => key).sort());
    const before = where();
    expect(render(plan(snapshot, {}))).to.have.length(2);
    expect(where()).to.deep.equal(before);
  });

  it("says why, and by which strategy, pods leave", () => {
    const snapshot = build({ nodes: { n1: tainted, n2: {} }, pods: { a: { node: "n1" } } });
    const [move] = plan(snapshot, {}).moves;
    expect([move?.strategy, move?.reason]).to.deep.equal([
      "RemovePodsViolatingNodeTaints",
      "it does not tolerate a taint that node n1 has got",
    ]);
  });

  it("leaves an owner alone whose pods were moved a moment ago, and says that it does", () => {
    const snapshot = build({ nodes: { n1: tainted, n2: {} }, pods: { a: { node: "n1" } } });
    const memory = new MoveMemory({ initialMs: 60, maxMs: 600 });
    memory.moved("uid-ReplicaSet", 1, 0);
    const { moves, resting } = plan(snapshot, { memory });
    expect([moves, [...resting]]).to.deep.equal([[], ["uid-ReplicaSet"]]);
  });
});
