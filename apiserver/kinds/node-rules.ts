// Nodes: what a node offers, and its pool, are copied into its allocation record, in the transaction that changes them.

import type { Node } from "../../api/core/node.ts";
import { poolOf } from "../../api/kctl-scheduling/pools.ts";
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
  const change = {
    ...difference("allocatable", old && allocatableOf(old), node && allocatableOf(node)),
    ...difference("pool", poolOf(old?.metadata.labels), poolOf(node?.metadata.labels)),
  };
  return Object.keys(change).length === 0 ? [] : [{ node: name, ...change }];
}

/** Null for what is gone. */
function difference<K extends string, T>(
  key: K,
  before: T | undefined,
  after: T | undefined,
): { [key in K]?: T | null } {
  if (JSON.stringify(before) === JSON.stringify(after)) return {};
  return { [key]: after ?? null } as { [key in K]?: T | null };
}
