// What becomes of an object whose owners go. Pure. Rules as in Kubernetes' garbage collector: an object goes when its last
// owner is gone; foreground deletion goes bottom up; orphaning sets dependents free first.

import type { KubeObject } from "../../api/meta/object.ts";
import type { OwnerReference } from "../../api/meta/object-meta.ts";

export const FOREGROUND = "foregroundDeletion";
export const ORPHAN = "orphan";

/** What is known of an owner. `unknown`: its kind is not served, or it cannot own this object, so nothing is concluded. */
export type OwnerState = "present" | "absent" | "deleting-in-foreground" | "unknown";

export interface Owner {
  readonly reference: OwnerReference;
  readonly state: OwnerState;
}

export interface Relations {
  readonly owners: readonly Owner[];
  readonly dependents: readonly KubeObject[];
}

export type Propagation = "Background" | "Foreground" | "Orphan";

export type CollectionPlan =
  | { readonly action: "keep" }
  /** All owners are gone, or wait for this object to go. */
  | { readonly action: "delete"; readonly propagation: Propagation }
  /** Some owners are gone, others stay: the references to the former are dropped. */
  | { readonly action: "release"; readonly uids: readonly string[] }
  /** No owner is to wait for this object any more. */
  | { readonly action: "unblock" };

export function planCollection(object: KubeObject, { owners, dependents }: Relations): CollectionPlan {
  if (owners.length === 0 || object.metadata.deletionTimestamp) return { action: "keep" };
  const having = (state: OwnerState) => owners.filter((owner) => owner.state === state);
  // 1. Nothing is concluded while an owner's state is unknown.
  if (having("unknown").length > 0) return { action: "keep" };
  const gone = having("absent");
  const waiting = having("deleting-in-foreground");
  // 2. An owner stays: only the references to those that go are dropped.
  if (having("present").length > 0) {
    const uids = [...gone, ...waiting].map(({ reference }) => reference.uid);
    return uids.length > 0 ? { action: "release", uids } : { action: "keep" };
  }
  // 3. An owner waits for its dependents: this one goes in the foreground too, so that the whole tree goes bottom up.
  if (waiting.length > 0 && dependents.length > 0) {
    // A dependent that waits as well may close a circle, in which everybody would wait for ever: it is opened here.
    if (dependents.some((each) => isWaitingFor(each, FOREGROUND)) && blocksAny(object)) return { action: "unblock" };
    return { action: "delete", propagation: "Foreground" };
  }
  // 4. All owners are gone, or wait for this leaf.
  return { action: "delete", propagation: propagationOf(object) };
}

/** What was asked for when the object itself was deleted before, by its finalizers. */
function propagationOf({ metadata: { finalizers = [] } }: KubeObject): Propagation {
  if (finalizers.includes(ORPHAN)) return "Orphan";
  return finalizers.includes(FOREGROUND) ? "Foreground" : "Background";
}

/** The object is being deleted and waits for what depends on it. */
export const isWaitingFor = (object: KubeObject, finalizer: string): boolean =>
  object.metadata.deletionTimestamp !== undefined && (object.metadata.finalizers ?? []).includes(finalizer);

const blocksAny = ({ metadata }: KubeObject): boolean =>
  (metadata.ownerReferences ?? []).some(({ blockOwnerDeletion }) => blockOwnerDeletion === true);

/** Foreground deletion waits only for dependents that ask for it. */
export const blocks = (dependent: KubeObject, ownerUid: string): boolean =>
  (dependent.metadata.ownerReferences ?? []).some(
    ({ uid, blockOwnerDeletion }) => uid === ownerUid && blockOwnerDeletion === true,
  );
