// The schema of a kind that kctl has in the box: for merging and checking before anything is sent. Loaded only by commands that need
// it, since it describes the whole API.

import { builtinResources } from "../api/index.ts";
import { apiVersionOf } from "../api/resource.ts";
import type { ObjectSchema } from "../api/schema/schema.ts";

/** Undefined for kinds that only the server knows. */
export function builtInSchema(of: { readonly apiVersion: string; readonly kind: string }): ObjectSchema | undefined {
  return builtinResources.find((each) => each.kind === of.kind && apiVersionOf(each) === of.apiVersion)?.schema;
}
