// The rules about the pods near a node: affinity, anti-affinity and topology spread.

import type { PodAffinityTerm, TopologySpreadConstraint } from "../../../api/core/affinity.ts";
import type { Pod } from "../../../api/core/pod.ts";
import { renderSelector, type Selector } from "../../../api/meta/selector.ts";
import { termMatches, type AffinityTerm } from "../../affinity-terms.ts";
import { defaultPluginArgs } from "../../configuration/plugin-args.ts";
import { HOSTNAME_LABEL, spreadConstraintsOf } from "../../spread-constraints.ts";
import type { PodInfo } from "../../pod-info.ts";
import { edit } from "../cluster-view.ts";
import { COST, type Remedy } from "../obstacle.ts";
import { listNames, remadePod, whatToChange } from "../pod-changes.ts";
import { labelRemedy } from "./node-guides.ts";
import { isRemovable, removal } from "./room-guides.ts";
import type { RuleGuide, Site } from "./rule-guide.ts";

const NO_AFFINITY = "node(s) didn't match pod affinity rules";
const OWN_ANTI_AFFINITY = "node(s) didn't match pod anti-affinity rules";
const NO_LABEL = "node(s) didn't match pod topology spread constraints (missing required label)";

/** The pods in the node's domain of the label. */
function* near({ node, picture: { snapshot } }: Site, topologyKey: string): Iterable<PodInfo> {
  const value = node.node.metadata.labels?.[topologyKey];
  if (value === undefined) return;
  for (const other of snapshot.nodes) {
    if (other.node.metadata.labels?.[topologyKey] === value) yield* snapshot.podsOn(other.name);
  }
}

/** Pods nearby that the pod cannot stand. */
const shunned = (site: Site): readonly PodInfo[] => [
  ...new Set(
    site.pod.affinity.requiredAnti.flatMap((term) =>
      [...near(site, term.topologyKey)].filter((other) => termMatches(term, other, site.picture.snapshot)),
    ),
  ),
];

/** Pods nearby that cannot stand the pod. */
function shunning(site: Site): readonly PodInfo[] {
  const { snapshot } = site.picture;
  const { labels = {} } = site.node.node.metadata;
  const isNear = (otherNode: string, { topologyKey }: AffinityTerm) =>
    labels[topologyKey] !== undefined &&
    snapshot.node(otherNode)?.node.metadata.labels?.[topologyKey] === labels[topologyKey];
  return snapshot.nodes.flatMap(({ name }) =>
    [...snapshot.podsOn(name)].filter((other) =>
      other.affinity.requiredAnti.some((term) => isNear(name, term) && termMatches(term, site.pod, snapshot)),
    ),
  );
}

const keysOf = (pods: readonly PodInfo[]) => listNames(pods.map(({ key }) => key));

export const neighbourGuide: RuleGuide = {
  plugin: "InterPodAffinity",
  cause({ reasons }) {
    if (reasons.includes(NO_AFFINITY)) return "PodAffinity";
    return reasons.includes(OWN_ANTI_AFFINITY) ? "PodAntiAffinity" : "PodAntiAffinityOfOthers";
  },
  tell(site) {
    if (site.reasons.includes(NO_AFFINITY)) {
      const terms = site.pod.affinity.required.map(
        ({ selector, topologyKey }) => `${renderTerm(selector)} in the same ${topologyKey}`,
      );
      return `the pod needs other pods near it that are not there (${listNames(terms)})`;
    }
    if (site.reasons.includes(OWN_ANTI_AFFINITY))
      return `the pod does not go near ${keysOf(shunned(site))}, by its own anti-affinity`;
    return `${keysOf(shunning(site))} keeps such pods away, by its anti-affinity`;
  },
  remedies(site) {
    if (site.reasons.includes(NO_AFFINITY)) return affinityRemedies(site);
    const isOwn = site.reasons.includes(OWN_ANTI_AFFINITY);
    const others = isOwn ? shunned(site) : shunning(site);
    const leave = others.length > 0 && others.every(isRemovable);
    return [
      ...(isOwn ? [preferInstead(site, "podAntiAffinity")] : []),
      ...(leave
        ? [
            removal(
              others.map(({ pod }) => pod),
              `Remove ${keysOf(others)}, or move ${others.length > 1 ? "them" : "it"} elsewhere`,
            ),
          ]
        : []),
    ];
  },
};

const renderTerm = (selector: Selector) => renderSelector(selector) || "any pod";

/** The pod's required terms become wishes. */
function preferInstead({ pod: { pod } }: Site, which: "podAffinity" | "podAntiAffinity"): Remedy {
  const rules = pod.spec.affinity?.[which];
  const required: readonly PodAffinityTerm[] = rules?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const preferred = [
    ...(rules?.preferredDuringSchedulingIgnoredDuringExecution ?? []),
    ...required.map((podAffinityTerm) => ({ weight: 100, podAffinityTerm })),
  ];
  const loosened = { preferredDuringSchedulingIgnoredDuringExecution: preferred };
  return {
    cost: COST.loosen,
    text: `Let ${whatToChange(pod)} prefer, instead of require, its ${which === "podAffinity" ? "pod affinity" : "pod anti-affinity"}.`,
    edits: [remadePod(pod, { affinity: { ...pod.spec.affinity, [which]: loosened } })],
  };
}

function affinityRemedies(site: Site): readonly Remedy[] {
  const { pod, node } = site;
  const { required } = pod.affinity;
  const labels: Record<string, string> = {};
  for (const { selector } of required) {
    for (const { key, operator, values } of selector) {
      if (operator === "In" && values[0] !== undefined) labels[key] ??= values[0];
      else if (operator === "Exists") labels[key] ??= "true";
    }
  }
  const namespace = required[0]?.namespaces[0] ?? pod.namespace;
  const name = `${pod.pod.metadata.name}-companion`;
  const companion = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name, labels, uid: `new ${name}` },
    spec: { nodeName: node.name, containers: [{ name: "main", image: "registry.k8s.io/pause:3.10" }] },
    status: { phase: "Running" },
  } as unknown as Pod;
  const wanted = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return [
    preferInstead(site, "podAffinity"),
    {
      cost: COST.remove,
      text: `Start a pod labelled ${listNames(wanted)} in the namespace ${namespace}, on or near node ${node.name}.`,
      edits: [edit("create", "pods", companion)],
    },
  ];
}

/** The pod's own constraints that hold it back. */
const hardConstraints = ({ pod: { pod } }: Site): readonly TopologySpreadConstraint[] =>
  (pod.spec.topologySpreadConstraints ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === "DoNotSchedule");

export const spreadGuide: RuleGuide = {
  plugin: "PodTopologySpread",
  cause: ({ reasons }) => (reasons.includes(NO_LABEL) ? "TopologyLabelMissing" : "TopologySpread"),
  tell(site) {
    if (site.reasons.includes(NO_LABEL))
      return `it lacks the label ${listNames(missingKeys(site))}, over which the pod is to be spread`;
    const keys = hardConstraints(site).map(({ topologyKey, maxSkew }) => `${topologyKey} (maxSkew ${maxSkew})`);
    return `the pod would be spread too unevenly over ${listNames(keys) || "the racks"}`;
  },
  remedies: (site) =>
    site.reasons.includes(NO_LABEL) ? [labelDomain(site), relaxSpread(site)] : [...widenSkew(site), relaxSpread(site)],
};

function missingKeys({ pod, node }: Site): readonly string[] {
  const { required } = spreadConstraintsOf(pod, defaultPluginArgs.PodTopologySpread);
  const keys = required.map(({ topologyKey }) => topologyKey);
  return keys.filter((key) => node.node.metadata.labels?.[key] === undefined);
}

/** Of the domains that there are the one with the fewest pods; a new one where there is none. */
function labelDomain(site: Site): Remedy {
  const { snapshot } = site.picture;
  const labels = missingKeys(site).map((key) => {
    const pods = new Map<string, number>();
    for (const { node, name } of snapshot.nodes) {
      const value = node.metadata.labels?.[key];
      if (value !== undefined) pods.set(value, (pods.get(value) ?? 0) + [...snapshot.podsOn(name)].length);
    }
    const [fewest] = [...pods].sort((a, b) => a[1] - b[1]);
    return [key, key === HOSTNAME_LABEL ? site.node.name : (fewest?.[0] ?? "a")] as const;
  });
  return labelRemedy(site.node, Object.fromEntries(labels), COST.allow);
}

function relaxSpread(site: Site): Remedy {
  const { pod } = site.pod;
  const hard = hardConstraints(site);
  const constraints = pod.spec.topologySpreadConstraints?.map((each) =>
    hard.includes(each) ? { ...each, whenUnsatisfiable: "ScheduleAnyway" as const, minDomains: undefined } : each,
  );
  return {
    cost: COST.loosen + 1,
    text: `Let ${whatToChange(pod)} be spread as evenly as can be, instead of being held back: whenUnsatisfiable ScheduleAnyway.`,
    edits: [remadePod(pod, { topologySpreadConstraints: constraints })],
  };
}

/** By the least that lets the pod go to this node. */
function widenSkew(site: Site): readonly Remedy[] {
  const { pod } = site.pod;
  const hard = hardConstraints(site);
  if (hard.length === 0) return [];
  const widened = new Map(hard.map((each) => [each, skewAt(site, each)]));
  const raised = hard.filter((each) => (widened.get(each) ?? 0) > each.maxSkew);
  if (raised.length === 0) return [];
  const constraints = pod.spec.topologySpreadConstraints?.map((each) =>
    raised.includes(each) ? { ...each, maxSkew: widened.get(each) ?? each.maxSkew } : each,
  );
  const words = raised.map((each) => `${each.topologyKey} to ${widened.get(each)}`);
  return [
    {
      cost: COST.loosen,
      text: `Raise the maxSkew of ${whatToChange(pod)} over ${listNames(words)}.`,
      edits: [remadePod(pod, { topologySpreadConstraints: constraints })],
    },
  ];
}

/** How uneven the pods would be with this one on the node. */
function skewAt(site: Site, { topologyKey }: TopologySpreadConstraint): number {
  const { pod, picture } = site;
  const { required } = spreadConstraintsOf(pod, defaultPluginArgs.PodTopologySpread);
  const constraint = required.find((each) => each.topologyKey === topologyKey);
  if (!constraint) return 0;
  const counts = new Map<string, number>();
  for (const info of picture.snapshot.nodes) {
    const value = info.node.metadata.labels?.[topologyKey];
    if (value === undefined || !constraint.includes(info)) continue;
    const count = [...picture.snapshot.podsOn(info.name)].filter((other) => constraint.counts(other)).length;
    counts.set(value, (counts.get(value) ?? 0) + count);
  }
  const here = counts.get(site.node.node.metadata.labels?.[topologyKey] ?? "") ?? 0;
  const lowest = counts.size < constraint.minDomains ? 0 : Math.min(...counts.values());
  return here + (constraint.countsItself ? 1 : 0) - lowest;
}
