// How objects count against resource quotas. Server and quota controller must agree, so both use what is here: the server
// to charge a write, the controller to count anew. Pure; the rules are Kubernetes'.

import type { KubeObject } from "../meta/object.ts";
import { quantityOf } from "../meta/quantity.ts";
import type { ScopedResourceSelectorRequirement } from "./resource-quota.ts";
import type { ResourceTotals } from "./resource-totals.ts";

export interface QuotaEvaluator {
  /** Whether the resource, named as in spec.hard of a quota, is one that objects of the kind use. */
  tracks(resource: string): boolean;
  /** Whether such a write can make the object use more. */
  charges(write: ChargedWrite): boolean;
  /** What one object uses. Some objects use less after a time. */
  usageOf(object: KubeObject, nowMs: number): ResourceTotals;
  /** Whether the object is one of those that a scope is about. */
  matchesScope(scope: ScopedResourceSelectorRequirement, object: KubeObject): boolean;
  /** What the object must say for a quota of these resources; undefined where it does. */
  findOmission?(resources: readonly string[], object: KubeObject): string | undefined;
}

export interface ChargedWrite {
  readonly operation: "CREATE" | "UPDATE";
  readonly subresource?: string;
}

interface Kind {
  readonly group: string;
  readonly plural: string;
}

/** `count/jobs.batch`, `count/pods`: the resource that counts the objects of a kind. */
export const countResource = ({ group, plural }: Kind): string => `count/${group ? `${plural}.${group}` : plural}`;

export const ONE = quantityOf(1);

/** No scope is about objects of most kinds: a quota with scopes does not count them. */
export const matchesNoScope = (): boolean => false;

/** The kinds that quotas could count before there was `count/`. */
const PLAIN_COUNTS: readonly string[] = ["configmaps", "replicationcontrollers", "resourcequotas", "secrets"];

/** Counts objects: what is done for all kinds that need nothing else. */
export function countingEvaluator(kind: Kind): QuotaEvaluator {
  const names = [countResource(kind)];
  if (!kind.group && PLAIN_COUNTS.includes(kind.plural)) names.push(kind.plural);
  const usage: ResourceTotals = new Map(names.map((name) => [name, ONE]));
  return {
    tracks: (resource) => names.includes(resource),
    charges: ({ operation, subresource }) => operation === "CREATE" && subresource === undefined,
    usageOf: () => usage,
    matchesScope: matchesNoScope,
  };
}
