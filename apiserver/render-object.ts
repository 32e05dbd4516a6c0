// The JSON of a stored object. A third of it says who owns its fields, in sets that thousands of objects share: their text is kept
// with them, and put in instead of being made again.

import { textOf, type FieldSet } from "../api/schema/field-set.ts";
import { renderJson } from "../lib/json.ts";
import type { ManagedFieldsEntry } from "../api/meta/object-meta.ts";

interface Owned {
  readonly metadata: { readonly managedFields: readonly ManagedFieldsEntry[] };
}

/** The value as JSON; faster than renderJson for objects that have owners. */
export function renderObject(value: unknown): string {
  if (!isOwned(value)) return renderJson(value);
  const { apiVersion, kind, metadata, ...rest } = value as Owned & {
    readonly apiVersion?: unknown;
    readonly kind?: unknown;
  };
  const { managedFields, ...identity } = metadata;
  const owners = `"managedFields":[${managedFields.map(renderEntry).join(",")}]`;
  const parts = [
    `${inside({ apiVersion, kind })}`,
    `"metadata":{${[inside(identity), owners].filter(Boolean).join(",")}}`,
    inside(rest),
  ];
  return `{${parts.filter(Boolean).join(",")}}`;
}

/** The text between the braces. */
const inside = (fields: object): string => renderJson(fields).slice(1, -1);

function isOwned(value: unknown): value is Owned {
  const metadata = (value as Partial<Owned> | null)?.metadata;
  return typeof metadata === "object" && Array.isArray(metadata?.managedFields);
}

const texts = new WeakMap<ManagedFieldsEntry, string>();

function renderEntry(entry: ManagedFieldsEntry): string {
  const known = texts.get(entry);
  if (known !== undefined) return known;
  const { fieldsV1, ...rest } = entry;
  const fields = fieldsV1 === undefined ? "" : `"fieldsV1":${textOf(fieldsV1 as FieldSet)}`;
  const text = `{${[inside(rest), fields].filter(Boolean).join(",")}}`;
  // What is not frozen may change.
  if (Object.isFrozen(entry)) texts.set(entry, text);
  return text;
}
