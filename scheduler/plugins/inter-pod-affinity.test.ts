import { expect } from "chai";
import type { Affinity, PodAffinityTerm } from "../../api/core/affinity.ts";
import { judgeCluster, type ClusterCase, type PodOptions } from "../../testing/plugin-judge.ts";
import { interPodAffinity } from "./inter-pod-affinity.ts";

const NO_AFFINITY = "node(s) didn't match pod affinity rules";
const OWN = "node(s) didn't match pod anti-affinity rules";
const OTHERS = "node(s) didn't satisfy existing pods anti-affinity rules";

const near = (app: string, more: Partial<PodAffinityTerm> = {}): PodAffinityTerm => ({
  topologyKey: "zone",
  labelSelector: { matchLabels: { app } },
  ...more,
});
const needs = (...terms: PodAffinityTerm[]): Affinity => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
});
const shuns = (...terms: PodAffinityTerm[]): Affinity => ({
  podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
});
const likes = (weight: number, term: PodAffinityTerm): Affinity => ({
  podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm: term }] },
});
const dislikes = (weight: number, term: PodAffinityTerm): Affinity => ({
  podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm: term }] },
});
const pod = (app: string, affinity?: Affinity, namespace = "default"): PodOptions => ({
  labels: { app },
  namespace,
  ...(affinity && { spec: { affinity } }),
});

/** Two nodes in zone a, one in zone b, and one in none. */
const nodes = {
  a1: { labels: { zone: "a" } },
  a2: { labels: { zone: "a" } },
  b1: { labels: { zone: "b" } },
  x: {},
};
const namespaces = { other: { team: "red" }, third: {} };
const HOSTNAME = "kubernetes.io/hostname";

const cases: [Omit<ClusterCase, "nodes">, Record<string, string | number>][] = [
  [{ title: "wants nothing, where no pod wants anything" }, { a1: 0, a2: 0, b1: 0, x: 0 }],
  [
    { title: "needs a pod that is in one zone", pod: pod("web", needs(near("db"))), existing: { a1: [pod("db")] } },
    { a1: 0, a2: 0, b1: NO_AFFINITY, x: NO_AFFINITY },
  ],
  [
    { title: "needs a pod that is nowhere", pod: pod("web", needs(near("db"))) },
    { a1: NO_AFFINITY, a2: NO_AFFINITY, b1: NO_AFFINITY, x: NO_AFFINITY },
  ],
  [
    { title: "is the first of a group whose members need each other", pod: pod("web", needs(near("web"))) },
    { a1: 0, a2: 0, b1: 0, x: NO_AFFINITY },
  ],
  [
    {
      title: "is the second of a group whose members need each other",
      pod: pod("web", needs(near("web"))),
      existing: { b1: [pod("web", needs(near("web")))] },
    },
    { a1: NO_AFFINITY, a2: NO_AFFINITY, b1: 0, x: NO_AFFINITY },
  ],
  [
    {
      title: "needs one pod that both terms are about",
      pod: pod("web", needs(near("db"), near("cache"))),
      existing: { a1: [pod("db"), pod("cache")] },
    },
    { a1: NO_AFFINITY, a2: NO_AFFINITY, b1: NO_AFFINITY, x: NO_AFFINITY },
  ],
  [
    {
      title: "shuns a pod of one zone",
      pod: pod("web", shuns(near("web"))),
      existing: { a1: [pod("web")] },
    },
    { a1: OWN, a2: OWN, b1: 0, x: 0 },
  ],
  [
    {
      title: "shuns a pod by node",
      pod: pod("web", shuns(near("web", { topologyKey: HOSTNAME }))),
      existing: { a1: [pod("web")], x: [pod("web")] },
    },
    { a1: OWN, a2: 0, b1: 0, x: OWN },
  ],
  [
    { title: "is shunned by a pod of one zone", pod: pod("web"), existing: { a2: [pod("db", shuns(near("web")))] } },
    { a1: OTHERS, a2: OTHERS, b1: 0, x: 0 },
  ],
  [
    {
      title: "means its own namespace only",
      pod: pod("web", shuns(near("web"))),
      existing: { a1: [pod("web", undefined, "other")] },
    },
    { a1: 0, a2: 0, b1: 0, x: 0 },
  ],
  [
    {
      title: "means namespaces by name",
      pod: pod("web", shuns(near("web", { namespaces: ["other"] }))),
      existing: { a1: [pod("web", undefined, "other")], b1: [pod("web")] },
    },
    { a1: OWN, a2: OWN, b1: 0, x: 0 },
  ],
  [
    {
      title: "means namespaces by label",
      namespaces,
      pod: pod("web", shuns(near("web", { namespaceSelector: { matchLabels: { team: "red" } } }))),
      existing: { a1: [pod("web", undefined, "other")], b1: [pod("web", undefined, "third")] },
    },
    { a1: OWN, a2: OWN, b1: 0, x: 0 },
  ],
  [
    {
      title: "means all namespaces",
      namespaces,
      pod: pod("web", shuns(near("web", { namespaceSelector: {} }))),
      existing: { b1: [pod("web", undefined, "third")] },
    },
    { a1: 0, a2: 0, b1: OWN, x: 0 },
  ],
  [
    {
      title: "likes what is in one zone and dislikes what is on one node of it",
      pod: pod("web", {
        ...likes(60, near("db")),
        ...dislikes(30, near("web", { topologyKey: HOSTNAME })),
      }),
      existing: { a1: [pod("db"), pod("web")] },
    },
    { a1: 50, a2: 100, b1: 0, x: 0 },
  ],
  [
    {
      title: "is liked in one zone and disliked in another",
      pod: pod("web"),
      existing: { a1: [pod("db", likes(10, near("web")))], b1: [pod("db", dislikes(10, near("web")))] },
    },
    { a1: 100, a2: 100, b1: 0, x: 50 },
  ],
  [
    {
      title: "is needed in one zone, which counts as a preference of weight 1",
      pod: pod("web"),
      existing: { a1: [pod("db", needs(near("web")))], b1: [pod("db", likes(2, near("web")))] },
    },
    { a1: 50, a2: 50, b1: 100, x: 0 },
  ],
];

describe("the plugin InterPodAffinity", () => {
  for (const [example, expected] of cases) {
    it(`judges nodes for a pod that ${example.title}`, () => {
      expect(judgeCluster(interPodAffinity, { nodes, ...example })).to.deep.equal(expected);
    });
  }
});
