// JSON Merge Patch (RFC 7386): objects are merged, null deletes, everything else replaces.

import { setField } from "../../lib/set-field.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The value after the patch. Unchanged parts are shared; what is given is never changed. */
export function applyMergePatch(current: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: Record<string, unknown> = isObject(current) ? { ...current } : {};
  for (const key of Object.keys(patch)) {
    if (patch[key] === null) delete merged[key];
    else setField(merged, key, applyMergePatch(Object.hasOwn(merged, key) ? merged[key] : undefined, patch[key]));
  }
  return merged;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
