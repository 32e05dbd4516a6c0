// What queues use for pods that will never end by themselves: a gang can wait for all others, but not for these.

import type { ResourceAmounts } from "../../api/core/pod-resources.ts";
import { endOf } from "../gangs/endings.ts";
import type { Snapshot } from "../snapshot.ts";
import { addTo, amountsOf, type Amounts } from "./amounts.ts";
import type { QueueLedger } from "./queue-ledger.ts";
import { maxOf, type QueueNode } from "./queue-tree.ts";

/** By queue, with what the queues below it use. */
export function permanentUse(
  snapshot: Snapshot,
  ledger: QueueLedger,
  nowMs: number,
): ReadonlyMap<QueueNode, ResourceAmounts> {
  const sums = new Map<QueueNode, Amounts>();
  for (const { name } of snapshot.nodes) {
    for (const pod of snapshot.podsOn(name)) {
      const queue = ledger.queueOf(pod.uid);
      if (queue === undefined || endOf(pod, nowMs) !== undefined) continue;
      for (const node of ledger.tree.find(queue)?.path ?? []) {
        const sum = sums.get(node) ?? {};
        addTo(sum, amountsOf(pod.pod), 1);
        sums.set(node, sum);
      }
    }
  }
  return sums;
}

export interface Outlook {
  readonly capacity: ResourceAmounts;
  readonly staying: ReadonlyMap<QueueNode, ResourceAmounts>;
}

/** Whether the queues' maximums allow it once all has ended that will. */
export const fitsSomeDay = (
  path: readonly QueueNode[],
  amounts: ResourceAmounts,
  { capacity, staying }: Outlook,
): boolean =>
  path.every((node) =>
    Object.entries(amounts).every(
      ([resource, amount]) =>
        amount === 0 || (staying.get(node)?.[resource] ?? 0) + amount <= maxOf(node, capacity, resource),
    ),
  );
