// How much of a quota the objects of a namespace use, counted from the objects themselves. Pure.

import type { KubeObject } from "../meta/object.ts";
import { quantityOf, type Quantity } from "../meta/quantity.ts";
import type { QuotaEvaluator } from "./quota-evaluator.ts";
import { matchesScopes } from "./quota-scopes.ts";
import type { ResourceQuota } from "./resource-quota.ts";
import { addTotals, type ResourceTotals } from "./resource-totals.ts";

export const trackedResources = ({ spec }: ResourceQuota, { tracks }: QuotaEvaluator): readonly string[] =>
  Object.keys(spec.hard ?? {}).filter(tracks);

export interface Counted {
  readonly evaluator: QuotaEvaluator;
  readonly nowMs: number;
}

/** What one object uses of what the quota limits; nothing where the quota is not about it. */
export function measureUse(quota: ResourceQuota, object: KubeObject, { evaluator, nowMs }: Counted): ResourceTotals {
  const use = new Map<string, Quantity>();
  if (!matchesScopes(quota, evaluator, object)) return use;
  const usage = evaluator.usageOf(object, nowMs);
  for (const resource of trackedResources(quota, evaluator)) {
    const amount = usage.get(resource);
    if (amount) use.set(resource, amount);
  }
  return use;
}

/** The sum for some objects of one kind. What the quota limits and none of them uses is there, too. */
export function countUse(quota: ResourceQuota, objects: readonly KubeObject[], counted: Counted): ResourceTotals {
  const total = new Map(trackedResources(quota, counted.evaluator).map((resource) => [resource, quantityOf(0)]));
  for (const object of objects) addTotals(total, measureUse(quota, object, counted));
  return total;
}

/** Whether the change of an object changes what it uses of the quota. */
export function usesDifferently(
  quota: ResourceQuota,
  { before, after }: { readonly before: KubeObject; readonly after: KubeObject },
  counted: Counted,
): boolean {
  const [old, now] = [measureUse(quota, before, counted), measureUse(quota, after, counted)];
  return old.size !== now.size || [...now].some(([resource, { nanos }]) => old.get(resource)?.nanos !== nanos);
}
