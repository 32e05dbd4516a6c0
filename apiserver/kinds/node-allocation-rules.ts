// Node allocations are the records of what nodes have given away, shown as objects. The record's revision is the generation.

import type { NodeAllocation } from "../../api/placement/node-allocation.ts";
import { nextTurn } from "../../lib/next-turn.ts";
import { ALLOCATIONS_PREFIX, decodeRecord } from "../allocation/allocations.ts";
import type { Store, Stored } from "../storage/store.ts";
import type { KindRules } from "./kind-rules.ts";

export const nodeAllocationRules = (store: Store): KindRules => ({
  compute: async () => {
    const described: NodeAllocation[] = [];
    for (const [index, stored] of (await store.list(ALLOCATIONS_PREFIX)).items.entries()) {
      if (index % NODES_PER_TURN === NODES_PER_TURN - 1) await nextTurn();
      described.push(describe(stored));
    }
    return described;
  },
});

/** Nodes described before other work gets its turn. */
const NODES_PER_TURN = 500;

function describe({ key, value, revision }: Stored): NodeAllocation {
  const { hostPorts, ...record } = decodeRecord(value);
  return {
    kind: "NodeAllocation",
    apiVersion: "placement.kctl.dev/v1",
    metadata: { name: key.slice(ALLOCATIONS_PREFIX.length) } as NodeAllocation["metadata"],
    generation: revision,
    ...record,
    ...(hostPorts.length > 0 && { hostPorts }),
  };
}
