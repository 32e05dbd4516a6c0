// What a kind's description is made from: the object, its events, and the objects that belong to it. A describer names these as data
// and turns all into lines; fetching is done in one place for all kinds.

import type { AnyObject } from "../any-object.ts";
import type { Lines } from "./text.ts";

export interface Described {
  readonly object: AnyObject;
  /** Those about this object; none where they are not wanted. */
  readonly events: readonly AnyObject[];
  /** What `related` asked for, under the same names; undefined for kinds that the server does not serve. */
  readonly related: Readonly<Record<string, readonly AnyObject[] | undefined>>;
  readonly nowMs: number;
}

export interface RelatedQuery {
  readonly path: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface Describer {
  /** What else is to be listed. */
  related?(object: AnyObject): Readonly<Record<string, RelatedQuery>>;
  describe(described: Described): Lines;
}
