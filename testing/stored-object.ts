// Objects as the API server would store them: a test gives the fields that matter, defaulting fills in the rest.

import { apiVersionOf, type ResourceDefinition } from "../api/resource.ts";
import type { KubeObject } from "../api/meta/object.ts";
import { applyDefaults } from "../api/schema/default.ts";

interface Fields {
  readonly metadata?: object;
  readonly [field: string]: unknown;
}

/** Nothing is validated, so that tests can build what the server would refuse. */
export function storedObject<T extends KubeObject>(resource: ResourceDefinition<T>, fields: Fields = {}): T {
  const metadata = {
    name: "test",
    ...(resource.scope === "Namespaced" && { namespace: "default" }),
    uid: "00000000-0000-0000-0000-000000000000",
    resourceVersion: "1",
    creationTimestamp: "1970-01-01T00:00:00Z",
    ...fields.metadata,
  };
  const object = { apiVersion: apiVersionOf(resource), kind: resource.kind, ...structuredClone(fields), metadata };
  return applyDefaults(resource.schema, object as unknown as T);
}
