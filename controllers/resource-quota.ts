// Keeps the status of quotas true. The API server charges what is added in the transaction that adds it; here the use is counted
// anew when something goes or uses less, and when a quota changes. What is counted is at least as new as the quota that is
// written, and the write fails if that has been charged since: the use is never reported lower than it is.

import type { KubeObject } from "../api/meta/object.ts";
import { formatKey, keyOf, type ObjectKey } from "../api/meta/object.ts";
import { parseQuantity, type Quantity } from "../api/meta/quantity.ts";
import { semanticEqual } from "../api/meta/semantic-equal.ts";
import { countUse, trackedResources, usesDifferently } from "../api/core/quota-count.ts";
import type { QuotaEvaluator } from "../api/core/quota-evaluator.ts";
import { findQuotaEvaluator } from "../api/core/quota-evaluators.ts";
import { resourceQuotas, type ResourceQuota, type ResourceQuotaStatus } from "../api/core/resource-quota.ts";
import { addTotals, renderTotals } from "../api/core/resource-totals.ts";
import type { ResourceDefinition } from "../api/resource.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../client/controller.ts";
import type { Change, Indexers } from "../client/informer.ts";
import { nextTurn } from "../lib/next-turn.ts";
import { countByDiscovery } from "./count-by-discovery.ts";

/** As kube-controller-manager: what nobody has noticed is put right after this long. */
const RESYNC_MS = 5 * 60_000;
/** Between two counts of one quota: many deletions at once cost few counts. */
const INTERVAL_MS = 250;
/** Objects counted before other work gets its turn. */
const OBJECTS_PER_TURN = 500;

const BY_NAMESPACE = "namespace";
const quotasByNamespace: Indexers<ResourceQuota> = { [BY_NAMESPACE]: ({ metadata }) => [metadata.namespace ?? ""] };

/** A kind whose objects quotas count. */
interface CountedKind {
  readonly resource: ResourceDefinition;
  readonly evaluator: QuotaEvaluator;
}

/** `resources`: the kinds that the API server serves. */
export function resourceQuotaController(resources: readonly ResourceDefinition[]): Controller<ResourceQuota> {
  const kinds = resources.flatMap((resource) => findCounted(resource) ?? []);
  // By key, the quotas that a change concerns: a change of a quota's status alone is no reason to count.
  const stale = new Set<string>();
  return {
    name: "resource-quota",
    for: resourceQuotas,
    watches: kinds.map((kind) => ({
      resource: kind.resource,
      map: (change, deps) => {
        const keys = affectedQuotas(kind, change, deps);
        for (const key of keys) stale.add(formatKey(key));
        return keys;
      },
    })),
    build: (deps) => new QuotaReconciler(deps, kinds, stale),
  };
}

function findCounted(resource: ResourceDefinition): CountedKind | undefined {
  const { scope, verbs, conversion } = resource;
  const isWatched = scope === "Namespaced" && !conversion && (verbs?.includes("watch") ?? true);
  const evaluator = isWatched ? findQuotaEvaluator(resource) : undefined;
  return evaluator && { resource, evaluator };
}

/** What is added is charged by the server. */
function affectedQuotas(
  { evaluator }: CountedKind,
  change: Change<KubeObject>,
  { informer, clock }: ControllerDeps,
): readonly ObjectKey[] {
  if (change.type === "added") return [];
  const { namespace = "" } = change.object.metadata;
  const counted = { evaluator, nowMs: clock.now() };
  return informer(resourceQuotas, quotasByNamespace)
    .byIndex(BY_NAMESPACE, namespace)
    .filter((quota) =>
      change.type === "deleted"
        ? trackedResources(quota, evaluator).length > 0
        : usesDifferently(quota, { before: change.before, after: change.object }, counted),
    )
    .map(keyOf);
}

type ResourceList = Readonly<Record<string, string>>;

/** When and for what a quota was last counted. */
interface Count {
  readonly uid: string;
  readonly spec: ResourceQuota["spec"];
  readonly atMs: number;
}

class QuotaReconciler implements Reconciler<ResourceQuota> {
  readonly #deps: ControllerDeps;
  readonly #kinds: readonly CountedKind[];
  readonly #stale: Set<string>;
  readonly #counts = new Map<string, Count>();

  constructor(deps: ControllerDeps, kinds: readonly CountedKind[], stale: Set<string>) {
    this.#deps = deps;
    this.#kinds = kinds;
    this.#stale = stale;
    deps.informer(resourceQuotas, quotasByNamespace);
  }

  async reconcile(quota: ResourceQuota, signal: AbortSignal): Promise<Requeue> {
    const key = formatKey(keyOf(quota));
    const waitMs = this.#waitMs(key, quota);
    if (waitMs > 0) return { afterMs: waitMs };
    // Whatever changes from here on marks it again.
    this.#stale.delete(key);
    try {
      await this.#write(quota, { hard: quota.spec.hard ?? {}, used: await this.#count(quota, signal) });
    } catch (error) {
      this.#stale.add(key);
      throw error;
    }
    const { uid } = quota.metadata;
    this.#counts.set(key, { uid, spec: quota.spec, atMs: this.#deps.clock.monotonic() });
    return { afterMs: this.#stale.has(key) ? INTERVAL_MS : RESYNC_MS };
  }

  forget(key: ObjectKey): void {
    this.#counts.delete(formatKey(key));
    this.#stale.delete(formatKey(key));
  }

  #waitMs(key: string, { metadata, spec }: ResourceQuota): number {
    const last = this.#counts.get(key);
    if (last?.uid !== metadata.uid || !semanticEqual(last.spec, spec)) return 0;
    const pauseMs = this.#stale.has(key) ? INTERVAL_MS : RESYNC_MS;
    return last.atMs + pauseMs - this.#deps.clock.monotonic();
  }

  /** Lists what the server has now, and not what the caches show: they may be older than the quota. */
  async #count(quota: ResourceQuota, signal: AbortSignal): Promise<ResourceList> {
    const { client, clock } = this.#deps;
    const { namespace } = quota.metadata;
    const total = new Map<string, Quantity>();
    for (const { resource, evaluator } of this.#kinds) {
      if (trackedResources(quota, evaluator).length === 0) continue;
      const { items } = await client.list(resource, { namespace, signal });
      const counted = { evaluator, nowMs: clock.now() };
      for (let start = 0; start === 0 || start < items.length; start += OBJECTS_PER_TURN) {
        if (start > 0) await nextTurn();
        addTotals(total, countUse(quota, items.slice(start, start + OBJECTS_PER_TURN), counted));
      }
    }
    const others = Object.keys(quota.spec.hard ?? {}).filter((name) => !total.has(name));
    return { ...renderTotals(total), ...(await this.#countOthers(quota, others, signal)) };
  }

  /** Kinds that are not built in are not watched: what they use less is seen at the next count. */
  async #countOthers(
    { metadata: { namespace = "" }, status: { used } }: ResourceQuota,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<ResourceList> {
    const counted: Record<string, string> = {};
    for (const name of names) {
      const count = await countByDiscovery(this.#deps.client, name, { namespace, signal });
      // What nobody can count keeps the use that it has.
      const use = count === undefined ? used?.[name] : String(count);
      if (use !== undefined) counted[name] = use;
    }
    return counted;
  }

  async #write(quota: ResourceQuota, status: ResourceQuotaStatus): Promise<void> {
    if (sameAmounts(quota.status.hard, status.hard) && sameAmounts(quota.status.used, status.used)) return;
    await this.#deps.client.update(resourceQuotas, { ...quota, status }, { subresource: "status" });
  }
}

/** Absent is not the same as empty: a quota that has not been counted has no status. */
function sameAmounts(a: ResourceList | undefined, b: ResourceList | undefined): boolean {
  if (!a || !b) return a === b;
  const names = Object.keys(a);
  const isSame = (name: string) =>
    a[name] === b[name] || parseQuantity(a[name] ?? "0").nanos === parseQuantity(b[name] ?? "0").nanos;
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && isSame(name));
}
