// The scopes of a quota: which objects it is about. A quota with a band, which is a label of ours, is about the pods of the band.

import type { KubeObject } from "../meta/object.ts";
import { BAND_LABEL } from "../kctl-scheduling/bands.ts";
import type { QuotaEvaluator } from "./quota-evaluator.ts";
import type { ResourceQuota } from "./resource-quota.ts";

/** Whether all scopes are about the object, in whichever of the two ways they are given. */
export const matchesScopes = (
  { metadata, spec }: ResourceQuota,
  evaluator: QuotaEvaluator,
  object: KubeObject,
): boolean =>
  matchesBand(metadata.labels, object) &&
  (spec.scopes ?? []).every((scopeName) => evaluator.matchesScope({ scopeName, operator: "Exists" }, object)) &&
  (spec.scopeSelector?.matchExpressions ?? []).every((scope) => evaluator.matchesScope(scope, object));

const matchesBand = (labels: KubeObject["metadata"]["labels"], object: KubeObject): boolean =>
  labels?.[BAND_LABEL] === undefined || labels[BAND_LABEL] === object.metadata.labels?.[BAND_LABEL];
