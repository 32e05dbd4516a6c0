// Values as Go prints them, since outputs that scripts compare contain them. Pure.

import { renderJson } from "../../lib/json.ts";

/** Indented JSON as kubectl prints it: keys sorted, and <, > and & as escapes. Ends in a newline. */
export function renderGoJson(value: unknown, indent: string | number = 4): string {
  return `${escapeHtml(JSON.stringify(sortKeys(value), bigintAsNumber, indent))}\n`;
}

/** JSON on one line, as Go writes it. */
export const renderCompactJson = (value: unknown): string => escapeHtml(renderJson(sortKeys(value)));

const bigintAsNumber = (_: string, value: unknown) => (typeof value === "bigint" ? Number(value) : value);

/** Go's encoder writes these as escapes, so that JSON can stand in HTML. */
const escapeHtml = (text: string): string =>
  text.replace(/[<>&\u2028\u2029]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => sortKeys(each));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sortKeys(each)]));
}

/** As Go's %v: `map[a:1 b:2]`, `[x y]`. */
export function renderGoValue(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(renderGoValue).join(" ")}]`;
  if (typeof value === "object") {
    const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
    return `map[${entries.map(([key, each]) => `${key}:${renderGoValue(each)}`).join(" ")}]`;
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}
