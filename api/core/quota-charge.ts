// What one write is charged to one quota, and whether that still fits. Pure, and in the words of Kubernetes.

import type { KubeObject } from "../meta/object.ts";
import { addQuantities, compareQuantities, subtractQuantities, type Quantity } from "../meta/quantity.ts";
import type { QuotaEvaluator } from "./quota-evaluator.ts";
import { trackedResources } from "./quota-count.ts";
import { matchesScopes } from "./quota-scopes.ts";
import type { ResourceQuota } from "./resource-quota.ts";
import { listTotals, renderTotals, totalsOf, type ResourceTotals } from "./resource-totals.ts";

export interface QuotaWrite {
  readonly evaluator: QuotaEvaluator;
  readonly object: KubeObject;
  /** Absent on creation. */
  readonly old?: KubeObject;
  readonly nowMs: number;
}

/**
 * Undefined where the quota is not about the object or nothing more is used. Amounts may be empty: then the quota is about the
 * object but has not been counted, and a count without the object that is under way must not come true.
 */
export type QuotaCharge = { readonly amounts: ResourceTotals } | { readonly refusal: string } | undefined;

/** Why the quota refuses the object whatever is left of it, or what the object is to be charged. */
export function planCharge(quota: ResourceQuota, write: QuotaWrite): QuotaCharge {
  const { evaluator, object, old, nowMs } = write;
  const tracked = Object.keys(quota.status.hard ?? {}).filter((resource) => evaluator.tracks(resource));
  const isUncounted = trackedResources(quota, evaluator).some((resource) => !tracked.includes(resource));
  if ((tracked.length === 0 && !isUncounted) || !matchesScopes(quota, evaluator, object)) return undefined;
  const refusal = findRefusal(quota, write, tracked);
  if (refusal !== undefined) return { refusal };
  const before = old && matchesScopes(quota, evaluator, old) ? evaluator.usageOf(old, nowMs) : undefined;
  const amounts = growth(evaluator.usageOf(object, nowMs), before, tracked);
  return isUncounted || amounts.size > 0 ? { amounts } : undefined;
}

/** What no rest of the quota could make good. */
function findRefusal(quota: ResourceQuota, write: QuotaWrite, tracked: readonly string[]): string | undefined {
  const { evaluator, object, nowMs } = write;
  const { name } = quota.metadata;
  const omission = evaluator.findOmission?.(tracked, object);
  if (omission !== undefined) return `failed quota: ${name}: ${omission}`;
  if (tracked.some((resource) => quota.status.used?.[resource] === undefined)) {
    return `status unknown for quota: ${name}, resources: ${[...tracked].sort().join(",")}`;
  }
  const negative = [...evaluator.usageOf(object, nowMs)].filter(([, { nanos }]) => nanos < 0n).map(([each]) => each);
  return negative.length > 0 ? `quota usage is negative for resource(s): ${negative.sort().join(",")}` : undefined;
}

/** What is used more than before, of the resources named. What is used less is counted by the quota controller. */
function growth(usage: ResourceTotals, before: ResourceTotals | undefined, tracked: readonly string[]): ResourceTotals {
  const grown = new Map<string, Quantity>();
  for (const resource of tracked) {
    const now = usage.get(resource);
    if (!now) continue;
    const used = before?.get(resource);
    const more = used ? subtractQuantities(now, used) : now;
    if (more.nanos > 0n) grown.set(resource, more);
  }
  return grown;
}

export type QuotaUse = { readonly quota: ResourceQuota } | { readonly refusal: string };

/** A new quota, as it is after the charge, or why there is too little left of it. */
export function applyCharge(quota: ResourceQuota, charge: ResourceTotals): QuotaUse {
  if (charge.size === 0) return { quota: { ...quota } };
  const hard = totalsOf(quota.status.hard);
  const used = new Map(totalsOf(quota.status.used));
  const exceeded = new Map<string, Exceeded>();
  for (const [resource, requested] of charge) {
    const limit = hard.get(resource);
    if (!limit) continue;
    const before = used.get(resource);
    const total = before ? addQuantities(before, requested) : requested;
    if (compareQuantities(total, limit) > 0) exceeded.set(resource, { requested, used: before, limited: limit });
    used.set(resource, total);
  }
  if (exceeded.size > 0) return { refusal: renderExceeded(quota.metadata.name, exceeded) };
  return { quota: { ...quota, status: { ...quota.status, used: renderTotals(used) } } };
}

interface Exceeded {
  readonly requested: Quantity;
  readonly used: Quantity | undefined;
  readonly limited: Quantity;
}

function renderExceeded(name: string, exceeded: ReadonlyMap<string, Exceeded>): string {
  const list = (part: keyof Exceeded) =>
    listTotals(
      new Map(
        [...exceeded].flatMap(([resource, amounts]): [string, Quantity][] =>
          amounts[part] ? [[resource, amounts[part]]] : [],
        ),
      ),
    );
  return `exceeded quota: ${name}, requested: ${list("requested")}, used: ${list("used")}, limited: ${list("limited")}`;
}
