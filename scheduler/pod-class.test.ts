import { expect } from "chai";
import fc from "fast-check";
import type { PodAffinityTerm, TopologySpreadConstraint } from "../api/core/affinity.ts";
import type { Namespace } from "../api/core/namespace.ts";
import type { Node, Taint } from "../api/core/node.ts";
import type { Pod } from "../api/core/pod.ts";
import { seededRandom } from "../lib/random.ts";
import { asStored, newNode, newPod } from "../testing/builders.ts";
import {
  plainAffinityRejection,
  plainAffinityScores,
  plainSpreadRejection,
  plainSpreadScores,
  type PlainCluster,
} from "../testing/plain-topology-rules.ts";
import { PodInfo } from "./pod-info.ts";
import { interPodAffinity } from "./plugins/inter-pod-affinity.ts";
import { podTopologySpread } from "./plugins/pod-topology-spread.ts";
import { schedulerPlugins } from "./plugins/index.ts";
import { PodScheduler } from "./schedule.ts";
import { Snapshot } from "./snapshot.ts";

interface PlainView {
  readonly snapshot: Snapshot;
  readonly cluster: PlainCluster;
}

/** Where the pod may go by a plain reading of the rules, all of the best nodes, or why it goes nowhere. */
function schedulePlainly(info: PodInfo, { snapshot, cluster }: PlainView): readonly string[] | string {
  const judges = schedulerPlugins
    .filter((plugin) => plugin !== interPodAffinity && plugin !== podTopologySpread)
    .map((plugin) => ({ weight: plugin.weight ?? 1, ...plugin.prepare(info, snapshot) }));
  const { pod } = info;
  const reasons = new Map<string, number>();
  const fitting = snapshot.nodes.filter((each) => {
    const local = judges.map(({ filter }) => filter?.(each)).find((rejection) => rejection);
    const { node } = each;
    const wide = plainSpreadRejection(pod, node, cluster) ?? plainAffinityRejection(pod, node, cluster);
    for (const reason of local ?? (wide ? [wide] : [])) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    return !local && !wide;
  });
  if (fitting.length === 0) {
    const counted = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
    return `0/${snapshot.nodes.length} nodes are available: ${counted.join(", ")}.`;
  }
  const nodes = fitting.map(({ node }) => node);
  const affinityScores = plainAffinityScores(pod, nodes, cluster);
  const spreadScores = plainSpreadScores(pod, nodes, cluster);
  const totals = fitting.map((_, index) => 2 * (affinityScores[index] ?? 0) + 2 * (spreadScores?.[index] ?? 0));
  for (const { weight, score, scale } of judges) {
    if (!score) continue;
    const highest = Math.max(...fitting.map(score), 0) || 1;
    fitting.forEach((each, index) => {
      const share = Math.floor((score(each) * 100) / highest);
      const points = scale === undefined ? score(each) : scale === "most is best" ? share : 100 - share;
      totals[index] = (totals[index] ?? 0) + weight * points;
    });
  }
  return fitting.filter((_, index) => totals[index] === Math.max(...totals)).map(({ name }) => name);
}

const HOSTNAME = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";
const selector = fc.option(
  fc.oneof(
    fc.constantFrom("x", "y").map((app) => ({ matchLabels: { app } })),
    fc.constant({}),
    fc.constant({ matchExpressions: [{ key: "app", operator: "NotIn" as const, values: ["x"] }] }),
  ),
  { nil: undefined, freq: 8 },
);
const topologyKey = fc.constantFrom(HOSTNAME, ZONE, ZONE, "rack");
const term: fc.Arbitrary<PodAffinityTerm> = fc.record(
  {
    topologyKey,
    labelSelector: selector,
    namespaces: fc.constantFrom([], ["other"], ["default"]),
    namespaceSelector: fc.constantFrom(undefined, undefined, {}, { matchLabels: { team: "a" } }),
  },
  { requiredKeys: ["topologyKey"] },
);
const affinity = fc.record(
  {
    requiredDuringSchedulingIgnoredDuringExecution: fc.array(term, { maxLength: 2 }),
    preferredDuringSchedulingIgnoredDuringExecution: fc.array(
      fc.record({ weight: fc.integer({ min: 1, max: 100 }), podAffinityTerm: term }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);
const constraint: fc.Arbitrary<TopologySpreadConstraint> = fc.record(
  {
    topologyKey,
    maxSkew: fc.integer({ min: 1, max: 3 }),
    whenUnsatisfiable: fc.constantFrom("DoNotSchedule" as const, "ScheduleAnyway" as const),
    labelSelector: selector,
    minDomains: fc.integer({ min: 1, max: 4 }),
    nodeAffinityPolicy: fc.constantFrom("Honor" as const, "Ignore" as const),
    nodeTaintsPolicy: fc.constantFrom("Honor" as const, "Ignore" as const),
    matchLabelKeys: fc.constantFrom([], ["app"], ["absent"]),
  },
  { requiredKeys: ["topologyKey", "maxSkew", "whenUnsatisfiable", "labelSelector"] },
);
const effects: Taint["effect"][] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
const nodeOf = fc.record({
  cpu: fc.constantFrom("1", "2", "4"),
  memory: fc.constantFrom("1Gi", "4Gi"),
  zone: fc.option(fc.constantFrom("a", "b", "c"), { freq: 6 }),
  rack: fc.option(fc.constantFrom("r1", "r2"), { freq: 4 }),
  taint: fc.option(fc.constantFrom(...effects), { freq: 2 }),
  unschedulable: fc.boolean(),
  imageBytes: fc.constantFrom(0, 100e6, 900e6),
});
const podOf = fc.record({
  cpu: fc.constantFrom("100m", "500m"),
  memory: fc.constantFrom("64Mi", "512Mi"),
  namespace: fc.constantFrom("default", "default", "other"),
  app: fc.constantFrom("x", "y", undefined),
  isOwned: fc.boolean(),
  zone: fc.option(fc.constantFrom("a", "b", "c"), { freq: 2 }),
  prefers: fc.option(fc.constantFrom("a", "b", "c"), { freq: 2 }),
  tolerates: fc.boolean(),
  hostPort: fc.option(fc.constantFrom(80, 81), { freq: 2 }),
  podAffinity: fc.option(affinity, { freq: 2, nil: undefined }),
  podAntiAffinity: fc.option(affinity, { freq: 2, nil: undefined }),
  constraints: fc.option(fc.array(constraint, { minLength: 1, maxLength: 2 }), { freq: 2, nil: undefined }),
});
type RandomNode = typeof nodeOf extends fc.Arbitrary<infer T> ? T : never;
type RandomPod = typeof podOf extends fc.Arbitrary<infer T> ? T : never;

const nodeFrom = (name: string, each: RandomNode, isCordoned: boolean) =>
  asStored<Node>(
    newNode(name, {
      cpu: each.cpu,
      memory: each.memory,
      labels: { ...(each.zone && { [ZONE]: each.zone }), ...(each.rack && { rack: each.rack }) },
      spec: { unschedulable: isCordoned, ...(each.taint && { taints: [{ key: "k", effect: each.taint }] }) },
      status: { images: each.imageBytes ? [{ names: ["registry.test/app:1"], sizeBytes: each.imageBytes }] : [] },
    }),
  );

function podFrom(name: string, each: RandomPod): Pod {
  const ports = each.hostPort ? [{ containerPort: 1, hostPort: each.hostPort, protocol: "TCP" as const }] : [];
  const resources = { requests: { cpu: each.cpu, memory: each.memory } };
  const zoneTerm = { matchExpressions: [{ key: ZONE, operator: "In" as const, values: [each.prefers ?? ""] }] };
  const nodeAffinity = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, preference: zoneTerm }] };
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "rs", uid: `rs-${each.app}`, controller: true };
  const { podAffinity, podAntiAffinity, namespace } = each;
  return asStored<Pod>(
    newPod(name, {
      namespace,
      ...(each.app && { labels: { app: each.app } }),
      spec: {
        containers: [{ name: "main", image: "registry.test/app:1", ports, resources }],
        ...(each.zone && { nodeSelector: { [ZONE]: each.zone } }),
        ...(each.tolerates && { tolerations: [{ operator: "Exists" as const }] }),
        ...(each.constraints && { topologySpreadConstraints: each.constraints }),
        affinity: {
          ...(each.prefers && { nodeAffinity }),
          ...(podAffinity && { podAffinity }),
          ...(podAntiAffinity && { podAntiAffinity }),
        },
      },
    }),
    each.isOwned ? { ownerReferences: [owner] } : {},
  );
}

const step = fc.record({
  pod: fc.nat(),
  leaves: fc.nat({ max: 40 }),
  ends: fc.option(fc.nat({ max: 40 }), { freq: 2 }),
  nodeChanges: fc.option(fc.record({ index: fc.nat(), to: nodeOf }), { freq: 2 }),
  nodeLeaves: fc.option(fc.nat(), { freq: 2, nil: undefined }),
  team: fc.option(fc.constantFrom("a", "b"), { freq: 2 }),
});

/** Both the snapshot and plain lists of what is in the cluster. */
class RandomCluster {
  readonly snapshot = new Snapshot();
  readonly #nodes = new Map<string, Node>();
  readonly #placed = new Map<string, { readonly pod: Pod; readonly node: string }>();
  readonly #namespaceLabels: Record<string, Record<string, string>> = {};

  plain(): PlainCluster {
    const placed = [...this.#placed.values()].flatMap(({ pod, node: name }) => {
      const node = this.#nodes.get(name);
      return node ? [{ pod, node }] : [];
    });
    return { nodes: [...this.#nodes.values()], placed, namespaceLabels: this.#namespaceLabels };
  }

  setNode(node: Node): void {
    this.#nodes.set(node.metadata.name, node);
    this.snapshot.setNode(node);
  }

  removeNode(name: string): void {
    this.#nodes.delete(name);
    this.snapshot.removeNode(name);
  }

  place(pod: Pod, node: string): void {
    this.#placed.set(pod.metadata.uid, { pod, node });
    this.snapshot.addPod(new PodInfo(pod), node);
  }

  removePod(index: number): void {
    const uid = [...this.#placed.keys()][index];
    if (uid === undefined) return;
    this.#placed.delete(uid);
    this.snapshot.removePod(uid);
  }

  /** The pod begins to end. */
  endPod(index: number): void {
    const found = [...this.#placed.values()][index];
    if (!found) return;
    const { pod, node } = found;
    this.place({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } }, node);
  }

  labelNamespace(name: string, labels: Record<string, string>): void {
    this.#namespaceLabels[name] = labels;
    this.snapshot.setNamespace(
      asStored<Namespace>({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels }, spec: {} } as object as {
        metadata: object;
      }),
    );
  }
}

describe("PodClass", () => {
  it("decides in random clusters as a plain reading of the rules does", () => {
    fc.assert(
      fc.property(
        fc.array(nodeOf, { minLength: 2, maxLength: 6 }),
        // Many equal nodes are decided about as groups.
        fc.constantFrom(1, 6),
        fc.array(podOf, { minLength: 1, maxLength: 4 }),
        fc.array(step, { minLength: 10, maxLength: 30 }),
        (shapes, copies, kinds, steps) => {
          const cluster = new RandomCluster();
          const nodes = Array.from({ length: copies }, () => shapes).flat();
          nodes.forEach((each, index) => cluster.setNode(nodeFrom(`n${index}`, each, each.unschedulable && index > 0)));
          const scheduler = new PodScheduler(cluster.snapshot, schedulerPlugins, seededRandom(7));
          steps.forEach(({ pod: kind, leaves, ends, nodeChanges, nodeLeaves, team }, index) => {
            const pod = podFrom(`p${index}`, kinds[kind % kinds.length] ?? expect.fail());
            const view = { snapshot: cluster.snapshot, cluster: cluster.plain() };
            const expected = schedulePlainly(new PodInfo(pod), view);
            const decision = scheduler.schedule(new PodInfo(pod));
            if (decision.node === undefined) expect(decision.message).to.equal(expected);
            else expect(expected).to.be.an("array").that.includes(decision.node);
            if (decision.node !== undefined) cluster.place(pod, decision.node);
            cluster.removePod(leaves);
            if (ends !== null) cluster.endPod(ends);
            if (team) cluster.labelNamespace("other", { team });
            if (nodeLeaves !== undefined && nodes.length > 1)
              cluster.removeNode(`n${1 + (nodeLeaves % (nodes.length - 1))}`);
            if (nodeChanges) {
              const { index: which, to } = nodeChanges;
              cluster.setNode(nodeFrom(`n${which % nodes.length}`, to, to.unschedulable));
            }
          });
        },
      ),
      { numRuns: 60 },
    );
  });
});
