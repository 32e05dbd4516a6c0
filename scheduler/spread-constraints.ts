// How evenly a pod wants to be spread, read once: its own constraints, or Kubernetes' default ones for pods that belong to a
// group.

import type { TopologySpreadConstraint } from "../api/core/affinity.ts";
import { matchesNodeAffinity } from "../api/core/node-affinity.ts";
import { findUntoleratedTaint } from "../api/core/taints.ts";
import { matchesSelector, selectorOf, selectorOfLabels } from "../api/meta/selector.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";

export interface SpreadConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  /** Whether a pod that is there is one of those that are spread. */
  counts(other: PodInfo): boolean;
  /** The pod itself would be one of them. */
  readonly countsItself: boolean;
  /** Whether the node is one of those over which they are spread. */
  includes(node: NodeInfo): boolean;
}

export interface SpreadConstraints {
  readonly required: readonly SpreadConstraint[];
  readonly preferred: readonly SpreadConstraint[];
  /** Preferences are about nodes that have the labels of all of them; the default ones about all nodes. */
  readonly preferredNeedLabels: boolean;
}

export const HOSTNAME_LABEL = "kubernetes.io/hostname";
const ZONE_LABEL = "topology.kubernetes.io/zone";

export function spreadConstraintsOf(pod: PodInfo): SpreadConstraints {
  const own = pod.pod.spec.topologySpreadConstraints ?? [];
  if (own.length === 0) return { required: [], preferred: defaultConstraints(pod), preferredNeedLabels: false };
  const read = (when: TopologySpreadConstraint["whenUnsatisfiable"]) =>
    own.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === when).map((each) => readConstraint(each, pod));
  return { required: read("DoNotSchedule"), preferred: read("ScheduleAnyway"), preferredNeedLabels: true };
}

/** Kubernetes' system defaults. What a Service or a controller selects is what `PodInfo.group` stands for. */
function defaultConstraints(pod: PodInfo): readonly SpreadConstraint[] {
  const { group } = pod;
  if (group === undefined) return [];
  const shared = {
    minDomains: 1,
    counts: (other: PodInfo) => !other.isTerminating && other.group === group,
    countsItself: true,
    includes: ({ node }: NodeInfo) => matchesNodeAffinity(pod.pod, node),
  };
  return [
    { ...shared, topologyKey: HOSTNAME_LABEL, maxSkew: 3 },
    { ...shared, topologyKey: ZONE_LABEL, maxSkew: 5 },
  ];
}

function readConstraint(constraint: TopologySpreadConstraint, pod: PodInfo): SpreadConstraint {
  const { topologyKey, maxSkew, minDomains = 1, nodeAffinityPolicy, nodeTaintsPolicy } = constraint;
  const selector = selectorFor(constraint, pod);
  return {
    topologyKey,
    maxSkew,
    minDomains,
    // A selector of everything counts nothing, and terminating pods are not counted, both as in Kubernetes.
    counts: ({ namespace, labels, isTerminating }) =>
      selector.length > 0 && !isTerminating && namespace === pod.namespace && matchesSelector(selector, labels),
    countsItself: matchesSelector(selector, pod.labels),
    includes: ({ node }) =>
      (nodeAffinityPolicy === "Ignore" || matchesNodeAffinity(pod.pod, node)) &&
      (nodeTaintsPolicy !== "Honor" ||
        !findUntoleratedTaint(node.spec.taints, pod.pod.spec.tolerations, ["NoSchedule", "NoExecute"])),
  };
}

/** matchLabelKeys add the values that the pod itself has. */
function selectorFor({ labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint, { labels }: PodInfo) {
  const own = matchLabelKeys.flatMap((key) => {
    const value = labels[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  return [...selectorOf(labelSelector), ...selectorOfLabels(Object.fromEntries(own))];
}
