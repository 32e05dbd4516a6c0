// The scopes of a quota: which objects it is about.

import type { KubeObject } from "../meta/object.ts";
import type { QuotaEvaluator } from "./quota-evaluator.ts";
import type { ResourceQuota } from "./resource-quota.ts";

/** Whether all scopes are about the object, in whichever of the two ways they are given. */
export const matchesScopes = ({ spec }: ResourceQuota, evaluator: QuotaEvaluator, object: KubeObject): boolean =>
  (spec.scopes ?? []).every((scopeName) => evaluator.matchesScope({ scopeName, operator: "Exists" }, object)) &&
  (spec.scopeSelector?.matchExpressions ?? []).every((scope) => evaluator.matchesScope(scope, object));
