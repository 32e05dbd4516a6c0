// A JSON reader that loses nothing; see json.ts, which calls it for the texts that JSON.parse would not do justice.
// It never evaluates, never recurses deeper than it is told to, and takes time linear in the length of the text.

import { setField } from "./set-field.ts";

/** Where an error is in a text; both count from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** A text that is not acceptable JSON. The message ends with the line and column. */
export class JsonError extends Error {
  constructor(reason: string, { line, column }: TextPosition) {
    super(`${reason} (line ${line}, column ${column})`);
    this.name = "JsonError";
  }
}

/** Reads one JSON value; see parseJson. Throws JsonError. */
export function readJson(text: string, depthMax: number): ReadJson {
  const reader = new JsonReader(text, depthMax);
  return { value: reader.readDocument(), duplicates: reader.duplicates, duplicateLines: reader.duplicateLines };
}

export interface ReadJson {
  readonly value: unknown;
  readonly duplicates: readonly string[];
  readonly duplicateLines: readonly number[];
}

const WHITESPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const LITERAL = /true|false|null/y;
/** A string up to its closing quote, without the control characters that JSON demands to be escaped. */
const STRING_END = /[^"\\\u0000-\u001f]*(?:\\.[^"\\\u0000-\u001f]*)*"/y;
/** No API value has more; without a bound one number could keep the processor busy for seconds. */
const DIGITS_MAX = 100;

class JsonReader {
  readonly duplicates: string[] = [];
  readonly duplicateLines: number[] = [];
  readonly #text: string;
  readonly #depthMax: number;
  readonly #path: (string | number)[] = [];
  #position = 0;
  /** How many lines begin before which position: what is counted once is not counted again. */
  #counted = { lines: 1, position: 0 };

  constructor(text: string, depthMax: number) {
    this.#text = text;
    this.#depthMax = depthMax;
  }

  readDocument(): unknown {
    const value = this.#readValue("looking for beginning of value");
    this.#skipWhitespace();
    if (this.#position < this.#text.length) this.#failHere("after top-level value");
    return value;
  }

  #readValue(purpose: string): unknown {
    this.#skipWhitespace();
    switch (this.#text[this.#position]) {
      case "{":
        return this.#readObject();
      case "[":
        return this.#readList();
      case '"':
        return this.#readString();
      case "t":
      case "f":
      case "n":
        return JSON.parse(this.#match(LITERAL, "in literal"));
      default:
        return this.#readNumber(purpose);
    }
  }

  #readObject(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#enter();
    if (this.#take("}")) return object;
    do {
      this.#skipWhitespace();
      if (this.#text[this.#position] !== '"') this.#failHere("looking for beginning of object key string");
      const key = this.#readString();
      if (!this.#take(":")) this.#failHere("after object key");
      this.#path.push(key);
      if (Object.hasOwn(object, key)) this.#reportDuplicate();
      setField(object, key, this.#readValue("looking for beginning of value"));
      this.#path.pop();
    } while (this.#take(","));
    if (!this.#take("}")) this.#failHere("after object key:value pair");
    return object;
  }

  #reportDuplicate(): void {
    this.#skipWhitespace();
    this.duplicates.push(renderPath(this.#path));
    let { lines, position } = this.#counted;
    for (; position < this.#position; position++) if (this.#text[position] === "\n") lines += 1;
    this.#counted = { lines, position };
    this.duplicateLines.push(lines);
  }

  #readList(): unknown[] {
    const list: unknown[] = [];
    this.#enter();
    if (this.#take("]")) return list;
    do {
      this.#path.push(list.length);
      list.push(this.#readValue("looking for beginning of value"));
      this.#path.pop();
    } while (this.#take(","));
    if (!this.#take("]")) this.#failHere("after array element");
    return list;
  }

  /** Passes an opening bracket. The path is as long as the nesting is deep. */
  #enter(): void {
    if (this.#path.length >= this.#depthMax) this.#fail(`the nesting is deeper than ${this.#depthMax}`);
    this.#position += 1;
  }

  #readString(): string {
    const start = this.#position;
    this.#position += 1;
    const raw = this.#match(STRING_END, "in string literal");
    if (!raw.includes("\\")) return raw.slice(0, -1);
    try {
      return JSON.parse(`"${raw}`) as string;
    } catch {
      this.#position = start;
      return this.#fail("invalid escape code in string");
    }
  }

  #readNumber(purpose: string): number | bigint {
    const start = this.#position;
    const text = this.#match(NUMBER, purpose);
    const value = Number(text);
    if (Number.isSafeInteger(value) && !/[.eE]/.test(text)) return value;
    this.#position = start;
    if (text.length > DIGITS_MAX || !Number.isFinite(value)) return this.#fail("the number is out of range");
    this.#position = start + text.length;
    return /[.eE]/.test(text) ? value : BigInt(text);
  }

  #match(pattern: RegExp, purpose: string): string {
    pattern.lastIndex = this.#position;
    const text = pattern.exec(this.#text)?.[0];
    if (text === undefined) return this.#failHere(purpose);
    this.#position += text.length;
    return text;
  }

  #take(symbol: string): boolean {
    this.#skipWhitespace();
    const found = this.#text[this.#position] === symbol;
    if (found) this.#position += 1;
    return found;
  }

  #skipWhitespace(): void {
    WHITESPACE.lastIndex = this.#position;
    WHITESPACE.exec(this.#text);
    this.#position = WHITESPACE.lastIndex;
  }

  #failHere(purpose: string): never {
    const character = this.#text[this.#position];
    if (character === undefined) return this.#fail("unexpected end of JSON input");
    return this.#fail(`invalid character '${character}' ${purpose}`);
  }

  #fail(reason: string): never {
    const before = this.#text.slice(0, this.#position);
    const line = before.split("\n").length;
    throw new JsonError(reason, { line, column: this.#position - before.lastIndexOf("\n") });
  }
}

/** `spec.containers[0].image`. */
function renderPath(path: readonly (string | number)[]): string {
  return path.map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`)).join("");
}
