// Reading YAML as kubectl does: documents are split at `---` lines, plain scalars mean what they mean in YAML 1.1, merge keys
// work, and the result is JSON data. Tags that would build anything else are refused, and so are alias bombs and cycles.
// The writer is in render-yaml.ts.

import {
  constructFromEvents,
  CORE_SCHEMA,
  defineScalarTag,
  EVENT_ID,
  getScalarValue,
  mergeTag,
  NOT_RESOLVED,
  nullCoreTag,
  parseEvents,
  YAMLException,
  defineMappingTag,
  type Event,
} from "js-yaml";
import { JsonError, type TextPosition } from "./json-reader.ts";
import { parseJson } from "./json.ts";
import { atOnce, type Steps } from "./steps.ts";
import { parsePlainBoolean, parsePlainNumber } from "./yaml-scalar.ts";

export interface YamlDocument {
  readonly value: unknown;
  /** The line of the text on which the document starts, from 1. */
  readonly line: number;
  /** Keys that were given more than once in one mapping; the last one counts. None unless they may be. */
  readonly repeatedKeys: readonly RepeatedKey[];
}

export interface RepeatedKey {
  readonly key: string;
  readonly line: number;
}

export interface YamlOptions {
  /** Whether mappings may repeat keys; texts with repeated ones are refused unless given. */
  readonly mayRepeatKeys?: boolean;
  /** Longer texts are refused; 64 MiB unless given. */
  readonly bytesMax?: number;
}

/** A text that is no acceptable YAML. The message begins with the line and column, as far as they are known. */
export class YamlError extends Error {
  constructor(reason: string, { line, column }: TextPosition) {
    super(`line ${line}, column ${column}: ${reason}`);
    this.name = "YamlError";
  }
}

const BYTES_MAX = 64 * 2 ** 20;
const DEPTH_MAX = 500;
/** How many more values than it has characters a document may stand for when its aliases are followed. */
const ALIASED_VALUES_MAX = 100_000;

/** The documents of a text, without those that are empty. JSON is read too. Throws YamlError. */
export function parseYaml(input: string | Uint8Array, options: YamlOptions = {}): YamlDocument[] {
  return atOnce(parseYamlInSteps(input, options));
}

/** The same for those who have others waiting. */
export function* parseYamlInSteps(input: string | Uint8Array, options: YamlOptions = {}): Steps<YamlDocument[]> {
  if (input.length > (options.bytesMax ?? BYTES_MAX)) {
    throw new YamlError(`the text is longer than ${options.bytesMax ?? BYTES_MAX} bytes`, { line: 1, column: 1 });
  }
  const text = typeof input === "string" ? input : new TextDecoder().decode(input);
  if (/^\s*\{/.test(text)) {
    const document = tryJson(text);
    if (document) return [document];
  }
  const documents: YamlDocument[] = [];
  for (const part of splitDocuments(text)) {
    yield;
    documents.push(yield* parseDocument(part, options.mayRepeatKeys ?? false));
  }
  return documents;
}

/** Flow style YAML also starts with a brace, so text that is no JSON is left to the YAML parser. */
function tryJson(text: string): YamlDocument | undefined {
  try {
    const { value, duplicates, duplicateLines } = parseJson(text);
    const keyOf = (path: string) => path.slice(path.lastIndexOf(".") + 1);
    const repeatedKeys = duplicates.map((path, index) => ({ key: keyOf(path), line: duplicateLines[index] ?? 1 }));
    return { value, line: 1, repeatedKeys };
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

interface Part {
  readonly text: string;
  /** The line on which the text starts. */
  readonly firstLine: number;
  /** The line of the first content. */
  readonly line: number;
}

function splitDocuments(text: string): Part[] {
  const parts: Part[] = [];
  let lines: string[] = [];
  let firstLine = 1;
  const finish = () => {
    const content = lines.findIndex((line) => !/^\s*(#.*)?$/.test(line));
    if (content >= 0) parts.push({ text: lines.join("\n"), firstLine, line: firstLine + content });
  };
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    if (!/^---(\s|$)/.test(line)) {
      // Directives (%YAML) stand before the marker and change nothing that is read here.
      lines.push(line.startsWith("%") ? "" : line);
      continue;
    }
    finish();
    // What follows the marker on its line belongs to the document; spaces keep its column.
    lines = [`   ${line.slice(3)}`];
    firstLine = index + 1;
  }
  finish();
  return parts;
}

function* parseDocument(part: Part, mayRepeatKeys: boolean): Steps<YamlDocument> {
  const { text, line } = part;
  try {
    const events = parseEvents(text, { maxDepth: DEPTH_MAX });
    yield;
    const value = construct(events, { text, mayRepeatKeys });
    yield;
    countValues(value, new Map(), text.length + ALIASED_VALUES_MAX);
    yield;
    return { value, line, repeatedKeys: mayRepeatKeys ? findRepeatedKeys(part, events) : [] };
  } catch (error) {
    if (error instanceof YAMLException) throw describe(error, part);
    if (error instanceof UnusableValue) throw new YamlError(error.message, { line, column: 1 });
    throw error;
  }
}

interface Constructing {
  readonly text: string;
  readonly mayRepeatKeys: boolean;
}

function construct(events: Event[], { text, mayRepeatKeys }: Constructing): unknown {
  const options = { source: text, schema: KUBECTL_SCHEMA, maxTotalMergeKeys: 10_000 };
  // What the library calls JSON is that keys may be repeated.
  const documents = constructFromEvents(events, { ...options, json: mayRepeatKeys });
  if (documents.length !== 1) throw new YAMLException(`expected a single document, but found ${documents.length}`);
  return documents[0];
}

/** In the order of the text. The library tells of the first one only. */
function findRepeatedKeys({ text, firstLine }: Part, events: readonly Event[]): readonly RepeatedKey[] {
  const repeated: RepeatedKey[] = [];
  const open: (KeysSoFar | undefined)[] = [];
  const lines = lineCounter(text, firstLine);
  for (const event of events) {
    const mapping = open.at(-1);
    if (event.type === EVENT_ID.POP) {
      open.pop();
      continue;
    }
    if (mapping && takeTurn(mapping) && event.type === EVENT_ID.SCALAR) {
      const key = getScalarValue(text, event);
      if (mapping.keys.has(key) && key !== MERGE_KEY) repeated.push({ key, line: lines(event.valueStart) });
      mapping.keys.add(key);
    }
    if (isCollection(event)) open.push(event.type === EVENT_ID.MAPPING ? newKeys() : undefined);
  }
  return repeated;
}

const MERGE_KEY = "<<";

interface KeysSoFar {
  readonly keys: Set<string>;
  isKeyNext: boolean;
}

const newKeys = (): KeysSoFar => ({ keys: new Set(), isKeyNext: true });

/** What comes in a mapping is a key and a value in turn: whether this is a key. */
function takeTurn(mapping: KeysSoFar): boolean {
  mapping.isKeyNext = !mapping.isKeyNext;
  return !mapping.isKeyNext;
}

const isCollection = ({ type }: Event): boolean =>
  type === EVENT_ID.DOCUMENT || type === EVENT_ID.SEQUENCE || type === EVENT_ID.MAPPING;

/** Says on which line a position is, for positions that never go back. */
function lineCounter(text: string, firstLine: number): (position: number) => number {
  let [line, counted] = [firstLine, 0];
  return (position) => {
    for (let next = text.indexOf("\n", counted); next >= 0 && next < position; next = text.indexOf("\n", counted)) {
      line += 1;
      counted = next + 1;
    }
    return line;
  };
}

function describe({ reason, mark }: YAMLException, part: Part): YamlError {
  const position = { line: part.firstLine + (mark?.line ?? 0), column: (mark?.column ?? 0) + 1 };
  const indentation = /^\s*/.exec(part.text.split("\n")[mark?.line ?? 0] ?? "")?.[0] ?? "";
  return new YamlError(indentation.includes("\t") ? "a tab cannot be used for indentation" : reason, position);
}

/** A value that YAML can express and JSON cannot, or that is too much. */
class UnusableValue extends Error {}

/**
 * Counts the values in a tree whose aliased parts are shared objects, each part once, in time linear in the text's length.
 * Refuses what grows beyond bounds when the aliases are followed, what contains itself, and numbers that JSON lacks.
 */
function countValues(value: unknown, known: Map<object, number>, countMax: number): number {
  if (typeof value === "number" && !Number.isFinite(value)) throw new UnusableValue(`unsupported value: ${value}`);
  if (typeof value !== "object" || value === null) return 1;
  const before = known.get(value);
  if (before !== undefined) return before;
  known.set(value, NaN);
  let count = 1;
  for (const part of Object.values(value)) count += countValues(part, known, countMax);
  if (Number.isNaN(count)) throw new UnusableValue("an anchor's value contains itself");
  if (count > countMax) throw new UnusableValue("document contains excessive aliasing");
  known.set(value, count);
  return count;
}

const never = () => false;

const booleanTag = defineScalarTag<boolean>("tag:yaml.org,2002:bool", {
  implicit: true,
  resolve: (source) => parsePlainBoolean(source) ?? NOT_RESOLVED,
  identify: never,
});

const isWhole = (value: number | bigint): boolean => typeof value === "bigint" || Number.isInteger(value);

const integerTag = defineScalarTag<number | bigint>("tag:yaml.org,2002:int", {
  implicit: true,
  resolve: (source) => {
    const value = parsePlainNumber(source);
    return value === undefined || !isWhole(value) ? NOT_RESOLVED : value;
  },
  identify: never,
});

const floatTag = defineScalarTag<number | bigint>("tag:yaml.org,2002:float", {
  implicit: true,
  resolve: (source) => parsePlainNumber(source) ?? NOT_RESOLVED,
  identify: never,
});

type Mapping = Record<string, unknown>;

const isScalar = (key: unknown): key is string | number | bigint | boolean => key !== null && typeof key !== "object";

/** Keys become text, as in JSON; `__proto__` is a key like any other. */
const mappingTag = defineMappingTag<Mapping>("tag:yaml.org,2002:map", {
  create: () => ({}),
  addPair: (mapping, key, value) => {
    if (!isScalar(key)) return "unsupported map key";
    Object.defineProperty(mapping, String(key), { value, writable: true, enumerable: true, configurable: true });
    return "";
  },
  has: (mapping, key) => Object.hasOwn(mapping, String(key)),
  keys: (mapping) => Object.keys(mapping),
  get: (mapping, key) => (Object.hasOwn(mapping, String(key)) ? mapping[String(key)] : null),
  identify: never,
});

const KUBECTL_SCHEMA = CORE_SCHEMA.withTags(mergeTag, nullCoreTag, booleanTag, integerTag, floatTag, mappingTag);
