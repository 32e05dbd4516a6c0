// Every rule that an object must keep before it is stored: those of its schema and those of its kind, all at once.

import type { KubeObject } from "../../api/meta/object.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import { invalid } from "../../api/meta/status.ts";
import { withErrorsBeside } from "../../api/schema/field-error.ts";
import { validateObject } from "../../api/schema/validate.ts";

/**
 * Throws Invalid with one cause for each rule that is broken. `old` is given on update. Objects come as they are stored, but
 * a version that has rules of its own, besides being converted, is asked instead of the stored one.
 */
export function assertValid(version: ResourceDefinition, object: KubeObject, old?: KubeObject): void {
  const stored = version.conversion?.stored ?? version;
  const errors = withErrorsBeside(findErrors(version, object, old), validateObject(stored.schema, object));
  if (errors.length > 0) throw invalid(stored, object.metadata.name, errors);
}

function findErrors({ conversion, ...version }: ResourceDefinition, object: KubeObject, old: KubeObject | undefined) {
  if (!conversion) return version.validate?.(object, old) ?? [];
  const { stored, fromStored } = conversion;
  if (!version.validate) return stored.validate?.(object, old) ?? [];
  return version.validate(fromStored(object), old && fromStored(old));
}
