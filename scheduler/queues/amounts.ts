// Arithmetic with amounts of resources, by name. What is not named is none.

import { podRequests, type ResourceAmounts } from "../../api/core/pod-resources.ts";
import type { Pod } from "../../api/core/pod.ts";
import { quantityOf, quantityOfMillis, renderQuantity } from "../../api/meta/quantity.ts";

export type Amounts = Record<string, number>;

/** What a pod counts for in its queue: its requests, and one pod. */
export const amountsOf = (pod: Pod): ResourceAmounts => ({ ...podRequests(pod), pods: 1 });

/** Changes `sum`; names without an amount are left out, so that it holds only what is there. */
export function addTo(sum: Amounts, amounts: ResourceAmounts, sign: 1 | -1): void {
  for (const [name, amount] of Object.entries(amounts)) {
    const total = (sum[name] ?? 0) + sign * amount;
    if (total === 0) delete sum[name];
    else sum[name] = total;
  }
}

export function sumOf(parts: readonly ResourceAmounts[]): ResourceAmounts {
  const sum: Amounts = {};
  for (const part of parts) addTo(sum, part, 1);
  return sum;
}

const BYTES = /^(memory|ephemeral-storage|storage|hugepages-.*)$/;

/** As quantities: `1500m` of cpu, `2Gi` of memory. */
export function renderAmounts(amounts: ResourceAmounts): Record<string, string> {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, renderAmount(name, amount)]));
}

export function renderAmount(name: string, amount: number): string {
  if (name === "cpu") return renderQuantity(quantityOfMillis(amount));
  return renderQuantity(quantityOf(amount, BYTES.test(name) ? "BinarySI" : "DecimalSI"));
}
