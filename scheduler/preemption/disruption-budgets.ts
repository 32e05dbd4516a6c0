// How many pods may be disrupted, by the PodDisruptionBudgets: preemption breaks as few of them as it can.

import type { PodDisruptionBudget } from "../../api/policy/pod-disruption-budget.ts";
import { formatKey, keyOf } from "../../api/meta/object.ts";
import { matchesSelector, selectorOf, type Selector } from "../../api/meta/selector.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import type { PodInfo } from "../pod-info.ts";

interface Budget {
  readonly namespace: string;
  readonly selector: Selector;
  readonly source: PodDisruptionBudget;
}

const NONE: ReadonlySet<PodInfo> = new Set();

/** Bound: an entry for each budget, and for each pod that the cluster has. */
export class DisruptionBudgets {
  readonly #budgets = new Map<string, Budget>();
  /** The budgets that count a pod. */
  #ofPod = new WeakMap<PodInfo, readonly Budget[]>();
  #version = 0;
  #shape = 0;

  /** Changes when any budget does. */
  get version(): number {
    return this.#version;
  }

  /** Changes when budgets may count other pods than before. */
  get shape(): number {
    return this.#shape;
  }

  set(source: PodDisruptionBudget): void {
    const key = formatKey(keyOf(source));
    const before = this.#budgets.get(key)?.source;
    if (before && semanticEqual(effectOf(before), effectOf(source))) return;
    const isSameSelector = before !== undefined && semanticEqual(before.spec.selector, source.spec.selector);
    const { namespace = "" } = source.metadata;
    this.#budgets.set(key, { namespace, selector: selectorOf(source.spec.selector), source });
    this.#changed(isSameSelector);
  }

  remove(source: PodDisruptionBudget): void {
    if (this.#budgets.delete(formatKey(keyOf(source)))) this.#changed(false);
  }

  /** Whether any of the pods is protected by a budget. */
  covers(pods: readonly PodInfo[]): boolean {
    return this.#budgets.size > 0 && pods.some((pod) => this.#budgetsOf(pod).length > 0);
  }

  /** Those of the pods whose going would break a budget if all of them went, one after the other. */
  violating(pods: readonly PodInfo[]): ReadonlySet<PodInfo> {
    if (this.#budgets.size === 0) return NONE;
    const left = new Map<Budget, number>();
    const violating = new Set<PodInfo>();
    for (const pod of pods) {
      for (const budget of this.#budgetsOf(pod)) {
        const { disruptedPods = {}, disruptionsAllowed } = budget.source.status;
        // The budget has paid for this pod already.
        if (disruptedPods[pod.pod.metadata.name] !== undefined) continue;
        const rest = (left.get(budget) ?? disruptionsAllowed) - 1;
        left.set(budget, rest);
        if (rest < 0) violating.add(pod);
      }
    }
    return violating;
  }

  #changed(sameSelector: boolean): void {
    this.#version++;
    this.#ofPod = new WeakMap();
    if (!sameSelector) this.#shape++;
  }

  /** A selector of everything, or of nothing, protects nothing here, as in Kubernetes; nor does any protect a pod without labels. */
  #budgetsOf(pod: PodInfo): readonly Budget[] {
    const known = this.#ofPod.get(pod);
    if (known) return known;
    const { namespace, labels } = pod;
    const hasLabels = Object.keys(labels).length > 0;
    const counting = [...this.#budgets.values()].filter(
      (each) =>
        hasLabels && each.namespace === namespace && each.selector.length > 0 && matchesSelector(each.selector, labels),
    );
    this.#ofPod.set(pod, counting);
    return counting;
  }
}

const effectOf = ({ spec, status }: PodDisruptionBudget) => [
  spec.selector,
  status.disruptionsAllowed,
  status.disruptedPods,
];
