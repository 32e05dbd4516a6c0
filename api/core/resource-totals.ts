// Sums of resources that keep exact amounts and the way in which they were written: what quotas and limits are reckoned in.

import { addQuantities, compareQuantities, parseQuantity, renderQuantity, type Quantity } from "../meta/quantity.ts";

/** Exact amounts by the name of the resource. */
export type ResourceTotals = ReadonlyMap<string, Quantity>;

type ResourceList = Readonly<Record<string, string>>;

const NOTHING: ResourceTotals = new Map();

export const totalsOf = (list: ResourceList | undefined): ResourceTotals =>
  list ? new Map(Object.entries(list).map(([name, text]) => [name, parseQuantity(text)])) : NOTHING;

/** Adds to `sum` in place, and gives it back. */
export function addTotals(sum: Map<string, Quantity>, more: ResourceTotals): Map<string, Quantity> {
  for (const [name, amount] of more) {
    const before = sum.get(name);
    sum.set(name, before ? addQuantities(before, amount) : amount);
  }
  return sum;
}

/** Raises what is smaller in `peak`, in place, and gives it back. */
export function raiseTotals(peak: Map<string, Quantity>, amounts: ResourceTotals): Map<string, Quantity> {
  for (const [name, amount] of amounts) {
    const before = peak.get(name);
    if (!before || compareQuantities(before, amount) < 0) peak.set(name, amount);
  }
  return peak;
}

export const renderTotals = (totals: ResourceTotals): ResourceList =>
  Object.fromEntries([...totals].map(([name, amount]) => [name, renderQuantity(amount)]));

/** `cpu=1,pods=2`, by name: how messages list amounts. */
export const listTotals = (totals: ResourceTotals): string =>
  [...totals]
    .map(([name, amount]) => `${name}=${renderQuantity(amount)}`)
    .sort()
    .join(",");
