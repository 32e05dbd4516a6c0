// Owner references: which object made another one and removes it with itself.

import type { KubeObject, ObjectMeta } from "./object.ts";
import type { OwnerReference } from "./object-meta.ts";
import { apiVersionOf, type ResourceDefinition } from "../resource.ts";

/** The one owner that manages the object, if it has one. */
export function controllerOf(object: {
  readonly metadata: Pick<ObjectMeta, "ownerReferences">;
}): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((each) => each.controller === true);
}

/** Whether the object's ownerReference with `controller: true` names this owner, by uid: one of the same name is another. */
export function isControlledBy(
  object: { readonly metadata: Pick<ObjectMeta, "ownerReferences"> },
  owner: { readonly metadata: Pick<ObjectMeta, "uid"> },
): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

/** The reference that makes `owner` the controller of an object; deleting the owner in the foreground waits for it. */
export function ownerReferenceTo(
  owner: { readonly metadata: Pick<KubeObject["metadata"], "name" | "uid"> },
  resource: Pick<ResourceDefinition, "group" | "version" | "kind">,
): OwnerReference {
  const { name, uid } = owner.metadata;
  return {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}
