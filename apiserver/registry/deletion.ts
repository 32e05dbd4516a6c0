// The rules of deletion as pure decisions: what is removed at once, what waits for its finalizers or its grace period, and
// which finalizers the caller's propagation policy asks for. The rules are Kubernetes'.

import type { KubeObject } from "../../api/meta/object.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import { conflict } from "../../api/meta/status.ts";
import { formatTime } from "../../lib/clock.ts";
import type { KindRules } from "../kinds/kind-rules.ts";
import type { ServedResource } from "../served-resource.ts";
import type { DeleteOptions } from "./delete-options.ts";

const ORPHAN = "orphan";
const FOREGROUND = "foregroundDeletion";

export interface DeletionPlan {
  /** The object to store; absent: it stays as it is. */
  readonly next?: KubeObject;
  readonly remove: boolean;
}

export interface DeletionInput {
  readonly object: KubeObject;
  readonly options: DeleteOptions;
  readonly nowMs: number;
}

/** What one request to delete does to the object: the first one, or any that follows while it is being deleted. */
export function planDeletion(served: ServedResource, { object, options, nowMs }: DeletionInput): DeletionPlan {
  const { rules } = served;
  const graceSeconds = planGrace(served, { object, options, nowMs });
  // While a grace period runs, a caller can cut it short and change nothing else.
  if (graceSeconds === undefined && object.metadata.deletionGracePeriodSeconds) return { remove: false };
  const kept = withFinalizers(object, planFinalizers(rules, object.metadata.finalizers ?? [], options));
  const marked = graceSeconds === undefined ? kept : withDeletion(kept, graceSeconds, nowMs);
  const next = marked !== object && !object.metadata.deletionTimestamp ? (rules.terminate?.(marked) ?? marked) : marked;
  if (mayRemove(served, next)) return { next, remove: true };
  return { ...(next !== object && { next }), remove: false };
}

/** Nothing holds the deleted object back any more: no finalizer, no grace period, nothing of its kind's own. */
export function mayRemove({ rules }: ServedResource, { metadata, ...rest }: KubeObject): boolean {
  if (!metadata.deletionTimestamp || metadata.finalizers?.length || metadata.deletionGracePeriodSeconds) return false;
  return rules.mayVanish?.({ metadata, ...rest }) ?? true;
}

/** The grace period to set; undefined: the one that was set before stays. A period that runs already can only be cut short. */
function planGrace({ rules }: ServedResource, { object, options }: DeletionInput): number | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata;
  if (!deletionTimestamp) return rules.graceSeconds?.(object, options.gracePeriodSeconds) ?? 0;
  const asked = options.gracePeriodSeconds;
  if (asked === undefined || deletionGracePeriodSeconds === undefined) return undefined;
  return asked < deletionGracePeriodSeconds ? asked : undefined;
}

function withDeletion(object: KubeObject, graceSeconds: number, nowMs: number): KubeObject {
  const { generation, deletionTimestamp, deletionGracePeriodSeconds = 0 } = object.metadata;
  // A period that is cut short is measured from when the deletion began.
  const beganMs = deletionTimestamp ? Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000 : nowMs;
  const metadata = {
    ...object.metadata,
    ...(generation && !deletionTimestamp && { generation: generation + 1 }),
    deletionTimestamp: formatTime(beganMs + graceSeconds * 1000),
    deletionGracePeriodSeconds: graceSeconds,
  };
  return { ...object, metadata };
}

function planFinalizers(
  { orphansDependents, hasNoDependents }: KindRules,
  present: readonly string[],
  { propagationPolicy }: DeleteOptions,
): readonly string[] {
  const others = present.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND);
  if (hasNoDependents) return others;
  if (propagationPolicy === "Orphan") return [...others, ORPHAN];
  if (propagationPolicy === "Foreground") return [...others, FOREGROUND];
  if (propagationPolicy === "Background") return others;
  // What the object says itself comes before what its kind says.
  if (others.length < present.length) return present;
  return orphansDependents ? [...others, ORPHAN] : others;
}

function withFinalizers(object: KubeObject, finalizers: readonly string[]): KubeObject {
  if (sameList(finalizers, object.metadata.finalizers ?? [])) return object;
  return { ...object, metadata: { ...object.metadata, finalizers: finalizers.length > 0 ? finalizers : undefined } };
}

const sameList = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((item) => b.includes(item));

/** Throws Conflict when the object is not the one, or not the version, that the caller means. */
export function assertPreconditions(
  resource: ResourceDefinition,
  { metadata }: KubeObject,
  { preconditions }: DeleteOptions,
): void {
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid !== undefined && uid !== metadata.uid) {
    const detail = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
    throw preconditionFailed(resource, metadata.name, detail);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const detail = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    throw preconditionFailed(resource, metadata.name, detail);
  }
}

/** Kubernetes names the kind here, where it names the plural elsewhere. */
const preconditionFailed = (resource: ResourceDefinition, name: string, detail: string) =>
  conflict({ ...resource, plural: resource.kind }, name, detail);
