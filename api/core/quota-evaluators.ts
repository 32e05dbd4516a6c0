// Which evaluator counts the objects of a kind.

import { claimQuota } from "./claim-quota.ts";
import { podQuota } from "./pod-quota.ts";
import { countingEvaluator, countResource, type QuotaEvaluator } from "./quota-evaluator.ts";
import { serviceQuota } from "./service-quota.ts";

const EVALUATORS: Readonly<Record<string, QuotaEvaluator | undefined>> = {
  "count/persistentvolumeclaims": claimQuota,
  "count/pods": podQuota,
  "count/services": serviceQuota,
};
/** Events come and go by themselves. */
const IGNORED: readonly string[] = ["count/events", "count/events.events.k8s.io"];

/** Undefined where no quota can be about the kind. */
export function findQuotaEvaluator(kind: {
  readonly group: string;
  readonly plural: string;
}): QuotaEvaluator | undefined {
  const name = countResource(kind);
  return IGNORED.includes(name) ? undefined : (EVALUATORS[name] ?? countingEvaluator(kind));
}
