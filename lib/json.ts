// Reading and writing JSON without the losses of JSON.parse: duplicate keys are reported, integers above 2^53 arrive as
// bigint and leave with the same digits, size and depth are bounded, and `__proto__` is a key like any other.
// Text that needs none of this (nearly all) still goes through JSON.parse, which is several times faster.

import { isUtf8 } from "node:buffer";
import { JsonError, readJson } from "./json-reader.ts";

export interface JsonOptions {
  /** Longer input is refused; 64 MiB unless given. */
  readonly bytesMax?: number;
  /** "unseen": the writer is trusted to repeat no key and to nest in reason, so that nobody looks. "reported" unless given. */
  readonly duplicates?: "reported" | "unseen";
}

export interface JsonDocument {
  readonly value: unknown;
  /** Paths of keys given more than once in one object, such as `spec.containers[0].image`. The last one counts. */
  readonly duplicates: readonly string[];
  /** The line, from 1, on which the value of each of them begins. */
  readonly duplicateLines: readonly number[];
}

const BYTES_MAX = 64 * 2 ** 20;
/** Deeper nesting is refused: code that walks values recursively relies on such a bound. */
const DEPTH_MAX = 1000;

/** Reads one JSON value. Throws JsonError, with line and column, for anything else. */
export function parseJson(input: string | Uint8Array, options: JsonOptions = {}): JsonDocument {
  const { bytesMax = BYTES_MAX, duplicates = "reported" } = options;
  if (input.length > bytesMax) {
    throw new JsonError(`the text is longer than ${bytesMax} bytes`, { line: 1, column: 1 });
  }
  const text = typeof input === "string" ? input : decodeUtf8(input);
  const value = parsePlain(text, duplicates);
  return value === undefined ? readJson(text, DEPTH_MAX) : { value, duplicates: [], duplicateLines: [] };
}

/** Numbers that JSON.parse might round or turn into Infinity. What comes before keeps out most digits inside strings, such as uids. */
const LARGE_NUMBER = /(?:^|[\s:,[])-?[0-9.]*(?:[0-9.]{16}|[0-9][eE][+-]?[0-9]{3})/;

/** The value, if JSON.parse reads the text without any loss; undefined if the careful reader has to look. */
function parsePlain(text: string, duplicates: "reported" | "unseen"): unknown {
  if (LARGE_NUMBER.test(text)) return undefined;
  // JSON.parse would build all of it first, which takes long for what is nothing but brackets.
  if (duplicates === "reported" && text.length > LARGE_TEXT && isDeep(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // The careful reader finds out where the error is.
  }
  if (duplicates === "unseen" || countKeys(value, DEPTH_MAX) === countKeyTexts(text)) return value;
  return undefined;
}

const LARGE_TEXT = 2 ** 16;
const OPENING: ReadonlySet<number> = new Set([91, 123]);
const CLOSING: ReadonlySet<number> = new Set([93, 125]);

/** Whether the text nests too deeply. It may be no valid JSON. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at + 1) - 1;
    else if (OPENING.has(code)) depth += 1;
    else if (CLOSING.has(code)) depth -= 1;
    if (depth > DEPTH_MAX) return true;
  }
  return false;
}

/** The number of keys in the value; NaN, which equals no count, where it is nested too deeply. */
function countKeys(value: unknown, depthLeft: number): number {
  if (typeof value !== "object" || value === null) return 0;
  if (depthLeft === 0) return NaN;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countKeys(item, depthLeft - 1);
    return count;
  }
  for (const key in value) count += 1 + countKeys((value as Record<string, unknown>)[key], depthLeft - 1);
  return count;
}

const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;
const SPACE = 32;

/** The number of strings that a colon follows, in text that is known to be valid JSON. */
function countKeyTexts(text: string): number {
  let count = 0;
  let position = text.indexOf('"');
  while (position >= 0) {
    position = endOfString(text, position + 1);
    while (text.charCodeAt(position) <= SPACE) position += 1;
    if (text.charCodeAt(position) === COLON) count += 1;
    position = text.indexOf('"', position);
  }
  return count;
}

/** The position after the closing quote of the string whose content starts at `position`; the end of the text where there is none. */
function endOfString(text: string, position: number): number {
  for (let at = position; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at += 1;
  }
  return text.length;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  if (isUtf8(bytes)) return text;
  const lines = splitLines(bytes);
  const line = lines.findIndex((each) => !isUtf8(each));
  const column = decoder.decode(lines[line]).indexOf("\uFFFD") + 1;
  throw new JsonError("the text is not valid UTF-8", { line: line + 1, column });
}

function splitLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return [...lines, bytes.subarray(start)];
}

/** Compact JSON; a bigint is written as the integer it is. Values that JSON lacks are left out, as by JSON.stringify. */
export function renderJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // Only a bigint needs the slower writer, and only JSON.stringify can tell cheaply that there is none.
    if (!(error instanceof TypeError) || !error.message.includes("BigInt")) throw error;
    return renderWithIntegers(value);
  }
}

function renderWithIntegers(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => renderWithIntegers(item ?? null)).join(",")}]`;
  const fields = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{${fields.map(([key, each]) => `${JSON.stringify(key)}:${renderWithIntegers(each)}`).join(",")}}`;
}
