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
