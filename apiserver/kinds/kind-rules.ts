// What a kind needs from the API server beyond its declaration: other records that change with the object in the same
// transaction, and how its objects are deleted. Most kinds need nothing.

import type { KubeObject, ObjectKey } from "../../api/meta/object.ts";
import type { UserInfo } from "../../lib/http.ts";
import type { NoRoom } from "../allocation/refusals.ts";
import type { Draft } from "../registry/draft.ts";
import type { View } from "../registry/view.ts";
import type { Entry } from "../storage/cache-entry.ts";

export interface KindRules {
  /** The kind's objects, where none is stored: they are found out whenever they are read. */
  compute?(): Promise<readonly KubeObject[]>;
  /** PUT to a name that does not exist creates the object. */
  readonly createsOnUpdate?: boolean;
  /** An update must say which version it replaces. */
  readonly requiresResourceVersion?: boolean;
  /** DELETE answers with the object that was deleted, and not with a Status. */
  readonly returnsDeleted?: boolean;
  /** A deletion that does not say what becomes of dependents leaves them, for clients from before garbage collection. */
  readonly orphansDependents?: boolean;
  /** Nothing depends on such objects, and what a deletion says of dependents is passed over. */
  readonly hasNoDependents?: boolean;
  /** Writes on a new object who asks for it: nothing that a client could be believed about. */
  attribute?(object: KubeObject, user: UserInfo): KubeObject;
  /** How long the object is kept for its owner to shut down; undefined: it is removed at once. */
  graceSeconds?(object: KubeObject, requestedSeconds: number | undefined): number;
  /** What has to be written on the object when its deletion begins. */
  terminate?(object: KubeObject): KubeObject;
  /** False while something besides metadata.finalizers holds a deleted object back. */
  mayVanish?(object: KubeObject): boolean;
  /** The object to create instead, when its node has no room for it. */
  whenNoRoom?(object: KubeObject, refusal: NoRoom): KubeObject;
  /**
   * The other half of a write: what else must hold and change in the same transaction. May replace the object, to fill in
   * what was allocated. Called anew for each attempt, with what that attempt sees.
   */
  accompany?(change: Change, view: View): Promise<Accompaniment> | Accompaniment;
}

/** `old` is absent on creation, `object` on removal. */
export interface Change {
  readonly key: ObjectKey;
  readonly old?: Entry;
  readonly object?: KubeObject;
}

export interface Accompaniment extends Partial<Draft> {
  readonly object?: KubeObject;
}
