// Decides for a pod that no node takes whether others are to be pushed out for it, and where, as kube-scheduler's
// DefaultPreemption does. Pure; what is remembered between calls makes it faster and changes no answer.

import type { NodeInfo } from "../node-info.ts";
import type { PodClass } from "../pod-class.ts";
import type { PodInfo } from "../pod-info.ts";
import type { Snapshot } from "../snapshot.ts";
import type { DisruptionBudgets } from "./disruption-budgets.ts";
import { PodRanks } from "./may-preempt.ts";
import type { Candidate } from "./plan-victims.ts";
import { PreemptionClass, type PreemptionParts } from "./preemption-class.ts";
import { WhatIf } from "./what-if.ts";

export type PreemptionPlan =
  | { readonly kind: "preempt"; readonly candidate: Candidate }
  /** What the pod has been promised, if anything, still holds. */
  | { readonly kind: "ineligible"; readonly reason: string }
  /** No promise can be kept. */
  | { readonly kind: "hopeless"; readonly reason: string };

export interface PlannerOptions {
  readonly snapshot: Snapshot;
  readonly budgets: DisruptionBudgets;
  /** Whether the pod is being pushed out, though it may not look so yet. */
  readonly isLeaving: (pod: PodInfo) => boolean;
}

interface Helped {
  readonly version: number;
  readonly answers: Map<PodClass, { readonly priority: number; readonly helps: boolean }>;
}

/** Classes remembered; the one used longest ago is forgotten first. */
const CLASSES_MAX = 16;

export class PreemptionPlanner {
  readonly #options: PlannerOptions;
  readonly #parts: PreemptionParts;
  readonly #classes = new Map<string, PreemptionClass>();
  /** What is known of one version of a node, whose change many pods may wait for. */
  #helped: Helped = { version: -1, answers: new Map() };

  constructor(options: PlannerOptions) {
    this.#options = options;
    this.#parts = { ...options, whatIf: new WhatIf(options.snapshot), ranks: new PodRanks(options.snapshot) };
  }

  plan(pod: PodInfo, podClass: PodClass): PreemptionPlan {
    const reason = this.#ineligible(pod, podClass);
    if (reason !== undefined) return { kind: "ineligible", reason };
    const nodes = this.#options.snapshot.nodes.length;
    if (podClass.refusal) {
      const count = `${nodes} Preemption is not helpful for scheduling`;
      return { kind: "hopeless", reason: `0/${nodes} nodes are available: ${count}.` };
    }
    const chosen = this.#classOf(pod, podClass).choose(pod);
    return typeof chosen === "string" ? { kind: "hopeless", reason: chosen } : { kind: "preempt", candidate: chosen };
  }

  /** Whether it would be worth trying the pod again, now that the node has changed. */
  helpsOn(pod: PodInfo, podClass: PodClass, node: NodeInfo): boolean {
    if (podClass.refusal || this.#ineligible(pod, podClass) !== undefined) return false;
    const ask = () => new PreemptionClass(pod, podClass, this.#parts).helpsOn(pod, node);
    const { versions, nominations } = this.#options.snapshot;
    if (nominations.nodeOf(pod.uid) !== undefined) return ask();
    const version = versions.get(node.row);
    if (this.#helped.version !== version) this.#helped = { version, answers: new Map() };
    const known = this.#helped.answers.get(podClass);
    if (known?.priority === pod.priority) return known.helps;
    const helps = ask();
    this.#helped.answers.set(podClass, { priority: pod.priority, helps });
    return helps;
  }

  #ineligible(pod: PodInfo, podClass: PodClass): string | undefined {
    if (pod.pod.spec.preemptionPolicy === "Never") return "not eligible due to preemptionPolicy=Never.";
    const { snapshot, isLeaving } = this.#options;
    const nodeName = snapshot.nominations.nodeOf(pod.uid);
    const node = nodeName === undefined ? undefined : snapshot.node(nodeName);
    if (!node || podClass.refusal || podClass.rejectionOn(node)?.reasons.isUnresolvable) return undefined;
    for (const other of snapshot.podsOn(node.name)) {
      if (other.priority < pod.priority && (other.isPreempted || isLeaving(other)))
        return "not eligible due to a terminating pod on the nominated node.";
    }
    return undefined;
  }

  #classOf(pod: PodInfo, podClass: PodClass): PreemptionClass {
    const key = `${pod.priority} ${pod.classKey}`;
    const known = this.#classes.get(key);
    this.#classes.delete(key);
    const found = known?.podClass === podClass ? known : new PreemptionClass(pod, podClass, this.#parts);
    this.#classes.set(key, found);
    const [oldest] = this.#classes.keys();
    if (this.#classes.size > CLASSES_MAX && oldest !== undefined) this.#classes.delete(oldest);
    return found;
  }
}
