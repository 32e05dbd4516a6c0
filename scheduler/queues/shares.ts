// Who comes first, who may take back, and who must wait: the rules of shares over the tree of queues. Pure.

import type { ResourceAmounts } from "../../api/core/pod-resources.ts";
import { renderAmount } from "./amounts.ts";
import { guaranteeOf, maxOf, totalOf, type QueueNode } from "./queue-tree.ts";

const asked = (amounts: ResourceAmounts) => Object.entries(amounts).filter(([, amount]) => amount > 0);

export interface AboveMax {
  /** The queue that the pods would bring above its maximum. */
  readonly node: QueueNode;
  /** For people. */
  readonly message: string;
}

export interface Occupancy {
  readonly capacity: ResourceAmounts;
  /** Room that is kept for others does not count. */
  readonly unkept?: boolean;
  /** What is kept for the pods themselves, which does not count either. */
  readonly own?: ResourceAmounts;
}

/** Where the pods would be too much; undefined: nowhere. */
export function findAboveMax(
  leaf: QueueNode,
  amounts: ResourceAmounts,
  { capacity, unkept = false, own = {} }: Occupancy,
): AboveMax | undefined {
  for (const node of leaf.path) {
    for (const [resource, amount] of asked(amounts)) {
      const kept = unkept ? 0 : (node.kept[resource] ?? 0) - (own[resource] ?? 0);
      const used = (node.used[resource] ?? 0) + kept;
      const max = maxOf(node, capacity, resource);
      if (used + amount <= max) continue;
      const [has, most, more] = [used, max, amount].map((each) => renderAmount(resource, each));
      const note = kept > 0 ? `, ${renderAmount(resource, kept)} of which is kept for pods that come before` : "";
      return {
        node,
        message: `queue "${node.name}" may have ${most} ${resource}: it has ${has}${note}, and ${more} more are asked for`,
      };
    }
  }
  return undefined;
}

/** With the pods the queue still has no more than it guarantees. */
export const fitsGuarantee = (node: QueueNode, amounts: ResourceAmounts): boolean =>
  asked(amounts).every(([resource, amount]) => totalOf(node, resource) + amount <= guaranteeOf(node, resource));

/** The queue has more than it guarantees of something that is asked for. */
const borrows = (node: QueueNode, amounts: ResourceAmounts): boolean =>
  asked(amounts).some(([resource]) => (node.used[resource] ?? 0) > guaranteeOf(node, resource));

/**
 * The claimant may have room that the other queue has borrowed: from where their paths part, the claimant's queues stay within
 * what they guarantee, and the other's are all beyond it. A queue that is evicted from thus has no right to evict back.
 */
export function mayReclaim(claimant: QueueNode, from: QueueNode, amounts: ResourceAmounts): boolean {
  if (claimant === from || !claimant.queue.spec.reclaim) return false;
  const depth = sharedDepth(claimant, from);
  return (
    claimant.path.slice(depth).every((node) => fitsGuarantee(node, amounts)) &&
    from.path.slice(depth).every((node) => borrows(node, amounts))
  );
}

/** How many queues, from the root down, both are a part of. */
export function sharedDepth(a: QueueNode, b: QueueNode): number {
  let depth = 0;
  while (a.path[depth] && a.path[depth] === b.path[depth]) depth++;
  return depth;
}

/** Use as a part of the guarantee, of the resource where it is highest; undefined: nothing is guaranteed. */
export function shareOf(node: QueueNode): number | undefined {
  const { guarantee } = node;
  let share: number | undefined;
  for (const [resource, amount] of Object.entries(guarantee)) {
    const used = totalOf(node, resource);
    const part = used === 0 ? 0 : amount > 0 ? used / amount : Infinity;
    share = Math.max(share ?? 0, part);
  }
  return share;
}

/** What the queue has beyond its guarantee, as a part of the cluster and of its weight. */
function borrowedPart(node: QueueNode, capacity: ResourceAmounts): number {
  let part = 0;
  for (const resource of Object.keys(capacity)) {
    const whole = capacity[resource] ?? 0;
    const borrowed = totalOf(node, resource) - guaranteeOf(node, resource);
    if (whole > 0 && borrowed > 0) part = Math.max(part, borrowed / whole);
  }
  return part / (node.queue.spec.weight ?? 1);
}

/**
 * Negative: `a` comes first. Queues below their guarantee come before those that borrow; the former by how far they are below,
 * the latter by how little they have borrowed for their weight. Decided where the paths to the two queues part.
 */
export function compareNeed(a: QueueNode, b: QueueNode, capacity: ResourceAmounts): number {
  const depth = sharedDepth(a, b);
  const [one, other] = [a.path[depth], b.path[depth]];
  if (!one || !other) return 0;
  const [share, otherShare] = [shareOf(one) ?? Infinity, shareOf(other) ?? Infinity];
  const [isBelow, isOtherBelow] = [share < 1, otherShare < 1];
  if (isBelow !== isOtherBelow) return isBelow ? -1 : 1;
  if (isBelow) return share - otherShare;
  return borrowedPart(one, capacity) - borrowedPart(other, capacity);
}
