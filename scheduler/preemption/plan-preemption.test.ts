import { expect } from "chai";
import type { Affinity } from "../../api/core/affinity.ts";
import type { Node } from "../../api/core/node.ts";
import type { PodSpec } from "../../api/core/pod.ts";
import type { PodDisruptionBudget } from "../../api/policy/pod-disruption-budget.ts";
import { budgetOf, nodeOf, podOf, render, TestPlanner, type TestPod } from "../../testing/preemption-state.ts";

/** What is left to say of a table of cases: nodes of 4 cores, and a pod of priority 10 that asks for 2. */
interface Case {
  readonly title: string;
  readonly pods: Readonly<Record<string, readonly TestPod[]>>;
  readonly new?: Partial<TestPod>;
  readonly budgets?: readonly PodDisruptionBudget[];
  readonly nodes?: readonly Node[];
  readonly promised?: readonly (readonly [TestPod, string])[];
  readonly plan: string;
}

const app = (name: string) => ({ labels: { app: name } });
const taints = [{ key: "team", value: "a", effect: "NoSchedule" as const }];
const withPort = (name: string): Partial<PodSpec> => ({
  containers: [{ name, image: "app", ports: [{ containerPort: 80, hostPort: 80, protocol: "TCP" }], resources: {} }],
});
const band = (name: string) => ({ labels: { "scheduling.kctl.dev/band": name } });
const shuns = (name: string, topologyKey = "kubernetes.io/hostname"): { affinity: Affinity } => ({
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: { matchLabels: { app: name } } }],
    },
  },
});

const cases: readonly Case[] = [
  {
    title: "pushes out no more pods than it must, the least important ones",
    pods: {
      n1: [
        { name: "a", priority: 1 },
        { name: "b", priority: 2 },
        { name: "c", priority: 3 },
        { name: "d", priority: 4 },
      ],
    },
    plan: "n1: b a",
  },
  {
    title: "pushes out nobody of the same priority",
    pods: { n1: [{ name: "a", priority: 10, cpu: "4" }] },
    plan: "hopeless: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
  },
  {
    title: "says what is short where all who might go are not enough",
    pods: {
      n1: [
        { name: "a", priority: 10, cpu: "3" },
        { name: "b", cpu: "1" },
      ],
    },
    plan: "hopeless: 0/1 nodes are available: 1 Insufficient cpu.",
  },
  {
    title: "lets off a small pod beside which it fits",
    pods: {
      n1: [
        { name: "small", priority: 5, cpu: "1" },
        { name: "big", priority: 1, cpu: "3" },
      ],
    },
    plan: "n1: big",
  },
  {
    title: "pushes out a more important pod, if the less important ones are no help without it",
    pods: {
      n1: [
        { name: "big", priority: 5, cpu: "3" },
        { name: "small", priority: 1, cpu: "1" },
      ],
    },
    plan: "n1: big",
  },
  {
    title: "lets off those that have been running for longest",
    pods: { n1: [1, 4, 2, 3].map((started) => ({ name: `s${started}`, started })) },
    plan: "n1: s3 s4",
  },
  {
    title: "lets off those that have started before those that have not",
    pods: {
      n1: [
        { name: "new", cpu: "2" },
        { name: "old", cpu: "2", started: 59 },
      ],
    },
    plan: "n1: new",
  },
  {
    title: "keeps to the budgets where it can choose pods",
    pods: {
      n1: [
        { name: "a", cpu: "2", priority: 1, ...app("guarded") },
        { name: "b", cpu: "2", priority: 5 },
      ],
    },
    budgets: [budgetOf("guarded", 0)],
    plan: "n1: b",
  },
  {
    title: "keeps to the budgets where it can choose nodes",
    pods: {
      n1: [{ name: "a", cpu: "4", ...app("guarded") }],
      n2: [{ name: "b", cpu: "4", priority: 9 }],
    },
    budgets: [budgetOf("guarded", 0)],
    plan: "n2: b",
  },
  {
    title: "breaks a budget if there is no other way",
    pods: { n1: [{ name: "a", cpu: "4", ...app("guarded") }] },
    budgets: [budgetOf("guarded", 0)],
    plan: "n1: a",
  },
  {
    title: "breaks the fewest budgets",
    pods: {
      n1: ["a", "b"].map((name) => ({ name, cpu: "2", ...app("guarded") })),
      n2: [{ name: "c", cpu: "4", priority: 9, ...app("guarded") }],
    },
    new: { cpu: "4" },
    budgets: [budgetOf("guarded", 0)],
    plan: "n2: c",
  },
  {
    title: "takes a budget at its word as far as it goes",
    pods: {
      n1: ["a", "b"].map((name) => ({ name, cpu: "2", ...app("guarded") })),
      n2: [{ name: "c", cpu: "4", priority: 1 }],
    },
    new: { cpu: "4" },
    budgets: [budgetOf("guarded", 2)],
    plan: "n1: a b",
  },
  {
    title: "counts a pod that the budget has let go already as no disruption",
    pods: {
      n1: [{ name: "a", cpu: "4", ...app("guarded") }],
      n2: [{ name: "b", cpu: "4", priority: 1 }],
    },
    budgets: [budgetOf("guarded", 0, ["a"])],
    plan: "n1: a",
  },
  {
    title: "takes the node whose most important victim is the least important",
    pods: {
      n1: [{ name: "a", cpu: "4", priority: 3 }],
      n2: ["b", "c", "d"].map((name) => ({ name, cpu: "4", priority: 2 })),
    },
    plan: "n2: b c d",
  },
  {
    title: "takes the node whose victims are the least important together",
    pods: {
      n1: [
        { name: "a", cpu: "2", priority: 3 },
        { name: "b", cpu: "2", priority: 2 },
      ],
      n2: [
        { name: "c", cpu: "2", priority: 3 },
        { name: "d", cpu: "2", priority: 1 },
      ],
    },
    new: { cpu: "4" },
    plan: "n2: c d",
  },
  {
    title: "takes the node with the fewest victims, also where priorities are negative",
    pods: {
      n1: ["a", "b"].map((name) => ({ name, cpu: "2", priority: -5 })),
      n2: [{ name: "c", cpu: "4", priority: -5 }],
    },
    new: { cpu: "4" },
    plan: "n2: c",
  },
  {
    title: "takes the node whose victims have been running for the shortest time",
    pods: {
      n1: [{ name: "a", cpu: "4", started: 1 }],
      n2: [{ name: "b", cpu: "4", started: 3 }],
      n3: [{ name: "c", cpu: "4", started: 2 }],
    },
    plan: "n2: b",
  },
  {
    title: "leaves out nodes that would not do if they were empty",
    nodes: [
      nodeOf("n1", { spec: { taints } }),
      nodeOf("n2", { spec: { unschedulable: true } }),
      nodeOf("n3", { cpu: "1" }),
      nodeOf("n4"),
    ],
    pods: { n1: [{ name: "a", cpu: "4" }], n2: [{ name: "b", cpu: "4" }], n4: [{ name: "c", cpu: "4", priority: 10 }] },
    plan:
      "hopeless: 0/4 nodes are available: 1 No preemption victims found for incoming pod, " +
      "3 Preemption is not helpful for scheduling.",
  },
  {
    title: "does not look for a pod that may not",
    pods: { n1: [{ name: "a", cpu: "4" }] },
    new: { spec: { preemptionPolicy: "Never" } },
    plan: "ineligible: not eligible due to preemptionPolicy=Never.",
  },
  {
    title: "pushes out those that hold a port",
    pods: { n1: [{ name: "a", spec: withPort("a") }, { name: "b" }], n2: [{ name: "c", cpu: "4" }] },
    nodes: [nodeOf("n1"), nodeOf("n2", { spec: { taints } })],
    new: { spec: withPort("new") },
    plan: "n1: a",
  },
  {
    title: "pushes out those that the pod cannot stand",
    pods: {
      n1: [{ name: "a", ...app("loud") }, { name: "b" }],
      n2: [{ name: "c", priority: 10, ...app("loud") }, { name: "d" }],
    },
    new: { spec: shuns("loud") },
    plan: "n1: a",
  },
  {
    title: "pushes out those that cannot stand the pod",
    pods: { n1: [{ name: "a", spec: shuns("new") }, { name: "b" }] },
    new: app("new"),
    plan: "n1: a",
  },
  {
    title: "does not look where the pods are missing that the pod needs",
    pods: { n1: [{ name: "a", cpu: "1" }] },
    new: {
      spec: {
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "absent" } } },
            ],
          },
        },
      },
    },
    plan: "hopeless: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
  },
  {
    title: "keeps room for pods that the node has been promised",
    pods: {
      n1: [
        { name: "a", cpu: "2" },
        { name: "b", cpu: "2" },
      ],
      n2: [{ name: "c", cpu: "4", priority: 9 }],
    },
    promised: [[{ name: "first", priority: 10, cpu: "2" }, "n1"]],
    new: { cpu: "3" },
    plan: "n2: c",
  },
  {
    title: "keeps no room for promised pods of lower priority",
    pods: { n1: [{ name: "a", cpu: "4" }], n2: [{ name: "c", cpu: "4", priority: 9 }] },
    promised: [[{ name: "first", priority: 9, cpu: "2" }, "n1"]],
    new: { cpu: "4" },
    plan: "n1: a",
  },
  {
    title: "waits while pods are on their way out of the node that the pod has been promised",
    pods: { n1: [{ name: "a", cpu: "4", isLeaving: "preempted" }], n2: [{ name: "b", cpu: "4" }] },
    promised: [[{ name: "new", priority: 10, cpu: "2" }, "n1"]],
    plan: "ineligible: not eligible due to a terminating pod on the nominated node.",
  },
  {
    title: "waits while pods are being pushed out, though they do not look so yet",
    pods: { n1: [{ name: "leaving", cpu: "4" }], n2: [{ name: "b", cpu: "4" }] },
    promised: [[{ name: "new", priority: 10, cpu: "2" }, "n1"]],
    plan: "ineligible: not eligible due to a terminating pod on the nominated node.",
  },
  {
    title: "does not wait for pods that leave for another reason",
    pods: { n1: [{ name: "a", cpu: "4", priority: 9, isLeaving: "deleted" }], n2: [{ name: "b", cpu: "4" }] },
    promised: [[{ name: "new", priority: 10, cpu: "2" }, "n1"]],
    plan: "n2: b",
  },
  {
    title: "looks again when the promised node would not do any more",
    nodes: [nodeOf("n1", { spec: { unschedulable: true } }), nodeOf("n2")],
    pods: { n1: [{ name: "a", cpu: "4", isLeaving: "preempted" }], n2: [{ name: "b", cpu: "4" }] },
    promised: [[{ name: "new", priority: 10, cpu: "2" }, "n1"]],
    plan: "n2: b",
  },
  {
    title: "pushes out nobody in production for another in production, whatever their priorities",
    pods: {
      n1: [{ name: "a", cpu: "4", priority: 1, ...band("production") }],
      n2: [{ name: "b", cpu: "4", priority: 5, ...band("batch") }],
    },
    new: band("production"),
    plan: "n2: b",
  },
  {
    title: "pushes out nobody in production for monitoring",
    pods: { n1: [{ name: "a", cpu: "4", ...band("production") }] },
    new: band("monitoring"),
    plan: "hopeless: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
  },
  {
    title: "pushes out a pod of the same band below production",
    pods: { n1: [{ name: "a", cpu: "4", ...band("batch") }] },
    new: band("batch"),
    plan: "n1: a",
  },
];

describe("preemption", () => {
  for (const { title, pods, nodes, budgets, promised = [], plan, new: more } of cases) {
    it(title, () => {
      const planner = new TestPlanner({
        nodes: nodes ?? Object.keys(pods).map((name) => nodeOf(name)),
        pods: Object.fromEntries(Object.entries(pods).map(([name, those]) => [name, those.map(podOf)])),
        budgets,
        promised: promised.map(([pod, node]) => [podOf(pod), node]),
      });
      expect(render(planner.plan(podOf({ name: "new", priority: 10, cpu: "2", ...more })))).to.equal(plan);
    });
  }

  it("sees what changed since it last looked at an equal pod", () => {
    const low = (name: string, started: number) => podOf({ name, cpu: "4", started, ...app("x") });
    const planner = new TestPlanner({
      nodes: [nodeOf("n1"), nodeOf("n2")],
      pods: { n1: [low("a", 1)], n2: [low("b", 2)] },
    });
    const next = podOf({ name: "new", priority: 10 });
    expect(render(planner.plan(next))).to.equal("n2: b");
    planner.snapshot.addPod(low("b", 0), "n2");
    expect(render(planner.plan(next))).to.equal("n1: a");
    planner.snapshot.nominations.set(podOf({ name: "other", priority: 10, cpu: "4" }), "n1");
    expect(render(planner.plan(next))).to.equal("n2: b");
    planner.snapshot.nominations.remove(podOf({ name: "other" }).uid);
    expect(render(planner.plan(next))).to.equal("n1: a");
    planner.snapshot.addPod(podOf({ name: "c", cpu: "0", priority: -1, labels: { app: "y" } }), "n1");
    planner.budgets.set(budgetOf("y", 0));
    expect(render(planner.plan(next))).to.equal("n1: a");
    planner.snapshot.setNode(nodeOf("n1", { cpu: "5" }));
    expect(planner.decide(next)).to.equal("n1");
  });
});
