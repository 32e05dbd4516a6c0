// Kubernetes' rules about pods near a node, read as plainly as they can be written: for one pod, from all pods, with nothing
// remembered. The scheduler's fast way is held against them.

import type { PodAffinityTerm, TopologySpreadConstraint } from "../api/core/affinity.ts";
import { matchesNodeAffinity } from "../api/core/node-affinity.ts";
import type { Node } from "../api/core/node.ts";
import type { Pod } from "../api/core/pod.ts";
import { findUntoleratedTaint } from "../api/core/taints.ts";
import { controllerOf } from "../api/meta/owner.ts";
import { matchesSelector, selectorOf } from "../api/meta/selector.ts";
import type { PluginArgs } from "../scheduler/configuration/plugin-args.ts";

export interface PlainCluster {
  readonly nodes: readonly Node[];
  readonly placed: readonly { readonly pod: Pod; readonly node: Node }[];
  readonly namespaceLabels: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What a reading of the rules depends on besides the pod. */
export interface PlainView {
  readonly cluster: PlainCluster;
  readonly args: PluginArgs;
}

const labelOf = (node: Node, key: string) => node.metadata.labels?.[key];
const areNear = (a: Node, b: Node, key: string) => labelOf(a, key) !== undefined && labelOf(a, key) === labelOf(b, key);
const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);

function isAbout(
  term: PodAffinityTerm,
  [owner, other]: readonly [Pod, Pod],
  { namespaceLabels }: PlainCluster,
): boolean {
  const { namespace = "" } = other.metadata;
  const isNamespaceMeant =
    !term.namespaces?.length && !term.namespaceSelector
      ? namespace === owner.metadata.namespace
      : (term.namespaces?.includes(namespace) ?? false) ||
        matchesSelector(selectorOf(term.namespaceSelector), namespaceLabels[namespace]);
  return isNamespaceMeant && matchesSelector(selectorOf(term.labelSelector), other.metadata.labels);
}

const affinityOf = (pod: Pod) => pod.spec.affinity?.podAffinity;
const antiAffinityOf = (pod: Pod) => pod.spec.affinity?.podAntiAffinity;

/** Why pods near the node keep the pod away from it. */
export function plainAffinityRejection(pod: Pod, node: Node, cluster: PlainCluster): string | undefined {
  const { placed } = cluster;
  const terms = affinityOf(pod)?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const friends = placed.filter((each) => terms.every((term) => isAbout(term, [pod, each.pod], cluster)));
  const areLabelled = terms.every(({ topologyKey }) => labelOf(node, topologyKey) !== undefined);
  const areFriendsNear = terms.every(({ topologyKey }) =>
    friends.some((each) => areNear(each.node, node, topologyKey)),
  );
  const hasNoFriend = !friends.some((each) =>
    terms.some(({ topologyKey }) => labelOf(each.node, topologyKey) !== undefined),
  );
  const isFirst = hasNoFriend && terms.every((term) => isAbout(term, [pod, pod], cluster));
  if (!areLabelled || !(areFriendsNear || isFirst)) return "node(s) didn't match pod affinity rules";
  const shuns = (owner: Pod, other: Pod, where: Node) =>
    (antiAffinityOf(owner)?.requiredDuringSchedulingIgnoredDuringExecution ?? []).some(
      (term) => isAbout(term, [owner, other], cluster) && areNear(where, node, term.topologyKey),
    );
  if (placed.some((each) => shuns(pod, each.pod, each.node))) return "node(s) didn't match pod anti-affinity rules";
  return placed.some((each) => shuns(each.pod, pod, each.node))
    ? "node(s) didn't satisfy existing pods anti-affinity rules"
    : undefined;
}

/** 0 to 100 for each of the nodes where the pod may go. */
export function plainAffinityScores(pod: Pod, nodes: readonly Node[], { cluster, args }: PlainView): readonly number[] {
  const { hardPodAffinityWeight, ignorePreferredTermsOfExistingPods } = args.InterPodAffinity;
  const hasOwn = [affinityOf(pod), antiAffinityOf(pod)].some(
    (each) => (each?.preferredDuringSchedulingIgnoredDuringExecution ?? []).length > 0,
  );
  if (ignorePreferredTermsOfExistingPods && !hasOwn) return nodes.map(() => 0);
  const weigh = (owner: Pod, other: Pod, isNear: (key: string) => boolean) => {
    const counts = ({ podAffinityTerm }: { podAffinityTerm: PodAffinityTerm }) =>
      isAbout(podAffinityTerm, [owner, other], cluster) && isNear(podAffinityTerm.topologyKey);
    const liked = affinityOf(owner)?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const disliked = antiAffinityOf(owner)?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    return (
      sum(liked.filter(counts).map(({ weight }) => weight)) - sum(disliked.filter(counts).map(({ weight }) => weight))
    );
  };
  const amounts = nodes.map((node) =>
    sum(
      cluster.placed.map(({ pod: other, node: where }) => {
        const isNear = (key: string) => areNear(where, node, key);
        const needs = (affinityOf(other)?.requiredDuringSchedulingIgnoredDuringExecution ?? []).filter(
          (term) => isAbout(term, [other, pod], cluster) && isNear(term.topologyKey),
        );
        return weigh(pod, other, isNear) + weigh(other, pod, isNear) + needs.length * hardPodAffinityWeight;
      }),
    ),
  );
  const lowest = Math.min(...amounts);
  const range = Math.max(...amounts) - lowest;
  return amounts.map((amount) => (range > 0 ? Math.trunc(100 * ((amount - lowest) / range)) : 0));
}

interface Spread {
  readonly constraint: TopologySpreadConstraint;
  readonly pod: Pod;
}

/** The pods of the node that the constraint spreads together with the pod. */
function countOn(node: Node, { constraint, pod }: Spread, { placed }: PlainCluster): number {
  const own = (constraint.matchLabelKeys ?? []).filter((key) => Object.hasOwn(pod.metadata.labels ?? {}, key));
  const isEmpty = selectorOf(constraint.labelSelector).length + own.length === 0;
  return placed.filter(
    (each) =>
      each.node === node &&
      !isEmpty &&
      each.pod.metadata.deletionTimestamp === undefined &&
      each.pod.metadata.namespace === pod.metadata.namespace &&
      isSelected(constraint, pod, each.pod),
  ).length;
}

function isSelected({ labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint, pod: Pod, other: Pod): boolean {
  const { labels = {} } = pod.metadata;
  return (
    matchesSelector(selectorOf(labelSelector), other.metadata.labels) &&
    matchLabelKeys.every((key) => !Object.hasOwn(labels, key) || other.metadata.labels?.[key] === labels[key])
  );
}

function isSpreadOver(node: Node, constraint: TopologySpreadConstraint, pod: Pod): boolean {
  const { nodeAffinityPolicy = "Honor", nodeTaintsPolicy = "Ignore" } = constraint;
  const isTainted = findUntoleratedTaint(node.spec.taints, pod.spec.tolerations, ["NoSchedule", "NoExecute"]);
  return (
    (nodeAffinityPolicy === "Ignore" || matchesNodeAffinity(pod, node)) && (nodeTaintsPolicy === "Ignore" || !isTainted)
  );
}

/** The pod's own constraints, or else the default ones; `together` is the cluster in which they find what they count. */
function constraintsOf(pod: Pod, when: TopologySpreadConstraint["whenUnsatisfiable"], { cluster, args }: PlainView) {
  const own = pod.spec.topologySpreadConstraints ?? [];
  const isDefault = own.length === 0;
  const all = isDefault ? defaultsOf(pod, args) : own;
  return {
    constraints: all.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === when),
    together: isDefault ? defaultsCluster(pod, cluster) : cluster,
    self: isDefault ? relabelled(pod, pod) : pod,
  };
}

/** The nodes that a constraint counts, among several that go together. */
const countedNodes = (all: readonly TopologySpreadConstraint[], pod: Pod, nodes: readonly Node[]) => {
  const labelled = nodes.filter((node) => all.every(({ topologyKey }) => labelOf(node, topologyKey) !== undefined));
  return (constraint: TopologySpreadConstraint) => labelled.filter((node) => isSpreadOver(node, constraint, pod));
};

/** Why the pod would be spread too unevenly on the node. */
export function plainSpreadRejection(pod: Pod, node: Node, view: PlainView): string | undefined {
  const { constraints: required, together, self: own } = constraintsOf(pod, "DoNotSchedule", view);
  const counted = countedNodes(required, pod, view.cluster.nodes);
  for (const constraint of required) {
    const { topologyKey, maxSkew, minDomains = 1 } = constraint;
    const value = labelOf(node, topologyKey);
    if (value === undefined) return "node(s) didn't match pod topology spread constraints (missing required label)";
    const counts = new Map<string | undefined, number>();
    for (const each of counted(constraint)) {
      const domain = labelOf(each, topologyKey);
      counts.set(domain, (counts.get(domain) ?? 0) + countOn(each, { constraint, pod: own }, together));
    }
    const least = counts.size < minDomains ? 0 : Math.min(...counts.values());
    const self = isSelected(constraint, own, own) ? 1 : 0;
    if ((counts.get(value) ?? 0) + self - least > maxSkew)
      return "node(s) didn't match pod topology spread constraints";
  }
  return undefined;
}

const HOSTNAME = "kubernetes.io/hostname";

/** 0 to 100 for each of the nodes where the pod may go; undefined where nothing is preferred. */
export function plainSpreadScores(pod: Pod, nodes: readonly Node[], view: PlainView): readonly number[] | undefined {
  const { constraints: preferred, together, self: own } = constraintsOf(pod, "ScheduleAnyway", view);
  if (preferred.length === 0) return undefined;
  const isSystem = own !== pod && view.args.PodTopologySpread.defaultingType === "System";
  const isScored = (node: Node) =>
    isSystem || preferred.every(({ topologyKey }) => labelOf(node, topologyKey) !== undefined);
  const scored = nodes.filter(isScored);
  const counted = countedNodes(isSystem ? [] : preferred, pod, view.cluster.nodes);
  const amountOf = (node: Node, constraint: TopologySpreadConstraint) => {
    const { topologyKey, maxSkew } = constraint;
    if (labelOf(node, topologyKey) === undefined) return 0;
    const isHostname = topologyKey === HOSTNAME;
    const size = isHostname ? scored.length : new Set(scored.map((each) => labelOf(each, topologyKey))).size;
    const near = isHostname ? [node] : counted(constraint).filter((each) => areNear(each, node, topologyKey));
    const count = sum(near.map((each) => countOn(each, { constraint, pod: own }, together)));
    return count * Math.log(size + 2) + (maxSkew - 1);
  };
  const amounts = nodes.map((node) => Math.round(sum(preferred.map((constraint) => amountOf(node, constraint)))));
  const relevant = amounts.filter((_, index) => scored.includes(nodes[index] as Node));
  const highest = Math.max(0, ...relevant);
  const lowest = Math.min(...relevant);
  return nodes.map((node, index) => {
    if (!isScored(node)) return 0;
    return highest === 0 ? 100 : Math.trunc((100 * (highest + lowest - (amounts[index] ?? 0))) / highest);
  });
}

/** What the group of a pod is, as a label: pods of one controller, or with the same labels. */
function groupOf(pod: Pod): string | undefined {
  const { labels = {}, namespace } = pod.metadata;
  const owner = controllerOf(pod);
  if (owner) return owner.uid;
  const entries = Object.entries(labels).sort();
  return entries.length === 0 ? undefined : JSON.stringify([namespace, entries]);
}

const GROUP = "group";

function defaultsOf(pod: Pod, args: PluginArgs): readonly TopologySpreadConstraint[] {
  const group = groupOf(pod);
  if (group === undefined) return [];
  const labelSelector = { matchLabels: { [GROUP]: group } };
  const { defaultingType, defaultConstraints } = args.PodTopologySpread;
  if (defaultingType === "List") return defaultConstraints.map((each) => ({ ...each, labelSelector }));
  return [
    { topologyKey: HOSTNAME, maxSkew: 3, whenUnsatisfiable: "ScheduleAnyway", labelSelector },
    { topologyKey: "topology.kubernetes.io/zone", maxSkew: 5, whenUnsatisfiable: "ScheduleAnyway", labelSelector },
  ];
}

/** With its group as its only label, and in the namespace of the other. */
const relabelled = (pod: Pod, { metadata: { namespace } }: Pod): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, namespace, labels: { [GROUP]: groupOf(pod) ?? "" } },
});

const defaultsCluster = (pod: Pod, cluster: PlainCluster): PlainCluster => ({
  ...cluster,
  placed: cluster.placed.map((each) => ({ ...each, pod: relabelled(each.pod, pod) })),
});
