// Indexes over owned objects, so that no reconcile looks at every object of a kind.

import { controllerOf } from "../api/meta/owner.ts";
import type { KubeObject } from "../api/meta/object.ts";
import type { Indexers } from "../client/informer.ts";

/** Objects by the uid of the owner that controls them. */
export const BY_CONTROLLER = "controller-uid";
/** Objects that nobody controls, by namespace. */
export const ORPHANS = "orphans-in-namespace";

export const ownershipIndexers: Indexers<KubeObject> = {
  [BY_CONTROLLER]: (object) => {
    const owner = controllerOf(object);
    return owner ? [owner.uid] : [];
  },
  [ORPHANS]: (object) => (controllerOf(object) ? [] : [object.metadata.namespace ?? ""]),
};
