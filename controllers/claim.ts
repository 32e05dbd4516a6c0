// Who owns what: a controller claims the objects that its selector matches. Pure plan, thin apply.
// Follows Kubernetes' controller references: adopt matching orphans, release what no longer matches.

import type { KubeObject } from "../api/meta/object.ts";
import { keyOf } from "../api/meta/object.ts";
import { controllerOf, ownerReferenceTo } from "../api/meta/owner.ts";
import { matchesSelector, type Selector } from "../api/meta/selector.ts";
import type { ResourceDefinition } from "../api/resource.ts";
import type { Client } from "../client/client.ts";
import { ignoreNotFound } from "../api/meta/status.ts";

export interface Claim<T> {
  /** Owned and matching. */
  readonly owned: readonly T[];
  /** Matching, without an owner: to be adopted. */
  readonly adopt: readonly T[];
  /** Owned, but no longer matching: to be set free. */
  readonly release: readonly T[];
}

/** `candidates`: what the owner controls, and the orphans of its namespace. */
export function planClaim<T extends KubeObject>(
  owner: KubeObject,
  selector: Selector,
  candidates: readonly T[],
): Claim<T> {
  const owned: T[] = [];
  const adopt: T[] = [];
  const release: T[] = [];
  for (const object of candidates) {
    const controller = controllerOf(object);
    const matches = matchesSelector(selector, object.metadata.labels ?? {});
    if (controller) {
      if (controller.uid !== owner.metadata.uid) continue;
      if (matches) owned.push(object);
      else if (!owner.metadata.deletionTimestamp) release.push(object);
    } else if (matches && !owner.metadata.deletionTimestamp && !object.metadata.deletionTimestamp) {
      adopt.push(object);
    }
  }
  return { owned, adopt, release };
}

export interface ClaimContext<O extends KubeObject, T extends KubeObject> {
  readonly client: Client;
  readonly owner: O;
  readonly ownerResource: ResourceDefinition<O>;
  readonly resource: ResourceDefinition<T>;
  /** What the owner's objects get with the reference, and lose with it. */
  readonly finalizer?: string;
}

/** Writes the owner references that the plan asks for; resolves with all objects that are the owner's now. */
export async function applyClaim<O extends KubeObject, T extends KubeObject>(
  context: ClaimContext<O, T>,
  claim: Claim<T>,
): Promise<readonly T[]> {
  if (claim.adopt.length > 0) await refuseIfDeleted(context);
  const adopted = await Promise.all(claim.adopt.map((object) => adoptObject(context, object)));
  await Promise.all(claim.release.map((object) => releaseObject(context, object)));
  return [...claim.owned, ...adopted.filter((object) => object !== undefined)];
}

/** The cache may not show yet that the owner is being deleted; an owner on its way out must not adopt. */
async function refuseIfDeleted<O extends KubeObject, T extends KubeObject>({
  client,
  owner,
  ownerResource,
}: ClaimContext<O, T>): Promise<void> {
  const live = await client.get(ownerResource, keyOf(owner));
  if (live.metadata.uid !== owner.metadata.uid || live.metadata.deletionTimestamp) {
    throw new Error(`${ownerResource.kind} ${owner.metadata.name} is being deleted and cannot adopt`);
  }
}

async function adoptObject<O extends KubeObject, T extends KubeObject>(
  { client, owner, ownerResource, resource, finalizer }: ClaimContext<O, T>,
  object: T,
): Promise<T | undefined> {
  const reference = ownerReferenceTo(owner, ownerResource);
  const finalizers = finalizer === undefined ? undefined : [finalizer];
  const patch = { metadata: { uid: object.metadata.uid, ownerReferences: [reference], finalizers } };
  return client.patch(resource, keyOf(object), { type: "strategic", patch }).catch(ignoreNotFound);
}

async function releaseObject<O extends KubeObject, T extends KubeObject>(
  { client, owner, resource, finalizer }: ClaimContext<O, T>,
  object: T,
): Promise<void> {
  const reference = { $patch: "delete", uid: owner.metadata.uid };
  const finalizers = finalizer === undefined ? {} : { "$deleteFromPrimitiveList/finalizers": [finalizer] };
  const patch = { metadata: { uid: object.metadata.uid, ownerReferences: [reference], ...finalizers } };
  await client.patch(resource, keyOf(object), { type: "strategic", patch }).catch(ignoreNotFound);
}
