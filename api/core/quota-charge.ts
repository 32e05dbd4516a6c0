// What one write is charged to one quota, and whether that still fits. Pure, and in the words of Kubernetes.

import type { KubeObject } from "../meta/object.ts";
import { addQuantities, compareQuantities, subtractQuantities, type Quantity } from "../meta/quantity.ts";
import type { QuotaEvaluator } from "./quota-evaluator.ts";
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

/** Nothing, where the quota is not about the object or nothing more is used. */
export type QuotaCharge = { readonly amounts: ResourceTotals } | { readonly refusal: string } | undefined;

/** Why the quota refuses the object whatever is left of it, or what the object is to be charged. */
export function planCharge(quota: ResourceQuota, write: QuotaWrite): QuotaCharge {
  const { evaluator, object, old, nowMs } = write;
  if (!isAbout(quota, evaluator, object)) return undefined;
  const { name } = quota.metadata;
  const tracked = Object.keys(quota.status.hard ?? {}).filter((resource) => evaluator.tracks(resource));
  const omission = evaluator.findOmission?.(tracked, object);
  if (omission !== undefined) return { refusal: `failed quota: ${name}: ${omission}` };
  if (tracked.some((resource) => quota.status.used?.[resource] === undefined)) {
    return { refusal: `status unknown for quota: ${name}, resources: ${tracked.sort().join(",")}` };
  }
  const usage = evaluator.usageOf(object, nowMs);
  const negative = [...usage].filter(([, { nanos }]) => nanos < 0n).map(([resource]) => resource);
  if (negative.length > 0) return { refusal: `quota usage is negative for resource(s): ${negative.sort().join(",")}` };
  const before = old && isAbout(quota, evaluator, old) ? evaluator.usageOf(old, nowMs) : undefined;
  const amounts = growth(usage, before, tracked);
  return amounts.size > 0 ? { amounts } : undefined;
}

/** The quota limits something that such objects use, and all of its scopes are about this one. */
function isAbout(quota: ResourceQuota, evaluator: QuotaEvaluator, object: KubeObject): boolean {
  const isTracked = Object.keys(quota.status.hard ?? {}).some((resource) => evaluator.tracks(resource));
  return isTracked && matchesScopes(quota, evaluator, object);
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

/** The quota after the charge, or why there is too little left of it. */
export function applyCharge(quota: ResourceQuota, charge: ResourceTotals): QuotaUse {
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
