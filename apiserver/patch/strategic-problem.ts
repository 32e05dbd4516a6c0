// How Kubernetes tells that an object does not fit its kind after a strategic merge patch: it shows the patch as Go prints a
// map, and speaks of Go's types, since it never makes JSON of the patched object.

import { invalidField, type FieldError } from "../../api/schema/field-error.ts";
import { isJsonObject } from "../../api/schema/strategic-merge.ts";
import { renderJson } from "../../lib/json.ts";

const MISMATCH = /^json: cannot unmarshal (.+) into Go .*of type (.+)$/;

/** `detail` says what is wrong in the words of Go's JSON decoder. */
export function strategicProblem(patch: unknown, detail: string): FieldError {
  const [, from, to] = MISMATCH.exec(detail) ?? [];
  const problem = from === undefined || to === undefined ? detail : describeMismatch(from, to);
  return invalidField("patch", renderGoValue(patch), problem);
}

const KINDS: Readonly<Record<string, string | undefined>> = { object: "map", array: "slice" };

function describeMismatch(from: string, to: string): string {
  const kind = from.startsWith("number") ? numberKind(from) : (KINDS[from] ?? from);
  if (to.startsWith("[]")) return `cannot restore slice from ${kind}`;
  if (to.startsWith("map[")) return `cannot restore map from ${kind}`;
  if (to.includes(".")) return `cannot restore struct from: ${kind}`;
  // Go turns numbers into each other and into text, though not all of them.
  return from.startsWith("number") && to !== "bool" ? `cannot convert ${kind} to ${to}` : `unrecognized type: ${to}`;
}

const numberKind = (text: string): string => (/ .*[.eE]/.test(text) ? "float64" : "int64");

/** As Go's `%+v` prints decoded JSON. Exported for its test. */
export function renderGoValue(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(renderGoValue).join(" ")}]`;
  if (!isJsonObject(value)) return typeof value === "string" ? value : renderJson(value);
  const keys = Object.keys(value).sort();
  return `map[${keys.map((key) => `${key}:${renderGoValue(value[key])}`).join(" ")}]`;
}
