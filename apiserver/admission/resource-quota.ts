// Charges what is created, and what grows, to the quotas of its namespace. Here it is decided what is charged, and whether that
// fits into what is seen; the quota ledger decides again and raises the quotas in the transaction that stores the object.

import { applyCharge, planCharge } from "../../api/core/quota-charge.ts";
import { findQuotaEvaluator } from "../../api/core/quota-evaluators.ts";
import { resourceQuotas, type ResourceQuota } from "../../api/core/resource-quota.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import type { Draft } from "../registry/draft.ts";
import { objectOf } from "../registry/view.ts";
import type { ChargedQuota } from "../quota/quota-ledger.ts";
import { refused, type AdmissionRequest, type AdmissionStep } from "./admission-step.ts";

export const resourceQuota: AdmissionStep = {
  name: "ResourceQuota",
  validate(request) {
    const { operation, object, namespace, subresource, served } = request;
    if (!object || !namespace || (operation !== "CREATE" && operation !== "UPDATE")) return undefined;
    if (subresource !== undefined && subresource !== "resize") return undefined;
    // Binding and the like arrive as updates of pods, which change nothing that is charged.
    const evaluator = findQuotaEvaluator(served.resource);
    if (!evaluator?.charges({ operation, subresource })) return undefined;
    return charge(request, { namespace, object });
  },
};

async function charge(
  request: AdmissionRequest,
  { namespace, object }: { readonly namespace: string; readonly object: KubeObject },
): Promise<Partial<Draft> | undefined> {
  const { resources, served, old, nowMs, view, isDryRun } = request;
  const evaluator = findQuotaEvaluator(served.resource);
  const quotas = resources.find(resourceQuotas.group, resourceQuotas.version, resourceQuotas.plural);
  const entries = quotas ? await view.list(quotas, namespace) : [];
  if (!evaluator || entries.length === 0) return undefined;
  const charges: ChargedQuota[] = [];
  for (const entry of entries) {
    const quota = objectOf<ResourceQuota>(entry);
    const plan = planCharge(quota, { evaluator, object, old, nowMs });
    if (!plan) continue;
    if ("refusal" in plan) throw refused(request, plan.refusal);
    const use = applyCharge(quota, plan.amounts);
    if ("refusal" in use) throw refused(request, use.refusal);
    charges.push({ seen: entry, amounts: plan.amounts, refuse: (detail) => refused(request, detail) });
  }
  return isDryRun || charges.length === 0 ? undefined : { charges };
}
