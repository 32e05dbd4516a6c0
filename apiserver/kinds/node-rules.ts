// Nodes: what a node offers is copied into its allocation record, in the transaction that changes it.

import type { Node } from "../../api/core/node.ts";
import { allocatableOf } from "../allocation/plan-allocation.ts";
import type { AllocationChange } from "../allocation/plan-allocation.ts";
import type { KindRules } from "./kind-rules.ts";

export const nodeRules: KindRules = {
  accompany: ({ old, object }) => ({
    allocations: planNodeAllocation(old?.object as Node | undefined, object as Node | undefined),
  }),
};

/** Exported for its test. */
export function planNodeAllocation(old: Node | undefined, node: Node | undefined): readonly AllocationChange[] {
  const name = (node ?? old)?.metadata.name ?? "";
  const before = (old && allocatableOf(old)) ?? null;
  const after = (node && allocatableOf(node)) ?? null;
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ node: name, allocatable: after }];
}
