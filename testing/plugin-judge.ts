// Asks one scheduler plugin about one pod and one node: what the tables of the plugins' tests are made of.

import type { Node } from "../api/core/node.ts";
import type { Pod } from "../api/core/pod.ts";
import type { SchedulerPlugin } from "../scheduler/framework.ts";
import { PodInfo } from "../scheduler/pod-info.ts";
import { Snapshot } from "../scheduler/snapshot.ts";
import { asStored, newNode, newPod } from "./builders.ts";

export type NodeOptions = Parameters<typeof newNode>[1];
export type PodOptions = Parameters<typeof newPod>[1];

export interface PluginCase {
  readonly title: string;
  readonly pod?: PodOptions;
  readonly node?: NodeOptions;
  /** Pods that are on the node already. */
  readonly existing?: readonly PodOptions[];
}

/** What the plugin says about the node, on which the existing pods are. */
export function judgeNode(plugin: SchedulerPlugin, { pod, node, existing = [] }: PluginCase) {
  const snapshot = new Snapshot();
  snapshot.setNode(asStored<Node>(newNode("n1", node)));
  existing.forEach((each, index) => {
    snapshot.addPod(new PodInfo(asStored<Pod>(newPod(`existing-${index}`, each))), "n1");
  });
  const judged = plugin.prepare(new PodInfo(asStored<Pod>(newPod("new", pod))), snapshot);
  const info = snapshot.node("n1");
  if (!info) throw new Error("the node is in the snapshot");
  return {
    rejection: judged?.filter?.(info),
    score: judged?.score?.(info),
  };
}

export interface ClusterCase {
  readonly title: string;
  readonly pod?: PodOptions;
  /** The nodes' labels by name. Each has its name as the label `kubernetes.io/hostname` besides. */
  readonly nodes: Readonly<Record<string, NodeOptions>>;
  /** The pods that are on each node. */
  readonly existing?: Readonly<Record<string, readonly PodOptions[]>>;
  /** The labels of namespaces. */
  readonly namespaces?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What a plugin that looks at pods of other nodes says about each node: why not, or how well it fits among those that do. */
export function judgeCluster(plugin: SchedulerPlugin, { pod, nodes, existing = {}, namespaces = {} }: ClusterCase) {
  const snapshot = new Snapshot();
  for (const [name, labels] of Object.entries(namespaces)) {
    const metadata = { name, labels, uid: name, resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" };
    snapshot.setNamespace({ apiVersion: "v1", kind: "Namespace", metadata, spec: {}, status: {} });
  }
  for (const [name, options] of Object.entries(nodes)) snapshot.setNode(asStored<Node>(newNode(name, options)));
  for (const [node, pods] of Object.entries(existing)) {
    pods.forEach((each, index) => {
      snapshot.addPod(new PodInfo(asStored<Pod>(newPod(`${node}-${index}`, each))), node);
    });
  }
  const answers = plugin.prepare(new PodInfo(asStored<Pod>(newPod("new", pod))), snapshot)?.topology?.answers() ?? {};
  const rejections = snapshot.nodes.map((node) => answers.filter?.(node)?.[0]);
  const rows = Int32Array.from(snapshot.nodes.map(({ row }) => row).filter((row) => rejections[row] === undefined));
  const scores = new Float64Array(rows.length);
  answers.score?.(rows, scores, new Int32Array(rows.length).fill(1));
  const results = new Map<string, string | number>();
  snapshot.nodes.forEach(({ name }, row) => results.set(name, rejections[row] ?? scores[rows.indexOf(row)] ?? NaN));
  return Object.fromEntries(results);
}
