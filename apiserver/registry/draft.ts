// A transaction in the making: checks and writes as the store takes them, plus changes of nodes' allocation records and
// charges to quotas, which are turned into checks and writes last, one transaction at a time for each node and namespace.

import type { AllocationChange } from "../allocation/plan-allocation.ts";
import type { ChargedQuota } from "../quota/quota-ledger.ts";
import type { Check, Write } from "../storage/store.ts";

export interface Draft {
  readonly checks: readonly Check[];
  readonly writes: readonly Write[];
  readonly allocations: readonly AllocationChange[];
  readonly charges: readonly ChargedQuota[];
}

export function mergeDrafts(drafts: readonly Partial<Draft>[]): Draft {
  return {
    checks: withoutRepeats(drafts.flatMap(({ checks = [] }) => checks)),
    writes: drafts.flatMap(({ writes = [] }) => writes),
    allocations: drafts.flatMap(({ allocations = [] }) => allocations),
    charges: drafts.flatMap(({ charges = [] }) => charges),
  };
}

function withoutRepeats(checks: readonly Check[]): readonly Check[] {
  const seen = new Set<string>();
  return checks.filter(({ key }) => !seen.has(key) && seen.add(key));
}
