// Every rule that an object must keep before it is stored: those of its schema and those of its kind, all at once.

import type { KubeObject } from "../../api/meta/object.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import { invalid } from "../../api/meta/status.ts";
import { validateObject } from "../../api/schema/validate.ts";

/** Throws Invalid with one cause for each rule that is broken. `old` is given on update. */
export function assertValid(resource: ResourceDefinition, object: KubeObject, old?: KubeObject): void {
  const schemaErrors = validateObject(resource.schema, object);
  // Rules across fields may rely on each field being what the schema says.
  const errors = schemaErrors.length > 0 ? schemaErrors : (resource.validate?.(object, old) ?? []);
  if (errors.length > 0) throw invalid(resource, object.metadata.name, errors);
}
