// Which pods have to give back what their queues have borrowed, and in which order they are asked to. Pure, but for the charges of
// the queues, which are as before when it returns.

import type { ResourceAmounts } from "../../api/core/pod-resources.ts";
import type { Place } from "../gangs/kept-rooms.ts";
import { charge, discharge, type QueueNode } from "./queue-tree.ts";
import { mayReclaim, sharedDepth } from "./shares.ts";

/** Pods that would have to leave together: one, or all that a gang cannot run without. */
export interface Borrower {
  readonly queue: QueueNode;
  readonly places: readonly Place[];
  readonly amounts: ResourceAmounts;
  /** Of the most important of them. */
  readonly priority: number;
  /** Since when the oldest of them runs; Infinity: not yet. */
  readonly startedMs: number;
  /** A disruption budget would rather keep them. */
  readonly isProtected: boolean;
}

/**
 * Those that may have to leave, in this order: nearest in the tree of queues, then lowest priority, then newest; what a budget
 * protects comes last. Each only while its queue still borrows, if those before it have left.
 */
export function planReclaim(
  claimant: QueueNode,
  amounts: ResourceAmounts,
  borrowers: readonly Borrower[],
): readonly Borrower[] {
  const depthOf = ({ queue }: Borrower) => sharedDepth(claimant, queue);
  const ordered = [...borrowers].sort(
    (a, b) =>
      Number(a.isProtected) - Number(b.isProtected) ||
      depthOf(b) - depthOf(a) ||
      a.priority - b.priority ||
      newestFirst(a.startedMs, b.startedMs),
  );
  const leaving: Borrower[] = [];
  for (const borrower of ordered) {
    if (!mayReclaim(claimant, borrower.queue, amounts)) continue;
    discharge(borrower.queue, "used", borrower.amounts);
    leaving.push(borrower);
  }
  for (const { queue, amounts: given } of leaving) charge(queue, "used", given);
  return leaving;
}

/** Of pods that both have not started neither is newer. */
const newestFirst = (a: number, b: number) => (a === b ? 0 : b - a);
