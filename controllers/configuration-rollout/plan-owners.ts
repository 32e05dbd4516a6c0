// Who keeps a copy alive: the Deployment that runs with it now, and each of its ReplicaSets that was made with it, so that one can
// go back to the revision together with its configuration. The last of them to go takes the copy along. Pure.

import type { Deployment } from "../../api/apps/deployment.ts";
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import type { OwnerReference } from "../../api/meta/object-meta.ts";
import { plainOwner, type Configuration } from "./snapshot.ts";
import { kindOf, referenceKey, referencesIn } from "./template-references.ts";

/** Those of one Deployment, by the keys of the copies. */
export type Owners = ReadonlyMap<string, readonly OwnerReference[]>;

/** `names`: of the copies that the Deployment runs with, by the keys of what they are of. */
export function planOwners(
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
  names: Readonly<Record<string, string>>,
): Owners {
  const owners = new Map<string, OwnerReference[]>();
  const add = (key: string, owner: OwnerReference) => owners.set(key, [...(owners.get(key) ?? []), owner]);
  const ownKeys = Object.entries(names).map(([key, name]) => referenceKey({ kind: kindOf(key), name }));
  for (const key of new Set(ownKeys)) add(key, plainOwner(deployment, "Deployment"));
  for (const replicaSet of replicaSets) {
    for (const reference of referencesIn(replicaSet.spec.template))
      add(referenceKey(reference), plainOwner(replicaSet, "ReplicaSet"));
  }
  return owners;
}

export interface OwnerChange {
  /** The owners that it is to have; those of others stay as they are. */
  readonly owners: readonly OwnerReference[];
  readonly isChanged: boolean;
}

/** `isOwn`: the owner is the Deployment or one of its ReplicaSets. `wanted`: those of them that it should have. */
export function changeOwners(
  { metadata }: Configuration,
  wanted: readonly OwnerReference[],
  isOwn: (uid: string) => boolean,
): OwnerChange {
  const present = metadata.ownerReferences ?? [];
  const uids = new Set(wanted.map(({ uid }) => uid));
  const kept = present.filter(({ uid }) => !isOwn(uid) || uids.has(uid));
  const added = wanted.filter(({ uid }) => !kept.some((each) => each.uid === uid));
  return { owners: [...kept, ...added], isChanged: added.length > 0 || kept.length < present.length };
}
