// Decides where a pod goes. Pure: the same pod, snapshot, rules and random numbers give the same answer. What is remembered
// between calls makes it faster and changes no answer.

import type { Random } from "../lib/random.ts";
import type { Blocker, SchedulerPlugin } from "./framework.ts";
import { ClassShape } from "./class-shape.ts";
import type { Refusal } from "./named-nodes.ts";
import { PodClass, type Crowd, type RankedNode } from "./pod-class.ts";
import type { PodInfo } from "./pod-info.ts";
import type { NodeInfo } from "./node-info.ts";
import type { Snapshot } from "./snapshot.ts";
import { RejectionCounts, type PluginRejection } from "./rejection-counts.ts";
import { WhatIf } from "./preemption/what-if.ts";

export type Decision = { readonly node: string } | Unschedulable;

export interface Unschedulable {
  readonly node?: undefined;
  /** For people, in Kubernetes' words. */
  readonly message: string;
  /** The rules that turned the pod away, somewhere. */
  readonly rejectedBy: ReadonlySet<SchedulerPlugin>;
  /** What the rules say about each node; until the snapshot changes. */
  readonly podClass: PodClass;
}

export interface Ranking {
  readonly ranked: readonly RankedNode[];
}

const NO_NODES = "no nodes available to schedule pods";

/** Classes remembered; the one used longest ago is forgotten first. */
const CLASSES_MAX = 256;

export class PodScheduler {
  readonly #snapshot: Snapshot;
  readonly #plugins: readonly SchedulerPlugin[];
  readonly #random: Random;
  readonly #whatIf: WhatIf;
  readonly #classes = new Map<string, PodClass>();
  readonly #shapes = new Map<string, ClassShape>();

  constructor(snapshot: Snapshot, plugins: readonly SchedulerPlugin[], random: Random) {
    this.#snapshot = snapshot;
    this.#plugins = plugins;
    this.#random = random;
    this.#whatIf = new WhatIf(snapshot);
  }

  /** The best of the nodes that every rule allows, one of them at random among equals. */
  schedule(pod: PodInfo): Decision {
    const podClass = this.classOf(pod);
    const crowd = this.#crowdFor(pod, podClass);
    const promised = this.#promisedNode(pod);
    // Others have been pushed out there for it, so that no other node is asked.
    if (promised && !podClass.refusal && !podClass.rejectionOn(promised) && !crowd?.(promised))
      return { node: promised.name };
    const best = podClass.best(() => this.#random.float(), crowd);
    if (best) return { node: best.name };
    const { nodes } = this.#snapshot;
    if (nodes.length === 0) return { message: NO_NODES, rejectedBy: refusedBy(podClass.refusal), podClass };
    if (podClass.refusal) return { ...planRefused(podClass.refusal, nodes.length), podClass };
    const counts = podClass.rejections(crowd);
    return { message: counts.render(nodes.length), rejectedBy: counts.rejectedBy, podClass };
  }

  /** All nodes that every rule allows, with their points, equals in random order; or why there is none. */
  rank(pod: PodInfo): Ranking | Unschedulable {
    const decision = this.schedule(pod);
    if (decision.node === undefined) return decision;
    const promised = this.#promisedNode(pod);
    if (promised?.name === decision.node) return { ranked: [{ node: promised, points: 0 }] };
    const podClass = this.classOf(pod);
    return { ranked: shuffled(podClass.ranked(this.#crowdFor(pod, podClass)), this.#random) };
  }

  /** Whether the rules still allow the node. */
  fits(pod: PodInfo, nodeName: string): boolean {
    const node = this.#snapshot.node(nodeName);
    const podClass = this.classOf(pod);
    if (!node || podClass.refusal) return false;
    return !podClass.rejectionOn(node) && !this.#crowdFor(pod, podClass)?.(node);
  }

  /** As `schedule` says it where no node takes the pod; `others` are the nodes that somebody else turned it away from. */
  refuse(pod: PodInfo, others: readonly PluginRejection[]): Unschedulable {
    const podClass = this.classOf(pod);
    const counts = new RejectionCounts(podClass.rejections(this.#crowdFor(pod, podClass)));
    for (const each of others) counts.add(each);
    return { message: counts.render(this.#snapshot.nodes.length), rejectedBy: counts.rejectedBy, podClass };
  }

  /**
   * Whether the pod, which these rules turned away from all nodes, would now fit somewhere or meet another rule; to be asked
   * after each change that a rule waits for. `changed` is the node that changed; undefined: several may have.
   */
  isNews(pod: PodInfo, rejectedBy: ReadonlySet<Blocker>, changed: NodeInfo | undefined): boolean {
    const podClass = this.classOf(pod);
    return podClass.isNews(rejectedBy, changed, this.#crowdFor(pod, podClass));
  }

  /** What the rules say about the pod and each node; until the snapshot changes. */
  classOf(pod: PodInfo): PodClass {
    const key = pod.classKey;
    const known = this.#classes.get(key);
    this.#classes.delete(key);
    const podClass = known?.current ? known : new PodClass(pod, this.#snapshot, this.#shapeOf(pod));
    this.#classes.set(key, podClass);
    const [oldest] = this.#classes.keys();
    if (this.#classes.size > CLASSES_MAX && oldest !== undefined) this.#classes.delete(oldest);
    return podClass;
  }

  #shapeOf(pod: PodInfo): ClassShape {
    const key = pod.shapeKey;
    const known = this.#shapes.get(key);
    this.#shapes.delete(key);
    const shape = known?.current ? known : new ClassShape(pod, this.#snapshot, this.#plugins);
    this.#shapes.set(key, shape);
    const [oldest] = this.#shapes.keys();
    if (this.#shapes.size > CLASSES_MAX && oldest !== undefined) this.#shapes.delete(oldest);
    return shape;
  }

  #promisedNode({ uid }: PodInfo): NodeInfo | undefined {
    const name = this.#snapshot.nominations.nodeOf(uid);
    return name === undefined ? undefined : this.#snapshot.node(name);
  }

  /** Undefined where no node is promised to any pod. */
  #crowdFor(pod: PodInfo, podClass: PodClass): Crowd | undefined {
    const { nominations } = this.#snapshot;
    if (nominations.isEmpty) return undefined;
    const { room } = podClass;
    return (node) => this.#whatIf.crowdedOut({ pod, podClass, room, node });
  }
}

/** As Kubernetes' FitError for a pod that a rule turned away before it looked at any node. */
const planRefused = ({ plugin, reason }: Refusal, nodes: number) => ({
  message: `0/${nodes} nodes are available: ${reason}.`,
  rejectedBy: new Set([plugin]),
});

const refusedBy = (refusal: Refusal | undefined) => new Set(refusal ? [refusal.plugin] : []);

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  const mixed = [...items];
  for (let index = mixed.length - 1; index > 0; index--) {
    const other = Math.floor(random.float() * (index + 1));
    [mixed[index], mixed[other]] = [mixed[other] as T, mixed[index] as T];
  }
  return mixed;
}
