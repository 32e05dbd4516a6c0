// Which pods may be pushed out for pods that are placed together, and in which order they are asked: as preemption does for one pod,
// but over all nodes, and gangs as a whole.

import type { PodInfo } from "../pod-info.ts";
import type { DisruptionBudgets } from "../preemption/disruption-budgets.ts";
import { compareImportance, mayPreempt } from "../preemption/may-preempt.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Gangs } from "./gangs.ts";
import { isStandIn, type Place } from "./kept-rooms.ts";

export interface PreemptionContext {
  readonly snapshot: Snapshot;
  readonly gangs: Gangs;
  readonly budgets: DisruptionBudgets;
  readonly leaving: ReadonlySet<string>;
}

/** Groups that leave each as a whole, the least important first, and those that a budget protects last. */
export function preemptableFor(unit: readonly PodInfo[], context: PreemptionContext): readonly (readonly Place[])[] {
  const { snapshot, gangs, budgets, leaving } = context;
  if (unit.some(({ pod }) => pod.spec.preemptionPolicy === "Never")) return [];
  const groups = new Map<string, Place[]>();
  for (const { name: node } of snapshot.nodes) {
    for (const pod of snapshot.podsOn(node)) {
      if (isStandIn(pod) || leaving.has(pod.uid)) continue;
      const key = gangs.gangOf(pod.uid)?.key ?? pod.uid;
      const group = groups.get(key);
      if (group) group.push({ pod, node });
      else groups.set(key, [{ pod, node }]);
    }
  }
  const victims = [...groups.values()].filter((group) => group.every(({ pod }) => isBelow(unit, pod)));
  const protectedPods = budgets.violating(victims.flat().map(({ pod }) => pod));
  const isProtected = (group: readonly Place[]) => Number(group.some(({ pod }) => protectedPods.has(pod)));
  const ranked = victims.map((group) => ({ group, top: mostImportant(group), isProtected: isProtected(group) }));
  ranked.sort(
    (a, b) => a.isProtected - b.isProtected || compareImportance(b.top, a.top) || a.group.length - b.group.length,
  );
  return ranked.map(({ group }) => group);
}

const isBelow = (unit: readonly PodInfo[], victim: PodInfo) => unit.every((pod) => mayPreempt(pod, victim));

const mostImportant = (group: readonly Place[]): PodInfo =>
  group.map(({ pod }) => pod).reduce((top, pod) => (compareImportance(pod, top) < 0 ? pod : top));
