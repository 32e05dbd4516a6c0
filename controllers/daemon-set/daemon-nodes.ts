// Which nodes a DaemonSet's pods are to run on, and which pods it has there. Pure.

import type { DaemonSet } from "../../api/apps/daemon-set.ts";
import { matchesNodeAffinity } from "../../api/core/node-affinity.ts";
import type { Node } from "../../api/core/node.ts";
import { isPodTerminal } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import { findUntoleratedTaint } from "../../api/core/taints.ts";
import { meetsDemand, poolOf, type PoolDemand } from "../../api/kctl-scheduling/pools.ts";
import { daemonTolerations, targetOf } from "./daemon-pod.ts";

export interface NodeFit {
  /** A pod is to be made there. */
  readonly isWanted: boolean;
  /** A pod that is there may stay. */
  readonly mayStay: boolean;
}

export interface DaemonNode extends NodeFit {
  readonly name: string;
  /** The node is there. What is left on one that is not is garbage collection's. */
  readonly exists: boolean;
  readonly pods: readonly Pod[];
}

/** The rule for one DaemonSet, which may be asked about many nodes. `demand`: the nodes that its namespace may use. */
export function nodeRule({ spec }: DaemonSet, demand: PoolDemand): (node: Node) => NodeFit {
  const pod = spec.template.spec;
  const tolerations = daemonTolerations(pod);
  return (node) => {
    const { taints } = node.spec;
    const isElsewhere = pod.nodeName !== undefined && pod.nodeName !== "" && pod.nodeName !== node.metadata.name;
    const fits = !isElsewhere && meetsDemand(demand, poolOf(node.metadata.labels));
    if (!fits || !matchesNodeAffinity({ spec: pod }, node)) return { isWanted: false, mayStay: false };
    const mayStay = !findUntoleratedTaint(taints, tolerations, ["NoExecute"]);
    return { isWanted: mayStay && !findUntoleratedTaint(taints, tolerations, ["NoSchedule"]), mayStay };
  };
}

/** All nodes there are, and those that are gone but still meant by pods. */
export function daemonNodes(
  nodes: readonly Node[],
  pods: readonly Pod[],
  rule: (node: Node) => NodeFit,
): readonly DaemonNode[] {
  const byTarget = groupByTarget(pods.filter(isCounted));
  const podsOn = (name: string) => [...(byTarget.get(name) ?? [])].sort(byAge);
  const there = nodes.map((node) => {
    const { name } = node.metadata;
    return { name, exists: true, ...rule(node), pods: podsOn(name) };
  });
  const known = new Set(there.map(({ name }) => name));
  const gone = [...byTarget.keys()].filter((name) => !known.has(name));
  return [
    ...there,
    ...gone.map((name) => ({ name, exists: false, isWanted: false, mayStay: false, pods: podsOn(name) })),
  ];
}

function groupByTarget(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    const target = targetOf(pod);
    if (target === undefined) continue;
    const group = groups.get(target);
    if (group) group.push(pod);
    else groups.set(target, [pod]);
  }
  return groups;
}

/** One that has ended and is on its way out stands in nobody's way. */
const isCounted = (pod: Pod) => !(isPodTerminal(pod) && pod.metadata.deletionTimestamp);

/** Placed before unplaced, then by age. */
const byAge = (a: Pod, b: Pod) =>
  Number(Boolean(b.spec.nodeName)) - Number(Boolean(a.spec.nodeName)) ||
  a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp) ||
  a.metadata.name.localeCompare(b.metadata.name);
