// Keeps the status of PodDisruptionBudgets: how many of their pods may be evicted now. The API server takes from that count
// with each eviction; a budget that cannot be counted allows none.

import { pods, type Pod } from "../../api/core/pod.ts";
import { keyOf, type KubeObject, type ObjectKey } from "../../api/meta/object.ts";
import { matchesSelector, selectorOf } from "../../api/meta/selector.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { ignoreNotFound } from "../../api/meta/status.ts";
import {
  podDisruptionBudgets,
  type PodDisruptionBudget,
  type PodDisruptionBudgetStatus,
} from "../../api/policy/pod-disruption-budget.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../../client/controller.ts";
import type { Change, Informer } from "../../client/informer.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { BY_NAMESPACE, byNamespace } from "../by-namespace.ts";
import { scaledKinds, ScaleFinder } from "./expected-scale.ts";
import { needsScale, planEvictions, planExpected, planFailure, planStatus, UncountableError } from "./plan-budget.ts";
import { renderLabelSelector } from "./render-selector.ts";

export const disruptionController: Controller<PodDisruptionBudget> = {
  name: "disruption",
  for: podDisruptionBudgets,
  watches: [
    { resource: pods, map: (change, deps) => budgetsOfPod(change as Change<Pod>, deps) },
    ...scaledKinds.map((resource) => ({ resource, map: budgetsOfWorkload })),
  ],
  build: (deps) => new DisruptionReconciler(deps),
};

type Labels = Readonly<Record<string, string>>;

function budgetsThatCount(deps: ControllerDeps, namespace: string | undefined, labels: Labels): readonly ObjectKey[] {
  return deps
    .informer(podDisruptionBudgets, byNamespace)
    .byIndex(BY_NAMESPACE, namespace ?? "")
    .filter(({ spec }) => matchesSelector(selectorOf(spec.selector), labels))
    .map(keyOf);
}

/** Those that count the pod now, or did before its labels changed. */
function budgetsOfPod(change: Change<Pod>, deps: ControllerDeps): readonly ObjectKey[] {
  const { labels = {}, namespace } = change.object.metadata;
  const now = budgetsThatCount(deps, namespace, labels);
  const before = change.type === "updated" ? (change.before.metadata.labels ?? {}) : labels;
  return semanticEqual(before, labels) ? now : [...now, ...budgetsThatCount(deps, namespace, before)];
}

interface Workload extends KubeObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly metadata?: { readonly labels?: Labels } };
  };
}

/** A workload that is scaled changes what is expected before any of its pods does. */
function budgetsOfWorkload(change: Change<KubeObject>, deps: ControllerDeps): readonly ObjectKey[] {
  const { metadata, spec }: Workload = change.object;
  if (change.type === "updated" && (change.before as Workload).spec?.replicas === spec?.replicas) return [];
  return budgetsThatCount(deps, metadata.namespace, spec?.template?.metadata?.labels ?? {});
}

class DisruptionReconciler implements Reconciler<PodDisruptionBudget> {
  readonly #deps: ControllerDeps;
  readonly #pods: Informer<Pod>;
  readonly #scales: ScaleFinder;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#pods = deps.informer(pods, byNamespace);
    this.#scales = new ScaleFinder(deps);
    deps.informer(podDisruptionBudgets, byNamespace);
  }

  async reconcile(budget: PodDisruptionBudget, signal: AbortSignal): Promise<Requeue | void> {
    const counted = this.#podsOf(budget);
    if (counted.length === 0)
      this.#deps.events.record({ object: budget }, "Normal", "NoPods", "No matching pods found");
    const total = await this.#count(budget, counted, signal);
    if (total === undefined) return undefined;
    const nowMs = this.#deps.clock.now();
    const evictions = planEvictions(budget, counted, nowMs);
    for (const pod of evictions.failed) this.#reportNotDeleted(budget, pod);
    const { pending } = evictions;
    const expected = planExpected(budget, total);
    await this.#write(budget, planStatus(budget, { pods: counted, expected, pending, nowMs }));
    // Just after the time, at which the eviction still counts.
    return evictions.waitMs === undefined ? undefined : { afterMs: evictions.waitMs + 1 };
  }

  #podsOf({ metadata, spec }: PodDisruptionBudget): readonly Pod[] {
    const selector = selectorOf(spec.selector);
    return this.#pods
      .byIndex(BY_NAMESPACE, metadata.namespace ?? "")
      .filter((pod) => matchesSelector(selector, pod.metadata.labels ?? {}));
  }

  /** How many pods 100% are; undefined where that cannot be said, which the status then tells. */
  async #count(budget: PodDisruptionBudget, counted: readonly Pod[], signal: AbortSignal): Promise<number | undefined> {
    if (!needsScale(budget)) return counted.length;
    try {
      const { total, unmanaged } = await this.#scales.find(counted, signal);
      if (unmanaged.length > 0) this.#reportUnmanaged(budget);
      planExpected(budget, total);
      return total;
    } catch (error) {
      const why = errorMessage(error);
      const message = `Failed to calculate the number of expected pods: ${why}`;
      this.#deps.events.record({ object: budget }, "Warning", "CalculateExpectedPodCountFailed", message);
      await this.#write(budget, planFailure(budget, why, this.#deps.clock.now()));
      // A change of the pods or their owners brings the next try; what else has failed is tried again.
      if (error instanceof UncountableError) return undefined;
      throw error;
    }
  }

  async #write(budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus): Promise<void> {
    if (semanticEqual(status, budget.status)) return;
    const next = { ...budget, status };
    await this.#deps.client.update(podDisruptionBudgets, next, { subresource: "status" }).catch(ignoreNotFound);
  }

  #reportUnmanaged(budget: PodDisruptionBudget): void {
    const selector = renderLabelSelector(budget.spec.selector);
    const message = `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;
    this.#deps.events.record({ object: budget }, "Warning", "UnmanagedPods", message);
  }

  #reportNotDeleted({ metadata }: PodDisruptionBudget, pod: Pod): void {
    const message = `Pod was expected by PDB ${metadata.namespace}/${metadata.name} to be deleted but it wasn't`;
    this.#deps.events.record({ object: pod }, "Warning", "NotDeleted", message);
  }
}
