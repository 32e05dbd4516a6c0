// The pod that a DaemonSet makes for one node: pinned to it by affinity, so that the scheduler places it like any other, and
// tolerant of whatever is wrong with the node. Pure.

import { daemonSets, type DaemonSet } from "../../api/apps/daemon-set.ts";
import type { Affinity, NodeSelectorTerm, Toleration } from "../../api/core/affinity.ts";
import type { Pod, PodSpec } from "../../api/core/pod.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { ownerReferenceTo } from "../../api/meta/owner.ts";
import { POD_REVISION } from "../revisions/revision.ts";

/** Older than revisions, and still looked at: which version of the template, by its number. */
const POD_GENERATION = "pod-template-generation";
const TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";

const NODE_NAME = "metadata.name";

export function buildPod(daemonSet: DaemonSet, node: string, hash: string): NewObject<Pod> {
  const { metadata, spec } = daemonSet.spec.template;
  const generation = templateGenerationOf(daemonSet);
  return {
    metadata: {
      generateName: `${daemonSet.metadata.name}-`,
      namespace: daemonSet.metadata.namespace,
      labels: {
        ...metadata?.labels,
        ...(generation !== undefined && { [POD_GENERATION]: generation }),
        [POD_REVISION]: hash,
      },
      annotations: metadata?.annotations,
      finalizers: metadata?.finalizers,
      ownerReferences: [ownerReferenceTo(daemonSet, daemonSets)],
    },
    spec: { ...spec, tolerations: daemonTolerations(spec), affinity: pinned(spec.affinity, node) },
  };
}

function templateGenerationOf({ metadata }: DaemonSet): string | undefined {
  const text = metadata.annotations?.[TEMPLATE_GENERATION] ?? "";
  return /^-?[0-9]{1,18}$/.test(text) ? text : undefined;
}

/** Whether the pod is of the present template. */
export function isUpToDate(daemonSet: DaemonSet, { metadata: { labels = {} } }: Pod, hash: string): boolean {
  const generation = templateGenerationOf(daemonSet);
  return labels[POD_REVISION] === hash || (generation !== undefined && labels[POD_GENERATION] === generation);
}

/** What the template asks of nodes by their labels still holds: the controller has looked at it. */
function pinned(affinity: Affinity | undefined, node: string): Affinity {
  const term: NodeSelectorTerm = { matchFields: [{ key: NODE_NAME, operator: "In", values: [node] }] };
  const requiredDuringSchedulingIgnoredDuringExecution = { nodeSelectorTerms: [term] };
  return { ...affinity, nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution } };
}

/** The node that the pod runs on or is meant for; undefined where it is meant for none. */
export function targetOf({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const pins = terms
    .flatMap(({ matchFields = [] }) => matchFields)
    .filter(({ key, operator, values }) => key === NODE_NAME && operator === "In" && values?.length === 1);
  return pins[0]?.values?.[0];
}

const TOLERATED: readonly (readonly [string, Toleration["effect"]])[] = [
  ["not-ready", "NoExecute"],
  ["unreachable", "NoExecute"],
  ["disk-pressure", "NoSchedule"],
  ["memory-pressure", "NoSchedule"],
  ["pid-pressure", "NoSchedule"],
  ["unschedulable", "NoSchedule"],
];

/** The template's own, and those of every daemon: it stays on a node that is in trouble. */
export function daemonTolerations(spec: Pick<PodSpec, "tolerations" | "hostNetwork">): readonly Toleration[] {
  const own = spec.tolerations ?? [];
  const wanted = spec.hostNetwork ? [...TOLERATED, ["network-unavailable", "NoSchedule"] as const] : TOLERATED;
  const added = wanted.map(
    ([name, effect]) => ({ key: `node.kubernetes.io/${name}`, operator: "Exists", effect }) as const,
  );
  const isOwn = (each: Toleration) => own.some((other) => isSame(other, each));
  return [
    ...own.map((each) => added.find((other) => isSame(each, other)) ?? each),
    ...added.filter((each) => !isOwn(each)),
  ];
}

const isSame = (a: Toleration, b: Toleration) =>
  a.key === b.key && a.effect === b.effect && a.operator === b.operator && !a.value;
