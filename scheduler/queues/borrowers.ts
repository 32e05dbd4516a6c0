// The pods that could be asked to give back what their queues have borrowed, as they would leave: a gang as a whole, but its members
// beyond those that it needs one by one, and before it.

import type { ResourceAmounts } from "../../api/core/pod-resources.ts";
import type { Gang } from "../gangs/gangs.ts";
import type { Place } from "../gangs/kept-rooms.ts";
import { sumOf } from "./amounts.ts";
import type { Borrower } from "./plan-reclaim.ts";
import type { QueueNode } from "./queue-tree.ts";

/** A pod that counts in a queue. */
export interface Charged {
  readonly place: Place;
  readonly queue: QueueNode;
  readonly amounts: ResourceAmounts;
  readonly gang: Gang | undefined;
  readonly isProtected: boolean;
}

export function borrowersAmong(pods: readonly Charged[]): readonly Borrower[] {
  const alone: Charged[] = [];
  const gangs = new Map<Gang, Charged[]>();
  for (const pod of pods) {
    if (!pod.gang) alone.push(pod);
    else gangs.set(pod.gang, [...(gangs.get(pod.gang) ?? []), pod]);
  }
  const borrowers = alone.map((pod) => borrowerOf([pod]));
  for (const [{ group }, members] of gangs) {
    const needed = group?.spec.minMember ?? members.length;
    // The newest of the least important can be spared, as long as as many are left as are needed.
    const ranked = members.toSorted(bySparing);
    const spare = Math.max(0, members.length - needed);
    borrowers.push(...ranked.slice(0, spare).map((pod) => borrowerOf([pod])), borrowerOf(ranked.slice(spare)));
  }
  return borrowers;
}

const bySparing = ({ place: { pod: a } }: Charged, { place: { pod: b } }: Charged) =>
  a.priority - b.priority || (a.startedMs === b.startedMs ? 0 : b.startedMs - a.startedMs);

/** Of a queue that the first of them is in: members of a gang in several queues leave with it. */
function borrowerOf(pods: readonly Charged[]): Borrower {
  const [first] = pods;
  if (!first) throw new Error("a borrower is at least one pod");
  return {
    queue: first.queue,
    places: pods.map(({ place }) => place),
    amounts: sumOf(pods.filter(({ queue }) => queue === first.queue).map(({ amounts }) => amounts)),
    priority: Math.max(...pods.map(({ place }) => place.pod.priority)),
    startedMs: Math.min(...pods.map(({ place }) => place.pod.startedMs)),
    isProtected: pods.some(({ isProtected }) => isProtected),
  };
}
