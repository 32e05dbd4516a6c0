// Who takes a claim with it when it goes, by persistentVolumeClaimRetentionPolicy: nobody, the StatefulSet, or the pod that is
// one too many. An owner reference says so, and garbage collection does the rest. Pure.

import { statefulSets, type StatefulSet } from "../../api/apps/stateful-set.ts";
import type { PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import { pods } from "../../api/core/pod.ts";
import type { OwnerReference } from "../../api/meta/object-meta.ts";
import { ownerReferenceTo } from "../../api/meta/owner.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { isInRange, ordinalOf } from "./identity.ts";

/** A pod that there is, or that is to be made: then it has no uid. */
export interface ClaimUser {
  readonly metadata: { readonly name?: string; readonly uid?: string };
}

type References = readonly OwnerReference[];

/** The claim as the policy wants it; undefined where it is so already. */
export function withRetention(
  claim: PersistentVolumeClaim,
  set: StatefulSet,
  pod: ClaimUser,
): PersistentVolumeClaim | undefined {
  const old = claim.metadata.ownerReferences ?? [];
  const next = planOwners(old, set, pod);
  if (semanticEqual(next, old)) return undefined;
  return { ...claim, metadata: { ...claim.metadata, ownerReferences: next } };
}

function planOwners(references: References, set: StatefulSet, pod: ClaimUser): References {
  const others = references.filter((each) => !namesSet(each, set) && !namesPod(each, pod));
  // Somebody else manages the claim: it is theirs alone.
  if (others.some(({ controller }) => controller)) return others;
  const owner = ownerOf(set, pod);
  if (!owner) return others;
  // What says the same already keeps its place.
  const isThere = (each: OwnerReference) => each.uid === owner.uid && each.controller === true;
  const isSettled = references.some(isThere) && references.length === others.length + 1;
  return isSettled ? references : [...others, owner];
}

function ownerOf(set: StatefulSet, { metadata: { name = "", uid } }: ClaimUser): OwnerReference | undefined {
  const { whenScaled, whenDeleted } = set.spec.persistentVolumeClaimRetentionPolicy;
  const isSurplus = !isInRange(set, ordinalOf({ metadata: { name } }));
  if (isSurplus && whenScaled === "Delete")
    return uid ? ownerReferenceTo({ metadata: { name, uid } }, pods) : undefined;
  return whenDeleted === "Delete" ? ownerReferenceTo(set, statefulSets) : undefined;
}

const namesSet = ({ apiVersion, kind, name }: OwnerReference, set: StatefulSet) =>
  apiVersion === "apps/v1" && kind === "StatefulSet" && name === set.metadata.name;

const namesPod = ({ apiVersion, kind, name }: OwnerReference, pod: ClaimUser) =>
  apiVersion === "v1" && kind === "Pod" && name === pod.metadata.name;

/** The claim belongs to an earlier pod of the name, and is about to go with it. A new pod must not take it. */
export const isStale = (claim: PersistentVolumeClaim, pod: ClaimUser): boolean =>
  (claim.metadata.ownerReferences ?? []).some((each) => namesPod(each, pod) && each.uid !== pod.metadata.uid);
