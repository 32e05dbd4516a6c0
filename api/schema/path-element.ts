// The steps of a path through an object, as managedFields writes them: `f:name` for a field or an entry of a map,
// `k:{"name":"x"}` for an item of a list by its keys, `v:"x"` for an item of a set, `i:0` for a position.

import { renderJson } from "../../lib/json.ts";

/** Stands, among the elements below it, for the place itself. */
export const SELF = ".";

export const fieldElement = (name: string): string => `f:${name}`;
export const valueElement = (value: unknown): string => `v:${renderJson(value)}`;

/** `fields` is sorted by name. */
export function keyElement(fields: readonly (readonly [name: string, value: unknown])[]): string {
  return `k:{${fields.map(([name, value]) => `${JSON.stringify(name)}:${renderJson(value)}`).join(",")}}`;
}

/** `.spec.containers[name="c"].image`: how Kubernetes writes a path for people. */
export const renderPath = (elements: readonly string[]): string => elements.map(renderElement).join("");

export function renderElement(element: string): string {
  const content = element.slice(2);
  if (element.startsWith("f:")) return `.${content}`;
  if (element.startsWith("v:")) return `[=${content}]`;
  if (element.startsWith("i:")) return `[${content}]`;
  const parts = Object.entries(JSON.parse(content) as object).map(([name, value]) => `${name}=${renderJson(value)}`);
  return `[${parts.join(",")}]`;
}

const KIND_ORDER = ".fkvi";
/** A key, value or position that is a number, or has one. */
const HAS_NUMBER = /^[kvi]:(?:\{.*:)?-?[0-9]/;

/** Kubernetes' order: fields, keys, values, positions, each kind by its content. */
export function compareElements(a: string, b: string): number {
  // Nearly all elements are fields, and objects can have a hundred thousand.
  if (a.startsWith("f:") && b.startsWith("f:")) return compareValues(a, b);
  const byKind = KIND_ORDER.indexOf(a.charAt(0)) - KIND_ORDER.indexOf(b.charAt(0));
  if (byKind !== 0) return byKind;
  // Texts are ordered as what they stand for; numbers are not.
  if (!HAS_NUMBER.test(a) || !HAS_NUMBER.test(b)) return compareValues(a, b);
  const [left, right] = [JSON.parse(a.slice(2)) as unknown, JSON.parse(b.slice(2)) as unknown];
  if (!a.startsWith("k:")) return compareValues(left, right);
  const [lefts, rights] = [Object.entries(left as object), Object.entries(right as object)];
  for (const [index, [name, value]] of lefts.entries()) {
    const other = rights[index];
    if (!other) return 1;
    const order = compareValues(name, other[0]) || compareValues(value, other[1]);
    if (order !== 0) return order;
  }
  return lefts.length - rights.length;
}

function compareValues(a: unknown, b: unknown): number {
  const [left, right] = typeof a === typeof b ? [a as string, b as string] : [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Whether a client may name a place so. */
export function isElement(text: string): boolean {
  if (text === SELF || text.startsWith("f:")) return true;
  if (!/^[kvi]:/.test(text)) return false;
  try {
    const content = JSON.parse(text.slice(2)) as unknown;
    if (text.startsWith("k:")) return typeof content === "object" && content !== null && !Array.isArray(content);
    return text.startsWith("v:") || Number.isInteger(content);
  } catch {
    return false;
  }
}
