// An object with other labels or annotations. Pure.

import type { AnyObject } from "../any-object.ts";

/** The field is left out where no entry remains. */
export function withMetadata(
  object: AnyObject,
  field: "labels" | "annotations",
  entries: Readonly<Record<string, string>>,
): AnyObject {
  const { [field]: old, ...rest } = object.metadata;
  const isEmpty = Object.keys(entries).length === 0;
  if (isEmpty && old === undefined) return object;
  return { ...object, metadata: isEmpty ? rest : { ...rest, [field]: entries } };
}
