// Random clusters for holding the scheduler against a plain reading of its rules: nodes, pods with all sorts of rules,
// configurations, and what happens over time.

import fc from "fast-check";
import type { NodeSelectorTerm, PodAffinityTerm, Toleration, TopologySpreadConstraint } from "../api/core/affinity.ts";
import type { Container } from "../api/core/container.ts";
import type { Namespace } from "../api/core/namespace.ts";
import type { Node, Taint } from "../api/core/node.ts";
import type { Pod } from "../api/core/pod.ts";
import { defaultPluginArgs, type PluginArgs } from "../scheduler/configuration/plugin-args.ts";
import { PodInfo } from "../scheduler/pod-info.ts";
import { Snapshot } from "../scheduler/snapshot.ts";
import { asStored, newNode, newPod } from "./builders.ts";
import type { PlainCluster } from "./plain-topology-rules.ts";

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
const effects: Taint["effect"][] = ["NoSchedule", "PreferNoSchedule", "PreferNoSchedule", "NoExecute"];
const taint = fc.record({
  key: fc.constantFrom("k", "l"),
  value: fc.constantFrom("", "v"),
  effect: fc.constantFrom(...effects),
});
export const randomNode = fc.record({
  cpu: fc.constantFrom("1", "2", "4", "0"),
  memory: fc.constantFrom("1Gi", "4Gi"),
  pods: fc.constantFrom("110", "110", "3"),
  ephemeral: fc.constantFrom("1Gi", "10Gi"),
  gpu: fc.constantFrom(undefined, "2", "8"),
  disk: fc.constantFrom(undefined, "4"),
  zone: fc.option(fc.constantFrom("a", "b", "c"), { freq: 6 }),
  rack: fc.option(fc.constantFrom("r1", "r2"), { freq: 4 }),
  size: fc.constantFrom("1", "5"),
  taints: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(taint, { maxLength: 3 })),
  unschedulable: fc.boolean(),
  images: fc.dictionary(fc.constantFrom("registry.test/app:1", "registry.test/web:latest"), fc.constantFrom(1e8, 9e8)),
});
export type RandomNode = typeof randomNode extends fc.Arbitrary<infer T> ? T : never;

const toleration: fc.Arbitrary<Toleration> = fc.oneof(
  fc.constantFrom({ operator: "Exists" as const }, { key: "k", operator: "Exists" as const }),
  fc.constantFrom({ key: "l", value: "v" }, { key: "k", value: "v", effect: "NoSchedule" as const }),
);
const nodeTerm: fc.Arbitrary<NodeSelectorTerm> = fc.oneof(
  fc
    .constantFrom("a", "b")
    .map((zone) => ({ matchExpressions: [{ key: ZONE, operator: "In" as const, values: [zone] }] })),
  fc.constant({ matchExpressions: [{ key: "rack", operator: "DoesNotExist" as const }] }),
  fc
    .constantFrom("2", "9")
    .map((size) => ({ matchExpressions: [{ key: "size", operator: "Lt" as const, values: [size] }] })),
  fc.constant({ matchExpressions: [{ key: ZONE, operator: "NotIn" as const, values: ["a"] }] }),
  fc.subarray(["n0", "n1", "n2"]).map((names) => ({
    matchFields: [{ key: "metadata.name", operator: "In" as const, values: names }],
    matchExpressions: [{ key: "size", operator: "Exists" as const }],
  })),
);
const nodeAffinity = fc.record(
  {
    requiredDuringSchedulingIgnoredDuringExecution: fc
      .array(nodeTerm, { minLength: 1, maxLength: 2 })
      .map((nodeSelectorTerms) => ({ nodeSelectorTerms })),
    preferredDuringSchedulingIgnoredDuringExecution: fc.array(
      fc.record({ weight: fc.integer({ min: 1, max: 100 }), preference: nodeTerm }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);
const requests = fc.record(
  {
    cpu: fc.constantFrom("0", "100m", "500m"),
    memory: fc.constantFrom("64Mi", "512Mi"),
    "ephemeral-storage": fc.constantFrom("100Mi", "1Gi"),
    "a.test/gpu": fc.constantFrom("1", "2"),
    "b.test/disk": fc.constantFrom("1", "3"),
  },
  { requiredKeys: [] },
);
const port = fc.record({
  containerPort: fc.constant(1),
  hostPort: fc.constantFrom(80, 81),
  protocol: fc.constantFrom("TCP" as const, "UDP" as const),
  hostIP: fc.constantFrom("", "10.0.0.1", "10.0.0.2"),
});
const container = fc.record({
  image: fc.constantFrom("registry.test/app:1", "registry.test/web"),
  requests: fc.oneof({ weight: 1, arbitrary: fc.constant({}) }, requests),
  ports: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.array(port, { maxLength: 1 })),
});
type RandomContainer = typeof container extends fc.Arbitrary<infer T> ? T : never;
export const randomPod = fc.record({
  containers: fc.array(container, { minLength: 1, maxLength: 2 }),
  initContainers: fc.array(fc.record({ container, isSidecar: fc.boolean() }), { maxLength: 2 }),
  overhead: fc.option(fc.constant({ cpu: "50m", memory: "8Mi" }), { freq: 2, nil: undefined }),
  namespace: fc.constantFrom("default", "default", "other"),
  app: fc.constantFrom("x", "y", undefined),
  isOwned: fc.boolean(),
  zone: fc.option(fc.constantFrom("a", "b", "c"), { freq: 1 }),
  tolerations: fc.array(toleration, { maxLength: 2 }),
  nodeAffinity: fc.option(nodeAffinity, { freq: 2, nil: undefined }),
  podAffinity: fc.option(affinity, { freq: 2, nil: undefined }),
  podAntiAffinity: fc.option(affinity, { freq: 2, nil: undefined }),
  constraints: fc.option(fc.array(constraint, { minLength: 1, maxLength: 2 }), { freq: 2, nil: undefined }),
});
export type RandomPod = typeof randomPod extends fc.Arbitrary<infer T> ? T : never;

const resources = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom("cpu", "memory", "ephemeral-storage", "a.test/gpu"),
    weight: fc.integer({ min: 1, max: 5 }),
  }),
  { minLength: 1, maxLength: 4, selector: ({ name }) => name },
);
const strategy = fc.oneof(
  fc.record({ type: fc.constantFrom("LeastAllocated", "MostAllocated"), resources }),
  fc.record({
    type: fc.constant("RequestedToCapacityRatio"),
    resources,
    requestedToCapacityRatio: fc
      .uniqueArray(
        fc.record({ utilization: fc.integer({ min: 0, max: 100 }), score: fc.integer({ min: 0, max: 10 }) }),
        {
          minLength: 1,
          maxLength: 4,
          selector: ({ utilization }) => utilization,
        },
      )
      .map((shape) => ({ shape: [...shape].sort((a, b) => a.utilization - b.utilization) })),
  }),
);
const spreadArgs = fc.oneof(
  fc.constant(defaultPluginArgs.PodTopologySpread),
  fc
    .uniqueArray(
      fc.record({
        topologyKey: fc.constantFrom(HOSTNAME, ZONE, "rack"),
        maxSkew: fc.integer({ min: 1, max: 3 }),
        whenUnsatisfiable: fc.constantFrom("DoNotSchedule" as const, "ScheduleAnyway" as const),
      }),
      { maxLength: 3, selector: ({ topologyKey, whenUnsatisfiable }) => topologyKey + whenUnsatisfiable },
    )
    .map((defaultConstraints) => ({ defaultingType: "List" as const, defaultConstraints })),
);
const set = fc.record({
  NodeResourcesFit: fc.record({
    ignoredResources: fc.constantFrom([], ["b.test/disk"]),
    ignoredResourceGroups: fc.constantFrom([], ["a.test"]),
    scoringStrategy: strategy,
  }),
  NodeResourcesBalancedAllocation: resources.map((all) => ({
    resources: all.map(({ name }) => ({ name, weight: 1 })),
  })),
  InterPodAffinity: fc.record({
    hardPodAffinityWeight: fc.constantFrom(0, 1, 50),
    ignorePreferredTermsOfExistingPods: fc.boolean(),
  }),
  PodTopologySpread: spreadArgs,
  NodeAffinity: fc.record({ addedAffinity: fc.option(nodeAffinity, { nil: undefined, freq: 2 }) }),
});
/** What is set about the plugins: half of the time nothing. */
export const randomArgs: fc.Arbitrary<PluginArgs> = fc.oneof(
  fc.constant(defaultPluginArgs),
  set.map((given) => ({ ...defaultPluginArgs, ...given })),
);

export function nodeFrom(name: string, each: RandomNode, isCordoned: boolean): Node {
  const { cpu, memory, pods, gpu, disk } = each;
  const amounts = { cpu, memory, pods, "ephemeral-storage": each.ephemeral };
  const devices = { ...(gpu && { "a.test/gpu": gpu }), ...(disk && { "b.test/disk": disk }) };
  const images = Object.entries(each.images).map(([image, sizeBytes]) => ({ names: [image], sizeBytes }));
  return asStored<Node>(
    newNode(name, {
      labels: { size: each.size, ...(each.zone && { [ZONE]: each.zone }), ...(each.rack && { rack: each.rack }) },
      spec: { unschedulable: isCordoned, taints: each.taints },
      status: { allocatable: { ...amounts, ...devices }, images },
    }),
  );
}

const containerFrom = ({ image, requests: asked, ports }: RandomContainer, name: string): Container => ({
  name,
  image,
  resources: { requests: asked },
  ports,
});

export function podFrom(name: string, each: RandomPod): Pod {
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "rs", uid: `rs-${each.app}`, controller: true };
  const { podAffinity, podAntiAffinity, namespace, overhead } = each;
  return asStored<Pod>(
    newPod(name, {
      namespace,
      ...(each.app && { labels: { app: each.app } }),
      spec: {
        containers: each.containers.map((container, index) => containerFrom(container, `c${index}`)),
        initContainers: each.initContainers.map(({ container, isSidecar }, index) => ({
          ...containerFrom(container, `i${index}`),
          ...(isSidecar && { restartPolicy: "Always" as const }),
        })),
        ...(overhead && { overhead }),
        ...(each.zone && { nodeSelector: { [ZONE]: each.zone } }),
        tolerations: each.tolerations,
        ...(each.constraints && { topologySpreadConstraints: each.constraints }),
        affinity: {
          ...(each.nodeAffinity && { nodeAffinity: each.nodeAffinity }),
          ...(podAffinity && { podAffinity }),
          ...(podAntiAffinity && { podAntiAffinity }),
        },
      },
    }),
    each.isOwned ? { ownerReferences: [owner] } : {},
  );
}

/** What happens beside the placing of a pod. */
export const randomStep = fc.record({
  pod: fc.nat(),
  leaves: fc.nat({ max: 40 }),
  ends: fc.option(fc.nat({ max: 40 }), { freq: 2 }),
  nodeChanges: fc.option(fc.record({ index: fc.nat(), to: randomNode }), { freq: 2 }),
  nodeLeaves: fc.option(fc.nat(), { freq: 2, nil: undefined }),
  team: fc.option(fc.constantFrom("a", "b"), { freq: 2 }),
});

/** Both the snapshot and plain lists of what is in the cluster. */
export class RandomCluster {
  readonly snapshot = new Snapshot();
  readonly #nodes = new Map<string, Node>();
  readonly #placed = new Map<string, { readonly pod: Pod; readonly node: string }>();
  readonly #namespaceLabels: Record<string, Record<string, string>> = {};

  plain(): PlainCluster {
    const placed = [...this.#placed.values()].flatMap(({ pod, node: name }) => {
      const node = this.#nodes.get(name);
      return node ? [{ pod, node }] : [];
    });
    // In the order of the snapshot, which decides between equals.
    const nodes = this.snapshot.nodes.flatMap(({ name }) => this.#nodes.get(name) ?? []);
    return { nodes, placed, namespaceLabels: this.#namespaceLabels };
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
