// One request to a resource, after routing and authentication: what the verbs work on.

import type { HttpRequest, UserInfo } from "../lib/http.ts";
import type { ObjectKey } from "../api/meta/object.ts";
import type { ResourceDefinition, Verb } from "../api/resource.ts";
import type { AnswerForm } from "./negotiation.ts";
import type { ServedResource } from "./served-resource.ts";

export interface ApiRequest {
  readonly http: HttpRequest;
  readonly user: UserInfo;
  readonly served: ServedResource;
  /** The version that the client speaks; for most kinds the one that is stored, `served.resource`. */
  readonly version: ResourceDefinition;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  /** The path is one of the older ones that always watch. */
  readonly isWatch?: boolean;
  /** What follows the subresource in the path. */
  readonly rest?: string;
  readonly form: AnswerForm;
  /** Throws Forbidden unless the user may do this as well, where a request turns out to do more than its verb says. */
  authorize?(verb: Verb): void;
  /** Texts for the client, sent as Warning headers. Verbs add to it. */
  readonly warnings: string[];
}

/** One request to a resource that is stored nowhere: nothing serves it but its own rule, and its path has no name. */
export type VirtualRequest = Pick<ApiRequest, "http" | "user" | "form" | "namespace" | "warnings">;

/** The object that a request with a name in its path is about. */
export const targetOf = ({ namespace, name = "" }: ApiRequest): ObjectKey =>
  namespace ? { namespace, name } : { name };
