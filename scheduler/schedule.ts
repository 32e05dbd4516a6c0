// Decides where a pod goes. Pure: the same pod, snapshot, rules and random numbers give the same answer. What is remembered
// between calls makes it faster and changes no answer.

import type { Random } from "../lib/random.ts";
import type { Blocker, SchedulerPlugin } from "./framework.ts";
import { PodClass, type PluginRejection, type Refusal } from "./pod-class.ts";
import type { PodInfo } from "./pod-info.ts";
import type { NodeInfo } from "./node-info.ts";
import type { Snapshot } from "./snapshot.ts";

export type Decision = { readonly node: string } | Unschedulable;

export interface Unschedulable {
  readonly node?: undefined;
  /** For people, in Kubernetes' words. */
  readonly message: string;
  /** The rules that turned the pod away, somewhere. */
  readonly rejectedBy: ReadonlySet<SchedulerPlugin>;
}

const NO_NODES = "no nodes available to schedule pods";

/** Classes remembered; the one used longest ago is forgotten first. */
const CLASSES_MAX = 256;

export class PodScheduler {
  readonly #snapshot: Snapshot;
  readonly #plugins: readonly SchedulerPlugin[];
  readonly #random: Random;
  readonly #classes = new Map<string, PodClass>();

  constructor(snapshot: Snapshot, plugins: readonly SchedulerPlugin[], random: Random) {
    this.#snapshot = snapshot;
    this.#plugins = plugins;
    this.#random = random;
  }

  /** The best of the nodes that every rule allows, one of them at random among equals. */
  schedule(pod: PodInfo): Decision {
    const podClass = this.#classOf(pod);
    const best = podClass.best(() => this.#random.float());
    if (best) return { node: best.name };
    const { refusal } = podClass;
    return refusal ? planRefused(refusal, this.#snapshot.nodes.length) : planUnschedulable(podClass.rejections());
  }

  /**
   * Whether the pod, which these rules turned away from all nodes, would now fit somewhere or meet another rule; to be asked
   * after each change that a rule waits for. `changed` is the node that changed; undefined: several may have.
   */
  isNews(pod: PodInfo, rejectedBy: ReadonlySet<Blocker>, changed: NodeInfo | undefined): boolean {
    return this.#classOf(pod).isNews(rejectedBy, changed);
  }

  #classOf(pod: PodInfo): PodClass {
    const key = pod.classKey;
    const known = this.#classes.get(key);
    this.#classes.delete(key);
    const podClass = known?.current ? known : new PodClass(pod, this.#snapshot, this.#plugins);
    this.#classes.set(key, podClass);
    const [oldest] = this.#classes.keys();
    if (this.#classes.size > CLASSES_MAX && oldest !== undefined) this.#classes.delete(oldest);
    return podClass;
  }
}

/** Counts the nodes by reason, as Kubernetes' FitError does. A node with several reasons counts for each. */
export function planUnschedulable(rejections: readonly (PluginRejection | undefined)[]): Unschedulable {
  const counts = new Map<string, number>();
  const rejectedBy = new Set<SchedulerPlugin>();
  for (const rejection of rejections) {
    if (!rejection) continue;
    rejectedBy.add(rejection.plugin);
    for (const reason of rejection.reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  if (rejections.length === 0) return { message: NO_NODES, rejectedBy };
  const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  return { message: `0/${rejections.length} nodes are available: ${reasons.join(", ")}.`, rejectedBy };
}

/** As Kubernetes' FitError for a pod that a rule turned away before it looked at any node. */
function planRefused({ plugin, reason }: Refusal, nodes: number): Unschedulable {
  const message = nodes === 0 ? NO_NODES : `0/${nodes} nodes are available: ${reason}.`;
  return { message, rejectedBy: new Set([plugin]) };
}
