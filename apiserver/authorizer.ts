// Whether a user may do what a request asks for. One function, so that roles can be put in its place.

import type { UserInfo } from "../lib/http.ts";

export interface Attributes {
  readonly user: UserInfo;
  /** Kubernetes' verb for resources, the method in lower case for other paths. */
  readonly verb: string;
  readonly path: string;
  /** Absent for paths that are no resource's. */
  readonly resource?: { readonly group: string; readonly version: string; readonly plural: string };
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** Undefined where it is allowed, otherwise why not. */
export type Authorizer = (attributes: Attributes) => Promise<string | undefined>;

/** Whoever is known may do everything. */
export const allowAuthenticated: Authorizer = () => Promise.resolve(undefined);
