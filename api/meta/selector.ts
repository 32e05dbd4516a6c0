// Label and field selectors: parsing their text forms, matching, and turning a LabelSelector object into one.
// Grammar, matching and the words of errors follow Kubernetes' labels and fields packages.

import { labelValueProblems, qualifiedNameProblems } from "./label-syntax.ts";
import type { LabelSelector } from "./label-selector.ts";

/** All requirements must hold. No requirement selects everything. */
export type Selector = readonly Requirement[];

export interface Requirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
  readonly values: readonly string[];
}

type Labels = Readonly<Record<string, string>>;

/** Matches every object. */
export const everything: Selector = [];
/** Matches no object: no value is one of none. */
export const nothing: Selector = [{ key: "", operator: "In", values: [] }];

/** Whether labels satisfy every requirement. An absent label satisfies NotIn and DoesNotExist only. */
export function matchesSelector(selector: Selector, labels: Labels | undefined): boolean {
  for (const requirement of selector) {
    if (!matchesRequirement(requirement, labels)) return false;
  }
  return true;
}

/** Whether labels satisfy one requirement; node affinity has the same ones. */
export function matchesRequirement({ key, operator, values }: Requirement, labels: Labels | undefined): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  if (value === undefined) return operator === "NotIn" || operator === "DoesNotExist";
  switch (operator) {
    case "In":
      return values.includes(value);
    case "NotIn":
      return !values.includes(value);
    case "Exists":
      return true;
    case "DoesNotExist":
      return false;
    case "Gt":
      return compareIntegers(value, values[0]) > 0;
    case "Lt":
      return compareIntegers(value, values[0]) < 0;
  }
}

/** NaN, which is neither above nor below, where one of them is no integer. */
function compareIntegers(a: string, b: string | undefined): number {
  return isInteger(a) && isInteger(b) ? Number(BigInt(a) - BigInt(b)) : NaN;
}

const isInteger = (text: string | undefined): text is string => text !== undefined && /^-?[0-9]{1,19}$/.test(text);

/** The selector that a LabelSelector object stands for: absent or null selects nothing, an empty one everything. */
export function selectorOf(selector: LabelSelector | null | undefined): Selector {
  if (!selector) return nothing;
  const exact = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => requireIn(key, [value]));
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values }) => ({
    key,
    operator,
    values: values ?? [],
  }));
  return [...exact, ...expressions];
}

/** The selector of exactly these labels, as `matchLabels` and a Service's `spec.selector` mean them. */
export function selectorOfLabels(labels: Labels): Selector {
  return Object.entries(labels).map(([key, value]) => requireIn(key, [value]));
}

const requireIn = (key: string, values: readonly string[]): Requirement => ({ key, operator: "In", values });

/** The text form that `parseSelector` reads, sorted by key: `app=web,tier in (a,b),!old`. */
export function renderSelector(selector: Selector): string {
  const sorted = [...selector].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return sorted.map(renderRequirement).join(",");
}

function renderRequirement({ key, operator, values }: Requirement): string {
  const list = [...values].sort().join(",");
  switch (operator) {
    case "In":
      return values.length === 1 ? `${key}=${list}` : `${key} in (${list})`;
    case "NotIn":
      return values.length === 1 ? `${key}!=${list}` : `${key} notin (${list})`;
    case "Exists":
      return key;
    case "DoesNotExist":
      return `!${key}`;
    case "Gt":
      return `${key}>${list}`;
    case "Lt":
      return `${key}<${list}`;
  }
}

/** A selector that cannot be read; the message is the one Kubernetes gives. */
export class SelectorError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SelectorError";
  }
}

/** Reads `app=web,tier in (a,b),!old,size>3`. An empty text selects everything. Throws SelectorError. */
export function parseSelector(text: string): Selector {
  const tokens = new TokenReader(text);
  const requirements: Requirement[] = [];
  if (tokens.peek() === END) return requirements;
  for (;;) {
    requirements.push(parseRequirement(tokens));
    const separator = tokens.next();
    if (separator === END) return requirements;
    if (separator !== ",") throw new SelectorError(`found '${separator}', expected: ',' or 'end of string'`);
    const following = tokens.peek();
    if (following !== "!" && !isIdentifier(following)) {
      throw new SelectorError(`found '${following}', expected: identifier after ','`);
    }
  }
}

const END = "";
const TOKEN = /\s*(==|!=|[=!<>(),]|[^\s=!<>(),]+)?/y;
const SYMBOLS: ReadonlySet<string> = new Set(["=", "==", "!=", "!", "<", ">", "(", ")", ",", END]);
const isIdentifier = (token: string): boolean => !SYMBOLS.has(token);

/** Splits a selector into symbols and words; after the last one it gives END. */
class TokenReader {
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(text: string) {
    const tokens: string[] = [];
    TOKEN.lastIndex = 0;
    for (let match = TOKEN.exec(text); match?.[1]; match = TOKEN.exec(text)) tokens.push(match[1]);
    this.#tokens = tokens;
  }

  peek(): string {
    return this.#tokens[this.#position] ?? END;
  }

  next(): string {
    const token = this.peek();
    this.#position += 1;
    return token;
  }
}

function parseRequirement(tokens: TokenReader): Requirement {
  const first = tokens.peek();
  if (first !== "!" && !isIdentifier(first)) {
    throw new SelectorError(`found '${first}', expected: !, identifier, or 'end of string'`);
  }
  try {
    return first === "!" ? parseNegation(tokens) : parseComparison(tokens);
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    throw new SelectorError(`unable to parse requirement: ${error.message}`);
  }
}

function parseNegation(tokens: TokenReader): Requirement {
  tokens.next();
  return { key: parseKey(tokens), operator: "DoesNotExist", values: [] };
}

function parseComparison(tokens: TokenReader): Requirement {
  const key = parseKey(tokens);
  if (tokens.peek() === END || tokens.peek() === ",") return { key, operator: "Exists", values: [] };
  const symbol = tokens.next();
  const operator = OPERATORS.get(symbol);
  if (!operator) throw new SelectorError(`found '${symbol}', expected: in, notin, =, ==, !=, gt, lt`);
  const values = symbol === "in" || symbol === "notin" ? parseValueSet(tokens) : [parseValue(tokens)];
  values.forEach((value, index) => checkValue({ key, operator, values }, value, index));
  return { key, operator, values };
}

const OPERATORS: ReadonlyMap<string, Requirement["operator"]> = new Map([
  ["=", "In"],
  ["==", "In"],
  ["!=", "NotIn"],
  ["in", "In"],
  ["notin", "NotIn"],
  [">", "Gt"],
  ["<", "Lt"],
]);

function parseKey(tokens: TokenReader): string {
  const key = tokens.next();
  if (!isIdentifier(key)) throw new SelectorError(`found '${key}', expected: identifier`);
  const [problem] = qualifiedNameProblems(key);
  if (problem) throw new SelectorError(`<nil>: Invalid value: ${JSON.stringify(key)}: ${problem}`);
  return key;
}

function parseValue(tokens: TokenReader): string {
  if (tokens.peek() === END || tokens.peek() === ",") return "";
  const value = tokens.next();
  if (!isIdentifier(value)) throw new SelectorError(`found '${value}', expected: identifier`);
  return value;
}

/** `(a,b)`. A missing word between commas or parentheses is the empty value. */
function parseValueSet(tokens: TokenReader): readonly string[] {
  const open = tokens.next();
  if (open !== "(") throw new SelectorError(`found '${open}' expected: '('`);
  const values = new Set<string>();
  for (;;) {
    values.add(isIdentifier(tokens.peek()) ? tokens.next() : "");
    const separator = tokens.next();
    if (separator === ")") return [...values];
    if (separator !== ",") throw new SelectorError(`found '${separator}', expected: ',' or ')'`);
  }
}

function checkValue({ key, operator }: Requirement, value: string, index: number): void {
  const path = `values[${index}][${key}]`;
  if ((operator === "Gt" || operator === "Lt") && !isInteger(value)) {
    throw new SelectorError(
      `${path}: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
    );
  }
  const [problem] = labelValueProblems(value);
  if (problem) throw new SelectorError(`${path}: Invalid value: ${JSON.stringify(value)}: ${problem}`);
}

/** All terms must hold. No term selects everything. */
export type FieldSelector = readonly FieldTerm[];

export interface FieldTerm {
  /** The path of a selectable field, such as `spec.nodeName`. */
  readonly field: string;
  readonly operator: "=" | "!=";
  readonly value: string;
}

/** Reads a field selector; `\,`, `\=` and `\\` stand for the characters themselves in a value. Throws SelectorError. */
export function parseFieldSelector(text: string): FieldSelector {
  return splitTerms(text)
    .filter((term) => term !== "")
    .map((term) => parseTerm(term, text));
}

/** At each comma that no backslash precedes. */
function splitTerms(text: string): string[] {
  return text.match(/(?:\\.|[^,\\]|\\$)+/gs) ?? [];
}

function parseTerm(term: string, text: string): FieldTerm {
  const match = /^([^=!\\]*)(==|!=|=)(.*)$/s.exec(term);
  if (!match) {
    throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
  }
  const [, field = "", symbol, value = ""] = match;
  return { field, operator: symbol === "!=" ? "!=" : "=", value: unescapeValue(value) };
}

function unescapeValue(value: string): string {
  const wrong = /\\(?![\\,=])|(?<!\\)=/.exec(value.replace(/\\[\\,=]/g, "__"))?.[0];
  if (wrong === "=") throw new SelectorError(`invalid field selector: unescaped character in value: =`);
  if (wrong) throw new SelectorError(`invalid field selector: invalid escape sequence: ${value}`);
  return value.replace(/\\(.)/gs, "$1");
}

/** Whether the fields satisfy every term. A field that the object lacks counts as empty. */
export function matchesFieldSelector(selector: FieldSelector, fields: Readonly<Record<string, string>>): boolean {
  return selector.every(({ field, operator, value }) => {
    const actual = Object.hasOwn(fields, field) ? fields[field] : "";
    return (actual === value) === (operator === "=");
  });
}

/** The text form that `parseFieldSelector` reads. */
export function renderFieldSelector(selector: FieldSelector): string {
  return selector
    .map(({ field, operator, value }) => `${field}${operator}${value.replace(/[\\,=]/g, "\\$&")}`)
    .join(",");
}

/** The value that the selector demands of a field, where it demands one: lets a list of one name become a get. */
export function requiredFieldValue(selector: FieldSelector, field: string): string | undefined {
  return selector.find((term) => term.field === field && term.operator === "=")?.value;
}
