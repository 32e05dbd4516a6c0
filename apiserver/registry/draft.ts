// A transaction in the making: checks and writes as the store takes them, plus changes of nodes' allocation records, which
// are turned into checks and writes last, under the nodes' locks.

import type { AllocationChange } from "../allocation/plan-allocation.ts";
import type { Check, Write } from "../storage/store.ts";

export interface Draft {
  readonly checks: readonly Check[];
  readonly writes: readonly Write[];
  readonly allocations: readonly AllocationChange[];
}

export function mergeDrafts(drafts: readonly Partial<Draft>[]): Draft {
  return {
    checks: withoutRepeats(drafts.flatMap(({ checks = [] }) => checks)),
    writes: drafts.flatMap(({ writes = [] }) => writes),
    allocations: drafts.flatMap(({ allocations = [] }) => allocations),
  };
}

function withoutRepeats(checks: readonly Check[]): readonly Check[] {
  const seen = new Set<string>();
  return checks.filter(({ key }) => !seen.has(key) && seen.add(key));
}
