// Taints keep pods away from nodes; tolerations let them come anyway. The rules are Kubernetes'.

import type { Toleration } from "./affinity.ts";
import type { Taint } from "./node.ts";

/** No effect tolerates all effects; no key, which goes with Exists only, tolerates all keys. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  if (toleration.operator === "Exists") return true;
  return (toleration.value ?? "") === (taint.value ?? "");
}

export function toleratesAny(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  return tolerations?.some((each) => tolerates(each, taint)) ?? false;
}

/** The first taint with one of the effects that no toleration covers. */
export function findUntoleratedTaint(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly Taint["effect"][],
): Taint | undefined {
  return taints?.find((taint) => effects.includes(taint.effect) && !toleratesAny(tolerations, taint));
}
