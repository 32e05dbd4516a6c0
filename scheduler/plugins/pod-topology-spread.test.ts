import { expect } from "chai";
import type { TopologySpreadConstraint } from "../../api/core/affinity.ts";
import { judgeCluster, type ClusterCase, type PodOptions } from "../../testing/plugin-judge.ts";
import { podTopologySpread } from "./pod-topology-spread.ts";

const UNEVEN = "node(s) didn't match pod topology spread constraints";
const NO_LABEL = "node(s) didn't match pod topology spread constraints (missing required label)";

type Constraint = Partial<TopologySpreadConstraint>;
const constraint = (more: Constraint): TopologySpreadConstraint => ({
  topologyKey: "zone",
  maxSkew: 1,
  whenUnsatisfiable: "DoNotSchedule",
  labelSelector: { matchLabels: { app: "web" } },
  ...more,
});
const spreading = (constraints: Constraint[], more: PodOptions = {}): PodOptions => ({
  labels: { app: "web" },
  ...more,
  spec: { ...more?.spec, topologySpreadConstraints: constraints.map(constraint) },
});
const web: PodOptions = { labels: { app: "web" } };
const inZone = (zone: string) => ({ labels: { zone } });
const ZONE = "topology.kubernetes.io/zone";

/** Two pods in zone a, one in zone b. */
const uneven = {
  nodes: { a1: inZone("a"), a2: inZone("a"), b1: inZone("b"), x: {} },
  existing: { a1: [web], a2: [web], b1: [web] },
};
const owned = (controller: string): PodOptions => ({
  metadata: {
    ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "rs", uid: controller, controller: true }],
  },
});

const cases: [ClusterCase, Record<string, string | number>][] = [
  [
    { title: "may not make zones more uneven", pod: spreading([{}]), ...uneven },
    { a1: UNEVEN, a2: UNEVEN, b1: 0, x: NO_LABEL },
  ],
  [
    { title: "allows a larger skew", pod: spreading([{ maxSkew: 2 }]), ...uneven },
    { a1: 0, a2: 0, b1: 0, x: NO_LABEL },
  ],
  [
    { title: "is not one of those that it spreads from", pod: spreading([{}], { labels: { app: "x" } }), ...uneven },
    { a1: 0, a2: 0, b1: 0, x: NO_LABEL },
  ],
  [
    { title: "wants more zones than there are", pod: spreading([{ maxSkew: 2, minDomains: 3 }]), ...uneven },
    { a1: UNEVEN, a2: UNEVEN, b1: 0, x: NO_LABEL },
  ],
  [
    {
      title: "counts no pods that are ending, and none of other namespaces",
      pod: spreading([{}]),
      nodes: { a1: inZone("a"), b1: inZone("b") },
      existing: {
        a1: [
          { ...web, metadata: { labels: { app: "web" }, deletionTimestamp: "2026-01-01T00:00:00Z" } },
          { ...web, namespace: "other" },
        ],
      },
    },
    { a1: 0, b1: 0 },
  ],
  [
    {
      title: "leaves out nodes that its own selector excludes",
      pod: spreading([{}], { spec: { nodeSelector: { disk: "ssd" } } }),
      nodes: { a1: { labels: { zone: "a", disk: "ssd" } }, b1: inZone("b") },
      existing: { a1: [web] },
    },
    { a1: 0, b1: 0 },
  ],
  [
    {
      title: "counts nodes that its own selector excludes, when told to",
      pod: spreading([{ nodeAffinityPolicy: "Ignore" }], { spec: { nodeSelector: { disk: "ssd" } } }),
      nodes: { a1: { labels: { zone: "a", disk: "ssd" } }, b1: inZone("b") },
      existing: { a1: [web] },
    },
    { a1: UNEVEN, b1: 0 },
  ],
  [
    {
      title: "counts tainted nodes",
      pod: spreading([{}]),
      nodes: { a1: inZone("a"), b1: { ...inZone("b"), spec: { taints: [{ key: "k", effect: "NoSchedule" }] } } },
      existing: { a1: [web] },
    },
    { a1: UNEVEN, b1: 0 },
  ],
  [
    {
      title: "leaves out tainted nodes, when told to",
      pod: spreading([{ nodeTaintsPolicy: "Honor" }]),
      nodes: { a1: inZone("a"), b1: { ...inZone("b"), spec: { taints: [{ key: "k", effect: "NoSchedule" }] } } },
      existing: { a1: [web] },
    },
    { a1: 0, b1: 0 },
  ],
  [
    {
      title: "counts pods of its own revision only",
      pod: spreading([{ matchLabelKeys: ["rev"] }], { labels: { app: "web", rev: "2" } }),
      nodes: { a1: inZone("a"), b1: inZone("b") },
      existing: { a1: [{ labels: { app: "web", rev: "1" } }], b1: [{ labels: { app: "web", rev: "2" } }] },
    },
    { a1: 0, b1: UNEVEN },
  ],
  [
    { title: "prefers an even spread", pod: spreading([{ whenUnsatisfiable: "ScheduleAnyway" }]), ...uneven },
    { a1: 33, a2: 33, b1: 100, x: 0 },
  ],
  [
    {
      title: "prefers an even spread where nothing is yet",
      pod: spreading([{ whenUnsatisfiable: "ScheduleAnyway" }]),
      nodes: uneven.nodes,
    },
    { a1: 100, a2: 100, b1: 100, x: 0 },
  ],
  [
    {
      title: "has no constraints, but a controller",
      pod: owned("rs-1"),
      nodes: { a1: { labels: { [ZONE]: "a" } }, a2: { labels: { [ZONE]: "a" } }, b1: { labels: { [ZONE]: "b" } } },
      existing: { a1: [owned("rs-1"), owned("rs-1")], b1: [owned("rs-2")] },
    },
    { a1: 50, a2: 75, b1: 100 },
  ],
  [
    { title: "has neither constraints nor a group", nodes: { a1: {}, b1: {} }, existing: { a1: [{}] } },
    { a1: 0, b1: 0 },
  ],
];

describe("the plugin PodTopologySpread", () => {
  for (const [example, expected] of cases) {
    it(`judges nodes for a pod that ${example.title}`, () => {
      expect(judgeCluster(podTopologySpread, example)).to.deep.equal(expected);
    });
  }
});
