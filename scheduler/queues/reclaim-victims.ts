// Who has to give back for a unit that its queue's guarantee would have room for.

import type { Unit } from "../gangs/room-maker.ts";
import type { PodInfo } from "../pod-info.ts";
import type { Snapshot } from "../snapshot.ts";
import { amountsOf, sumOf } from "./amounts.ts";
import { borrowersAmong, type Charged } from "./borrowers.ts";
import type { Line } from "./line.ts";
import { planReclaim, type Borrower } from "./plan-reclaim.ts";
import { charge, discharge } from "./queue-tree.ts";
import { fitsGuarantee, mayReclaim } from "./shares.ts";

export interface VictimSearch {
  readonly line: Line;
  readonly snapshot: Snapshot;
  /** On their way out already: what they use will be free. */
  readonly leaving: ReadonlySet<string>;
}

/** In the order in which they are to be asked; undefined: the unit is owed nothing. */
export function findReclaimVictims(
  unit: Unit,
  { line, snapshot, leaving }: VictimSearch,
): readonly Borrower[] | undefined {
  const { ledger } = line;
  const [first] = unit.pods;
  const name = first && line.queueOf(first.pod);
  const leaf = name === undefined ? undefined : ledger.tree.find(name);
  const amounts = sumOf(unit.pods.map(({ pod }) => amountsOf(pod)));
  if (!leaf?.queue.spec.reclaim || !fitsGuarantee(leaf, amounts)) return undefined;
  // Most that find no room do so where nobody borrows: then no pod has to be looked at.
  if (leaving.size === 0 && !ledger.tree.leaves.some((each) => mayReclaim(leaf, each, amounts))) return [];
  const charged = chargedPods(line, snapshot);
  const going = charged.filter(({ place }) => leaving.has(place.pod.uid));
  const staying = charged.filter(({ place }) => !leaving.has(place.pod.uid));
  for (const { queue, amounts: used } of going) discharge(queue, "used", used);
  const borrowers = planReclaim(leaf, amounts, borrowersAmong(staying));
  for (const { queue, amounts: used } of going) charge(queue, "used", used);
  return borrowers;
}

function chargedPods({ ledger, gangs, budgets }: Line, snapshot: Snapshot): readonly Charged[] {
  const found: Omit<Charged, "isProtected">[] = [];
  for (const { name: node } of snapshot.nodes) {
    for (const pod of snapshot.podsOn(node)) {
      const name = ledger.queueOf(pod.uid);
      const queue = name === undefined ? undefined : ledger.tree.find(name);
      if (queue) found.push({ place: { pod, node }, queue, amounts: amountsOf(pod.pod), gang: gangs.gangOf(pod.uid) });
    }
  }
  const isProtected = budgets.violating(found.map(({ place }): PodInfo => place.pod));
  return found.map((pod) => ({ ...pod, isProtected: isProtected.has(pod.place.pod) }));
}
