import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import type { NodeAffinity } from "../../api/core/affinity.ts";
import { asStored, newPod } from "../../testing/builders.ts";
import {
  judgeCluster,
  judgeNode,
  type ClusterCase,
  type PluginCase,
  type PodOptions,
} from "../../testing/plugin-judge.ts";
import { defaultPluginArgs, type ScoringStrategy } from "../configuration/plugin-args.ts";
import { PodInfo } from "../pod-info.ts";
import { Snapshot } from "../snapshot.ts";
import { buildBalancedAllocation } from "./balanced-allocation.ts";
import { hostPortsFree } from "./host-ports-free.ts";
import { buildInterPodAffinity } from "./inter-pod-affinity.ts";
import { buildNodeAffinity } from "./node-affinity.ts";
import { buildPodTopologySpread } from "./pod-topology-spread.ts";
import { lineThrough } from "./resource-scores.ts";
import { buildResourcesFit } from "./resources-fit.ts";

const GPU = "a.test/gpu";
const withGpus = { status: { allocatable: { cpu: "4", memory: "8Gi", pods: "10", [GPU]: "4" } } };
const asking = (requests: Record<string, string>): PodOptions => ({
  spec: { containers: [{ name: "c", image: "a", resources: { requests } }] },
});
const spec = (name: string, weight = 1) => ({ name, weight });
const fitBy = (scoringStrategy: ScoringStrategy) =>
  buildResourcesFit({ ...defaultPluginArgs.NodeResourcesFit, scoringStrategy });

const strategies: readonly (readonly [PluginCase, ScoringStrategy, number])[] = [
  [
    { title: "half of the CPU and a quarter of the memory", pod: { cpu: "2", memory: "2Gi" } },
    { type: "MostAllocated", resources: [spec("cpu"), spec("memory")] },
    37,
  ],
  [
    { title: "the same, where CPU counts thrice", pod: { cpu: "2", memory: "2Gi" } },
    { type: "MostAllocated", resources: [spec("cpu", 3), spec("memory")] },
    43,
  ],
  [
    { title: "an overfull node", pod: { cpu: "1" }, existing: [{ cpu: "9" }] },
    { type: "MostAllocated", resources: [spec("cpu")] },
    100,
  ],
  [
    { title: "one of four GPUs", pod: asking({ [GPU]: "1" }), node: withGpus },
    { type: "LeastAllocated", resources: [spec(GPU)] },
    75,
  ],
  [
    { title: "no GPU, where only those count", pod: asking({ cpu: "1" }), node: withGpus },
    { type: "LeastAllocated", resources: [spec(GPU)] },
    0,
  ],
  [
    { title: "a node that says nothing of its CPU", pod: { memory: "2Gi" }, node: { cpu: "0" } },
    { type: "LeastAllocated", resources: [spec("cpu"), spec("memory")] },
    75,
  ],
  [
    { title: "half of the CPU, on a line from 10 down to 0", pod: { cpu: "2" } },
    {
      type: "RequestedToCapacityRatio",
      resources: [spec("cpu")],
      requestedToCapacityRatio: {
        shape: [
          { utilization: 0, score: 10 },
          { utilization: 100, score: 0 },
        ],
      },
    },
    50,
  ],
  [
    { title: "memory that scores 0 and does not count", pod: { cpu: "2", memory: "0" } },
    {
      type: "RequestedToCapacityRatio",
      resources: [spec("cpu"), spec("memory")],
      requestedToCapacityRatio: {
        shape: [
          { utilization: 20, score: 0 },
          { utilization: 50, score: 8 },
        ],
      },
    },
    80,
  ],
];

describe("the arguments of NodeResourcesFit", () => {
  for (const [example, strategy, score] of strategies) {
    it(`give ${score} by ${strategy.type} for ${example.title}`, () => {
      expect(judgeNode(fitBy(strategy), example).score).to.equal(score);
    });
  }

  const line = lineThrough([
    { utilization: 10, score: 2 },
    { utilization: 40, score: 3 },
    { utilization: 60, score: 0 },
  ]);
  for (const [utilization, score] of [
    [0, 20],
    [10, 20],
    [24, 24],
    [25, 25],
    [40, 30],
    [49, 17],
    [60, 0],
    [100, 0],
  ] as const) {
    it(`draw a line that is at ${score} for ${utilization} %`, () => expect(line(utilization)).to.equal(score));
  }

  const ignoring: readonly (readonly [string, object])[] = [
    ["resource", { ignoredResources: [GPU] }],
    ["group of resources", { ignoredResourceGroups: ["a.test"] }],
  ];
  for (const [title, ignored] of ignoring) {
    it(`let a node without them take a pod that asks for an ignored ${title}`, () => {
      const plugin = buildResourcesFit({ ...defaultPluginArgs.NodeResourcesFit, ...ignored });
      const pod = asking({ [GPU]: "1", cpu: "9", "b.test/disk": "1" });
      expect(judgeNode(plugin, { title, pod }).rejection).to.deep.equal(
        Object.assign(["Insufficient cpu", "Insufficient b.test/disk"], { isUnresolvable: true }),
      );
    });
  }
});

describe("the arguments of NodeResourcesBalancedAllocation", () => {
  const balance = (...names: string[]) => buildBalancedAllocation({ resources: names.map((name) => spec(name)) });
  const cases: readonly (readonly [string, readonly string[], PluginCase, number | undefined])[] = [
    [
      "three shares alike",
      ["cpu", "memory", GPU],
      { title: "", pod: asking({ cpu: "1", memory: "2Gi", [GPU]: "1" }) },
      100,
    ],
    [
      "three shares apart",
      ["cpu", "memory", GPU],
      { title: "", pod: asking({ cpu: "4", memory: "0", [GPU]: "2" }) },
      59,
    ],
    ["one share alone", ["cpu"], { title: "", pod: asking({ cpu: "4" }) }, 100],
    ["a device that is not asked for", ["cpu", GPU], { title: "", pod: asking({ cpu: "4" }) }, 100],
    ["nothing that counts", [GPU], { title: "", pod: asking({ cpu: "4" }) }, undefined],
  ];
  for (const [title, names, example, score] of cases) {
    it(`give ${score ?? "nothing"} for ${title}`, () => {
      expect(judgeNode(balance(...names), { ...example, node: withGpus }).score).to.equal(score);
    });
  }
});

const inPool = (...values: string[]) => ({ matchExpressions: [{ key: "pool", operator: "In" as const, values }] });
const required = (...nodeSelectorTerms: object[]): NodeAffinity => ({
  requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms },
});
const byName = (...values: string[]) => ({ matchFields: [{ key: "metadata.name", operator: "In" as const, values }] });

describe("the arguments of NodeAffinity", () => {
  const added = buildNodeAffinity({
    addedAffinity: {
      ...required(inPool("a")),
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 7, preference: inPool("a") }],
    },
  });

  it("keep all pods from nodes that do not match", () => {
    const { rejection } = judgeNode(added, { title: "", node: { labels: { pool: "b" } } });
    expect([...(rejection ?? [])]).to.deep.equal(["node(s) didn't match scheduler-enforced node affinity"]);
  });

  it("leave the pod's own rules in force", () => {
    const pod = { spec: { nodeSelector: { disk: "ssd" } } };
    const { rejection } = judgeNode(added, { title: "", pod, node: { labels: { pool: "a" } } });
    expect([...(rejection ?? [])]).to.deep.equal(["node(s) didn't match Pod's node affinity/selector"]);
  });

  it("add preferences", () => {
    const affinity = {
      nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 3, preference: inPool("a", "b") }] },
    };
    expect(
      judgeNode(added, { title: "", pod: { spec: { affinity } }, node: { labels: { pool: "a" } } }).score,
    ).to.equal(10);
  });

  const judge = (...terms: object[]) => {
    const spec = { affinity: { nodeAffinity: required(...terms) } };
    const plugin = buildNodeAffinity({});
    return plugin.prepare(new PodInfo(asStored<Pod>(newPod("p", { spec }))), new Snapshot());
  };
  const names: readonly (readonly [string, object[], readonly string[] | undefined])[] = [
    ["its one node", [byName("a")], ["a"]],
    ["each of its alternatives", [byName("a"), byName("b", "c")], ["a", "b", "c"]],
    ["all nodes, where one alternative names none", [byName("a"), inPool("x")], undefined],
    [
      "what its requirements have in common",
      [{ matchFields: [...byName("a", "b").matchFields, ...byName("b", "c").matchFields] }],
      ["b"],
    ],
  ];
  for (const [title, terms, expected] of names) {
    it(`make a pod ask about ${title} only`, () => {
      const nodeNames = judge(...terms)?.nodeNames;
      expect(nodeNames && [...nodeNames]).to.deep.equal(expected);
    });
  }

  it("refuse a pod whose requirements exclude one another", () => {
    const { matchFields } = byName("a");
    const refusal = judge({ matchFields: [...matchFields, ...byName("b").matchFields] })?.refusal;
    expect(refusal).to.equal("pod affinity terms conflict");
  });
});

const near = (app: string) => ({ topologyKey: "zone", labelSelector: { matchLabels: { app } } });
const zones = { a: { labels: { zone: "a" } }, b: { labels: { zone: "b" } } };

describe("the arguments of InterPodAffinity", () => {
  const needing: PodOptions = {
    labels: { app: "x" },
    spec: { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near("new")] } } },
  };
  const liking: PodOptions = {
    spec: {
      affinity: {
        podAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 5, podAffinityTerm: near("new") }],
        },
      },
    },
  };
  const liked: PodOptions = { labels: { app: "new" } };
  const cases: readonly (readonly [string, object, ClusterCase, object])[] = [
    [
      "count what others need",
      {},
      { title: "", pod: liked, nodes: zones, existing: { a: [needing] } },
      { a: 100, b: 0 },
    ],
    [
      "weigh what others need against what they like",
      { hardPodAffinityWeight: 10 },
      { title: "", pod: liked, nodes: zones, existing: { a: [needing], b: [liking] } },
      { a: 100, b: 0 },
    ],
    [
      "leave out what others need",
      { hardPodAffinityWeight: 0 },
      { title: "", pod: liked, nodes: zones, existing: { a: [needing] } },
      { a: 0, b: 0 },
    ],
    [
      "leave out what others like",
      { ignorePreferredTermsOfExistingPods: true },
      { title: "", pod: liked, nodes: zones, existing: { b: [liking] } },
      { a: 0, b: 0 },
    ],
    [
      "hear what others like where the pod likes something itself",
      { ignorePreferredTermsOfExistingPods: true },
      { title: "", pod: { ...liking, labels: { app: "new" } }, nodes: zones, existing: { b: [liking] } },
      { a: 0, b: 100 },
    ],
  ];
  for (const [title, args, example, expected] of cases) {
    it(title, () => {
      const plugin = buildInterPodAffinity({ ...defaultPluginArgs.InterPodAffinity, ...args });
      expect(judgeCluster(plugin, example)).to.deep.equal(expected);
    });
  }
});

describe("the arguments of PodTopologySpread", () => {
  const plugin = buildPodTopologySpread({
    defaultingType: "List",
    defaultConstraints: [{ topologyKey: "zone", maxSkew: 1, whenUnsatisfiable: "DoNotSchedule" }],
  });
  const web: PodOptions = { labels: { app: "web" } };

  it("hold pods without constraints to the default ones", () => {
    expect(judgeCluster(plugin, { title: "", pod: web, nodes: zones, existing: { a: [web] } })).to.deep.equal({
      a: "node(s) didn't match pod topology spread constraints",
      b: 0,
    });
  });

  it("leave pods with their own constraints to these", () => {
    const pod: PodOptions = {
      ...web,
      spec: {
        topologySpreadConstraints: [{ ...near("web"), maxSkew: 5, whenUnsatisfiable: "DoNotSchedule" }],
      },
    };
    expect(judgeCluster(plugin, { title: "", pod, nodes: zones, existing: { a: [web] } })).to.deep.equal({
      a: 0,
      b: 0,
    });
  });

  it("leave pods that stand alone without any", () => {
    expect(judgeCluster(plugin, { title: "", nodes: zones, existing: { a: [web] } })).to.deep.equal({ a: 0, b: 0 });
  });
});

describe("host ports", () => {
  const ports = [{ containerPort: 80, hostPort: 80, protocol: "TCP" as const }];
  const container = { name: "c", image: "a", resources: {} };
  const initWith = (restartPolicy?: "Always"): PodOptions => ({
    spec: {
      containers: [container],
      initContainers: [{ ...container, name: "i", ports, ...(restartPolicy && { restartPolicy }) }],
    },
  });
  it("are taken by sidecars", () => {
    const { rejection } = judgeNode(hostPortsFree, {
      title: "",
      pod: initWith("Always"),
      existing: [initWith("Always")],
    });
    expect([...(rejection ?? [])]).to.deep.equal(["node(s) didn't have free ports for the requested pod ports"]);
  });
  it("are not taken by init containers that end", () => {
    const { rejection } = judgeNode(hostPortsFree, { title: "", pod: initWith("Always"), existing: [initWith()] });
    expect(rejection).to.equal(undefined);
  });
});
