// How evenly a pod wants to be spread, read once: its own constraints, or Kubernetes' default ones for pods that belong to a
// group.

import type { TopologySpreadConstraint } from "../api/core/affinity.ts";
import type { PodTopologySpreadArgs } from "./configuration/plugin-args.ts";
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
const RACK_LABEL = "topology.kubernetes.io/rack";
/** On a pod, and so on the template of its controller: `rack`, and unless it says otherwise it is spread evenly over racks, too. */
const SPREAD_LABEL = "scheduling.kctl.dev/spread";

export function spreadConstraintsOf(pod: PodInfo, args: PodTopologySpreadArgs): SpreadConstraints {
  const own = pod.pod.spec.topologySpreadConstraints ?? [];
  const isSystem = args.defaultingType === "System";
  const all = own.length > 0 ? own.map((each) => readConstraint(each, pod)) : defaultsFor(pod, args);
  const those = (when: TopologySpreadConstraint["whenUnsatisfiable"]) => all.filter((each) => each.when === when);
  return {
    required: those("DoNotSchedule"),
    preferred: those("ScheduleAnyway"),
    preferredNeedLabels: own.length > 0 || !isSystem,
  };
}

type ReadConstraint = SpreadConstraint & { readonly when: TopologySpreadConstraint["whenUnsatisfiable"] };

/** Kubernetes' system defaults. */
const SYSTEM_DEFAULTS: readonly TopologySpreadConstraint[] = [
  { topologyKey: HOSTNAME_LABEL, maxSkew: 3, whenUnsatisfiable: "ScheduleAnyway" },
  { topologyKey: ZONE_LABEL, maxSkew: 5, whenUnsatisfiable: "ScheduleAnyway" },
];

/** A rack whose nodes take no pods, because it is lost, does not count. */
const OVER_RACKS: TopologySpreadConstraint = {
  topologyKey: RACK_LABEL,
  maxSkew: 1,
  whenUnsatisfiable: "DoNotSchedule",
  nodeTaintsPolicy: "Honor",
};

const systemDefaults = ({ labels }: PodInfo): readonly TopologySpreadConstraint[] =>
  labels[SPREAD_LABEL] === "rack" ? [...SYSTEM_DEFAULTS, OVER_RACKS] : SYSTEM_DEFAULTS;

/** What a Service or a controller selects, and default constraints count, is what `PodInfo.group` stands for. */
function defaultsFor(pod: PodInfo, args: PodTopologySpreadArgs): readonly ReadConstraint[] {
  const { group } = pod;
  if (group === undefined) return [];
  const given = args.defaultingType === "System" ? systemDefaults(pod) : args.defaultConstraints;
  return given.map((each) => ({
    ...readConstraint(each, pod),
    counts: (other) => !other.isTerminating && other.group === group,
    countsItself: true,
  }));
}

function readConstraint(constraint: TopologySpreadConstraint, pod: PodInfo): ReadConstraint {
  const { topologyKey, maxSkew, minDomains = 1, nodeAffinityPolicy, nodeTaintsPolicy } = constraint;
  const selector = selectorFor(constraint, pod);
  return {
    when: constraint.whenUnsatisfiable,
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
