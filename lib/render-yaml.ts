// Writing JSON data as YAML exactly as kubectl prints it (sigs.k8s.io/yaml): keys in its natural order, lists not indented
// under their key, strings quoted only where needed, long lines folded at spaces after column 80, several lines as a block.

import { readsAsNonString } from "./yaml-scalar.ts";

const FOLD_COLUMN = 80;
/** A longer or multi-line key cannot stand before its colon on one line. */
const SIMPLE_KEY_LENGTH_MAX = 128;

/** The YAML text of a value, ending in a newline. Fields that are undefined are left out. */
export function renderYaml(value: unknown): string {
  return isEmptyOrScalar(value) ? `${renderScalar(value, { indent: 0, column: 0 })}\n` : renderBlock(value, 0);
}

/** The documents one after the other, with `---` lines between them. */
export function renderYamlDocuments(values: readonly unknown[]): string {
  return values.map(renderYaml).join("---\n");
}

interface Place {
  /** The indentation of the collection that the scalar is in. */
  readonly indent: number;
  /** The column the scalar starts at. */
  readonly column: number;
}

type Fields = Readonly<Record<string, unknown>>;

function isEmptyOrScalar(value: unknown): boolean {
  return typeof value !== "object" || value === null || Object.keys(value).length === 0;
}

/** The lines of a list or mapping that is not empty. */
function renderBlock(value: unknown, indent: number): string {
  return Array.isArray(value) ? renderList(value, indent) : renderMapping(value as Fields, indent);
}

function renderList(items: readonly unknown[], indent: number): string {
  const dash = `${" ".repeat(indent)}- `;
  const render = (item: unknown) =>
    isEmptyOrScalar(item)
      ? `${dash}${renderScalar(item, { indent, column: dash.length })}\n`
      : dash + renderBlock(item, indent + 2).slice(dash.length);
  return items.map(render).join("");
}

function renderMapping(fields: Fields, indent: number): string {
  const keys = Object.keys(fields).filter((key) => fields[key] !== undefined);
  return keys
    .sort(compareKeys)
    .map((key) => renderField(key, fields[key], indent))
    .join("");
}

function renderField(key: string, value: unknown, indent: number): string {
  const margin = " ".repeat(indent);
  const isSimple = Buffer.byteLength(key) <= SIMPLE_KEY_LENGTH_MAX && !key.includes("\n");
  const keyText = renderString(key, { indent, column: isSimple ? -Infinity : indent + 2 });
  const start = isSimple ? `${margin}${keyText}:` : `${margin}? ${keyText}\n${margin}:`;
  if (isEmptyOrScalar(value)) {
    const column = indent + keyText.length + 2;
    return `${start} ${renderScalar(value, { indent, column })}\n`;
  }
  // A list is not indented under a simple key, a mapping is; after `:` on a line of its own both start on that line.
  if (!isSimple) return `${start} ${renderBlock(value, indent + 2).slice(indent + 2)}`;
  return `${start}\n${renderBlock(value, Array.isArray(value) ? indent : indent + 2)}`;
}

function renderScalar(value: unknown, place: Place): string {
  if (typeof value === "string") return renderString(value, place);
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "[]" : "{}";
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value ?? null);
}

/** Characters that a plain or single-quoted scalar and a block cannot hold. */
const UNPRINTABLE = /[^\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]|[\u2028\u2029]/;
const STARTS_LIKE_SYNTAX = /^(?:[#,[\]{}&*!|>'"%@`]|[-?:](?:\s|$)|---|\.\.\.)/;
const CONTAINS_SYNTAX = /:(?:\s|$)|\s#/;

function renderString(text: string, place: Place): string {
  if (text.includes("\n")) return canBeBlock(text, place) ? renderLines(text, place) : renderDoubleQuoted(text, place);
  if (readsAsNonString(text) || UNPRINTABLE.test(text)) return renderDoubleQuoted(text, place);
  const isPlain = !STARTS_LIKE_SYNTAX.test(text) && !CONTAINS_SYNTAX.test(text) && !/^ | $/.test(text);
  if (isPlain) return fold(text, place);
  return `'${fold(text.replaceAll("'", "''"), { ...place, column: place.column + 1 })}'`;
}

/** A block keeps lines as they are; a space before a line's end or at the text's end would be invisible in it. */
function canBeBlock(text: string, { column }: Place): boolean {
  return column > 0 && !UNPRINTABLE.test(text) && !/ \n| $/.test(text);
}

function renderLines(text: string, { indent }: Place): string {
  const margin = " ".repeat(indent + 2);
  const indentHint = /^[ \n]/.test(text) ? "2" : "";
  const chomping = !text.endsWith("\n") ? "-" : text === "\n" || text.endsWith("\n\n") ? "+" : "";
  const lines = text.replace(/\n$/, "").split("\n");
  return `|${indentHint}${chomping}\n${lines.map((line) => line && margin + line).join("\n")}`;
}

/** Breaks the line at single spaces once it has passed column 80; readers put the space back. */
function fold(text: string, { indent, column }: Place): string {
  if (column + text.length <= FOLD_COLUMN) return text;
  const margin = " ".repeat(indent + 2);
  let position = column;
  let folded = "";
  for (const piece of text.split(/(?<=[^ ])(?= [^ ])/)) {
    if (position > FOLD_COLUMN && piece.startsWith(" ")) {
      folded += `\n${margin}${piece.slice(1)}`;
      position = margin.length + piece.length - 1;
    } else {
      folded += piece;
      position += piece.length;
    }
  }
  return folded;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
  "\u0085": "\\N",
  "\u2028": "\\L",
  "\u2029": "\\P",
};

function renderDoubleQuoted(text: string, { indent, column }: Place): string {
  const margin = " ".repeat(indent + 2);
  const characters = [...text];
  let position = column + 1;
  let quoted = "";
  for (const [index, character] of characters.entries()) {
    const isInner = index > 0 && index < characters.length - 1;
    if (character === " " && isInner && position > FOLD_COLUMN && characters[index - 1] !== " ") {
      const lineBreak = `\n${margin}${characters[index + 1] === " " ? "\\" : ""}`;
      quoted += lineBreak;
      position = lineBreak.length - 1;
      continue;
    }
    const escaped = escapeCharacter(character);
    quoted += escaped;
    position += escaped.length;
  }
  return `"${quoted}"`;
}

function escapeCharacter(character: string): string {
  const short = ESCAPES[character];
  if (short !== undefined) return short;
  if (!UNPRINTABLE.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

const LETTER = /\p{L}/u;
const isDigit = (character: string | undefined): boolean => character !== undefined && /[0-9]/.test(character);

/** go-yaml's order of keys: character by character, other characters before letters, runs of digits by their value. */
function compareKeys(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  const at = left.findIndex((character, index) => character !== right[index]);
  if (at < 0 || at >= right.length) return left.length - right.length;
  const [x = "", y = ""] = [left[at], right[at]];
  const xIsLetter = LETTER.test(x);
  const yIsLetter = LETTER.test(y);
  if (xIsLetter !== yIsLetter) return yIsLetter ? -1 : 1;
  return (xIsLetter ? 0 : compareNumbersAt(left, right, at)) || (x < y ? -1 : 1);
}

/** Compares the numbers that start at the position; a zero behind other digits is a digit of their number. */
function compareNumbersAt(a: readonly string[], b: readonly string[], at: number): number {
  let start = at;
  if (a[at] === "0" || b[at] === "0") while (isDigit(a[start - 1])) start -= 1;
  const [x, y] = [digitsFrom(a, start, at), digitsFrom(b, start, at)];
  return Number(`${x.prefix}${x.digits}`) - Number(`${y.prefix}${y.digits}`) || x.digits.length - y.digits.length;
}

function digitsFrom(text: readonly string[], start: number, at: number): { prefix: string; digits: string } {
  let end = at;
  while (isDigit(text[end])) end += 1;
  const prefix = text.slice(start, at).some((digit) => digit !== "0") ? "1" : "0";
  return { prefix, digits: text.slice(at, end).join("") };
}
