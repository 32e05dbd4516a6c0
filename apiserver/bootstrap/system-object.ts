// Objects that a cluster has without anybody creating them, as data.

import type { KubeObject, NewObject } from "../../api/meta/object.ts";
import type { ResourceDefinition } from "../../api/resource.ts";

export interface SystemObject {
  readonly resource: ResourceDefinition;
  /** As a client would send it, but that its status counts. */
  readonly object: Omit<KubeObject, "metadata"> & { readonly metadata: NewObject<KubeObject>["metadata"] };
}

/** Ties an object to its kind. */
export const systemObject = <T extends KubeObject>(
  resource: ResourceDefinition<T>,
  object: NewObject<T>,
): SystemObject => ({ resource, object }) as unknown as SystemObject;
