// The rules about a node itself: cordons, taints, labels and pools.

import type { NodeSelectorRequirement } from "../../../api/core/affinity.ts";
import { matchesNodeAffinity, nodeMatchesTerm } from "../../../api/core/node-affinity.ts";
import type { Node, Taint } from "../../../api/core/node.ts";
import { toleratesAny } from "../../../api/core/taints.ts";
import { POOL_LABEL, poolOf } from "../../../api/kctl-scheduling/pools.ts";
import { matchesRequirement } from "../../../api/meta/selector.ts";
import { HOSTNAME_LABEL } from "../../spread-constraints.ts";
import { edit, type Edit } from "../cluster-view.ts";
import { COST, type Remedy } from "../obstacle.ts";
import { listNames, remadePod, whatToChange } from "../pod-changes.ts";
import type { RuleGuide, Site } from "./rule-guide.ts";

type Labels = Readonly<Record<string, string | undefined>>;

const CORDON = "node.kubernetes.io/unschedulable";

const uncordon = ({ node: { node, name } }: Site): Remedy => {
  const taints = node.spec.taints?.filter(({ key }) => key !== CORDON);
  const spec = { ...node.spec, unschedulable: undefined, taints };
  return {
    cost: COST.allow,
    text: `Let node ${name} have pods again.`,
    command: `kctl uncordon ${name}`,
    edits: [edit("update", "nodes", { ...node, spec })],
  };
};

export const cordonGuide: RuleGuide = {
  plugin: "NodeUnschedulable",
  cause: () => "Cordoned",
  tell: () => "it is cordoned",
  remedies: (site) => [uncordon(site)],
};

const renderTaint = ({ key, value, effect }: Taint) => `${key}${value ? `=${value}` : ""}:${effect}`;

const untolerated = ({ node: { node }, pod: { pod } }: Site): readonly Taint[] =>
  (node.spec.taints ?? []).filter(
    (taint) => taint.effect !== "PreferNoSchedule" && !toleratesAny(pod.spec.tolerations, taint),
  );

/** Taints that the cluster sets by itself go when what they stand for is over. */
const CONDITION_OF: Readonly<Record<string, { readonly type: string; readonly good: string; readonly word: string }>> =
  {
    "node.kubernetes.io/not-ready": { type: "Ready", good: "True", word: "it is not ready" },
    "node.kubernetes.io/unreachable": {
      type: "Ready",
      good: "True",
      word: "its kubelet has not been heard of for long",
    },
    "node.kubernetes.io/memory-pressure": { type: "MemoryPressure", good: "False", word: "it is short of memory" },
    "node.kubernetes.io/disk-pressure": { type: "DiskPressure", good: "False", word: "it is short of disk space" },
    "node.kubernetes.io/pid-pressure": { type: "PIDPressure", good: "False", word: "it is short of process ids" },
    "node.kubernetes.io/network-unavailable": {
      type: "NetworkUnavailable",
      good: "False",
      word: "its network is not set up",
    },
  };

/** The node as it is when it is well again. */
export function healed(node: Node, types: readonly string[]): Node {
  const good = new Map(Object.values(CONDITION_OF).map((each) => [each.type, each.good]));
  const conditions = (node.status.conditions ?? []).map((each) =>
    types.includes(each.type) ? { ...each, status: (good.get(each.type) ?? "True") as "True" } : each,
  );
  const taints = node.spec.taints?.filter(({ key }) => !types.includes(CONDITION_OF[key]?.type ?? ""));
  return { ...node, spec: { ...node.spec, taints }, status: { ...node.status, conditions } };
}

export const taintGuide: RuleGuide = {
  plugin: "TaintToleration",
  // The taint comes and goes with the cordon.
  isEcho: (site) => site.node.node.spec.unschedulable === true && untolerated(site).every(({ key }) => key === CORDON),
  cause: (site) => (untolerated(site).some(({ key }) => CONDITION_OF[key]) ? "NodeNotReady" : "Taint"),
  tell: (site) =>
    listNames(
      untolerated(site).map(
        (taint) => CONDITION_OF[taint.key]?.word ?? `the pod does not tolerate its taint ${renderTaint(taint)}`,
      ),
    ),
  remedies(site) {
    const { node, name } = site.node;
    const taints = untolerated(site);
    if (taints.some(({ key }) => key === CORDON)) return [uncordon(site)];
    const conditions = taints.flatMap(({ key }) => CONDITION_OF[key] ?? []);
    if (conditions.length > 0) {
      const words = listNames(conditions.map(({ word }) => word));
      const types = conditions.map(({ type }) => type);
      const text = `Bring node ${name} back: ${words}.`;
      return [{ cost: COST.remove, text, edits: [edit("update", "nodes", healed(node, types))] }];
    }
    return ordinaryTaints(site, taints);
  },
};

function ordinaryTaints({ node: { node, name }, pod: { pod } }: Site, taints: readonly Taint[]): readonly Remedy[] {
  const left = node.spec.taints?.filter((taint) => !taints.includes(taint));
  const tolerations = taints.map(({ key, value, effect }) =>
    value ? { key, operator: "Equal" as const, value, effect } : { key, operator: "Exists" as const, effect },
  );
  const rendered = taints.map(renderTaint);
  return [
    {
      cost: COST.adjust,
      text: `Let ${whatToChange(pod)} tolerate ${listNames(rendered)}.`,
      edits: [remadePod(pod, { tolerations: [...(pod.spec.tolerations ?? []), ...tolerations] })],
    },
    {
      cost: COST.adjust,
      text: `Remove ${taints.length > 1 ? "the taints" : "the taint"} ${listNames(rendered)} from node ${name}.`,
      command: `kctl taint nodes ${name} ${rendered.map((each) => `${each}-`).join(" ")}`,
      edits: [edit("update", "nodes", { ...node, spec: { ...node.spec, taints: left } })],
    },
  ];
}

/** The labels that would have to change so that the node matches; a value of undefined: the label goes. Null: no labels help. */
export function labelsFor({ pod: { pod }, node: { node } }: Pick<Site, "pod" | "node">): Labels | null {
  const wanted: Record<string, string | undefined> = {};
  const has = node.metadata.labels ?? {};
  for (const [key, value] of Object.entries(pod.spec.nodeSelector ?? {})) if (has[key] !== value) wanted[key] = value;
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!required) return wanted;
  const perTerm = required.nodeSelectorTerms
    .filter(({ matchExpressions, matchFields }) => (matchExpressions ?? []).length + (matchFields ?? []).length > 0)
    .filter((term) => nodeMatchesTerm({ matchFields: term.matchFields ?? [], matchExpressions: [ANY] }, named(node)))
    .map(({ matchExpressions = [] }) => labelsForTerm(matchExpressions, has));
  const best = perTerm.sort((a, b) => Object.keys(a).length - Object.keys(b).length)[0];
  return best ? { ...wanted, ...best } : null;
}

/** Holds of every node that is asked with this label. */
const ANY: NodeSelectorRequirement = { key: "any", operator: "Exists" };
const named = (node: Node) => ({ metadata: { name: node.metadata.name, labels: { any: "" } } });

function labelsForTerm(expressions: readonly NodeSelectorRequirement[], has: Readonly<Record<string, string>>): Labels {
  const wanted: Record<string, string | undefined> = {};
  for (const { key, operator, values = [] } of expressions) {
    if (matchesRequirement({ key, operator, values }, has)) continue;
    const bound = Number(values[0] ?? 0);
    if (operator === "In") wanted[key] = values[0];
    else if (operator === "Exists") wanted[key] = "true";
    else if (operator === "Gt") wanted[key] = String(bound + 1);
    else if (operator === "Lt") wanted[key] = String(bound - 1);
    else wanted[key] = undefined;
  }
  return wanted;
}

export function relabelled(node: Node, labels: Labels): Edit {
  const merged: Record<string, string | undefined> = { ...node.metadata.labels, ...labels };
  const left = Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return edit("update", "nodes", { ...node, metadata: { ...node.metadata, labels: Object.fromEntries(left) } });
}

export function labelRemedy({ name, node }: Site["node"], labels: Labels, cost: number): Remedy {
  const set = Object.entries(labels).filter(([, value]) => value !== undefined);
  const gone = Object.entries(labels).filter(([, value]) => value === undefined);
  const texts = [
    ...(set.length > 0 ? [`Give node ${name} the ${plural("label", set)} ${listNames(set.map(renderLabel))}`] : []),
    ...(gone.length > 0
      ? [
          `${set.length > 0 ? "take" : "Take"} the ${plural("label", gone)} ${listNames(gone.map(([key]) => key))} from node ${name}`,
        ]
      : []),
  ];
  const has = node.metadata.labels ?? {};
  const isOver = set.some(([key]) => has[key] !== undefined);
  const words = [...set.map(renderLabel), ...gone.map(([key]) => `${key}-`), ...(isOver ? ["--overwrite"] : [])];
  return {
    cost,
    text: `${texts.join(", and ")}.`,
    command: `kctl label node ${name} ${words.join(" ")}`,
    edits: [relabelled(node, labels)],
  };
}

const renderLabel = ([key, value]: readonly [string, string | undefined]) => `${key}=${value}`;
const plural = (word: string, items: readonly unknown[]) => (items.length > 1 ? `${word}s` : word);

export const affinityGuide: RuleGuide = {
  plugin: "NodeAffinity",
  cause: ({ pod: { pod } }) => (pod.spec.affinity?.nodeAffinity ? "NodeAffinity" : "NodeSelector"),
  tell(site) {
    const labels = labelsFor(site);
    if (labels === null || Object.keys(labels).length === 0) return "it is none of the nodes that the pod asks for";
    const wanted = Object.entries(labels).map(([key, value]) =>
      value === undefined ? `no ${key}` : `${key}=${value}`,
    );
    return `it lacks labels that the pod asks for (${listNames(wanted)})`;
  },
  remedies(site) {
    const { pod } = site.pod;
    const labels = labelsFor(site);
    const canLabel = labels !== null && Object.keys(labels).length > 0 && !(HOSTNAME_LABEL in labels);
    return [
      ...(canLabel ? [labelRemedy(site.node, labels, COST.adjust + Object.keys(labels).length - 1)] : []),
      ...loosenAffinity(site, pod),
    ];
  },
};

function loosenAffinity({ node: { node } }: Site, pod: Site["pod"]["pod"]): readonly Remedy[] {
  const { nodeSelector = {}, affinity } = pod.spec;
  const has = node.metadata.labels ?? {};
  const missed = Object.entries(nodeSelector).filter(([key, value]) => has[key] !== value);
  const kept = Object.fromEntries(Object.entries(nodeSelector).filter(([key, value]) => has[key] === value));
  const spec = { nodeSelector: Object.keys(kept).length > 0 ? kept : undefined };
  const isEnough = matchesNodeAffinity({ spec: { ...pod.spec, ...spec } }, node);
  const nodeAffinity = { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: undefined };
  const what = [
    ...(missed.length > 0 ? [`${listNames(missed.map(renderLabel))} in its nodeSelector`] : []),
    ...(isEnough ? [] : ["its required node affinity"]),
  ];
  return [
    {
      cost: COST.loosen + what.length - 1,
      text: `Let ${whatToChange(pod)} do without ${listNames(what)}.`,
      edits: [remadePod(pod, isEnough ? spec : { ...spec, affinity: { ...affinity, nodeAffinity } })],
    },
  ];
}

export const poolGuide: RuleGuide = {
  plugin: "NodePool",
  cause: () => "Pool",
  tell({ node: { node }, pod, picture: { snapshot } }) {
    const [pool, wanted] = [poolOf(node.metadata.labels), poolOf(snapshot.namespaceLabels(pod.namespace))];
    const where = pool === undefined ? "it belongs to no pool" : `it belongs to the pool ${pool}`;
    return `${where}, and the pods of the namespace ${pod.namespace} run ${wanted === undefined ? "outside pools" : `in the pool ${wanted}`}`;
  },
  remedies({ node, pod, picture: { view, snapshot } }) {
    const wanted = poolOf(snapshot.namespaceLabels(pod.namespace));
    const pool = poolOf(node.node.metadata.labels);
    const namespace = view.namespaces.find(({ metadata }) => metadata.name === pod.namespace);
    const move = labelRemedy(node, { [POOL_LABEL]: wanted }, COST.adjust);
    if (!namespace) return [move];
    const others = Object.fromEntries(
      Object.entries(namespace.metadata.labels ?? {}).filter(([key]) => key !== POOL_LABEL),
    );
    const labels = pool === undefined ? others : { ...others, [POOL_LABEL]: pool };
    const target = pool === undefined ? `${POOL_LABEL}-` : `${POOL_LABEL}=${pool} --overwrite`;
    return [
      move,
      {
        cost: COST.loosen,
        text: `${pool === undefined ? "Take" : "Bind"} the namespace ${pod.namespace} ${pool === undefined ? "out of its pool" : `to the pool ${pool}`}.`,
        command: `kctl label namespace ${pod.namespace} ${target}`,
        edits: [edit("update", "namespaces", { ...namespace, metadata: { ...namespace.metadata, labels } })],
      },
    ];
  },
};
