// Reads kubectl's dialect of JSONPath: text with `{…}` in it, ranges, filters, unions, slices, escapes. Pure; evaluating is in
// render-template.ts.

export type TemplateNode =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "path"; readonly steps: readonly Step[] }
  | { readonly kind: "range"; readonly steps: readonly Step[]; readonly body: readonly TemplateNode[] };

export type Step =
  | { readonly kind: "root" }
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "wildcard" }
  | { readonly kind: "recursive" }
  | { readonly kind: "slice"; readonly start?: number; readonly end?: number; readonly step: number }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "union"; readonly paths: readonly (readonly Step[])[] }
  | {
      readonly kind: "filter";
      readonly left: readonly Step[];
      readonly operator: Operator;
      readonly right: readonly Step[];
    }
  | { readonly kind: "literal"; readonly value: string | number | boolean };

export type Operator = "exists" | "==" | "!=" | "<" | "<=" | ">" | ">=";

/** What is wrong with a template, without its text. */
export class JsonPathError extends Error {
  override readonly name = "JsonPathError";
}

/** Throws JsonPathError. */
export function parseTemplate(template: string): readonly TemplateNode[] {
  const parts = splitTemplate(template);
  const nodes = parseNodes(parts, 0);
  if (nodes.end < parts.length) throw new JsonPathError("not in range, nothing to end");
  return nodes.nodes;
}

interface Part {
  readonly isAction: boolean;
  readonly text: string;
}

/** Cuts the template into plain text and what stands in braces. Quoted braces count as text. */
function splitTemplate(template: string): Part[] {
  const parts: Part[] = [];
  let position = 0;
  while (position < template.length) {
    const open = template.indexOf("{", position);
    const end = open < 0 ? template.length : open;
    if (end > position) parts.push({ isAction: false, text: template.slice(position, end) });
    if (open < 0) break;
    const close = findUnquoted(template, open + 1, "}");
    if (close < 0) throw new JsonPathError("unclosed action");
    parts.push({ isAction: true, text: template.slice(open + 1, close).trim() });
    position = close + 1;
  }
  return parts;
}

/** Where the character is, outside of quotes; -1 where it is not. */
function findUnquoted(text: string, from: number, wanted: string): number {
  let quote = "";
  for (let at = from; at < text.length; at++) {
    const letter = text[at] ?? "";
    if (letter === "\\") at++;
    else if (quote !== "") quote = letter === quote ? "" : quote;
    else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === wanted) return at;
  }
  return -1;
}

/** The nodes up to the `{end}` of the enclosing range, or to the end of the template. */
function parseNodes(parts: readonly Part[], from: number): { readonly nodes: TemplateNode[]; readonly end: number } {
  const nodes: TemplateNode[] = [];
  let at = from;
  for (; at < parts.length; at++) {
    const { isAction, text } = parts[at] as Part;
    if (!isAction) {
      nodes.push({ kind: "text", text });
    } else if (text === "end") {
      return { nodes, end: at };
    } else if (/^range(\s|$)/.test(text)) {
      const body = parseNodes(parts, at + 1);
      if (body.end >= parts.length) throw new JsonPathError("unterminated range: {end} is missing");
      nodes.push({ kind: "range", steps: parsePath(text.slice("range".length)), body: body.nodes });
      at = body.end;
    } else {
      nodes.push({ kind: "path", steps: parsePath(text) });
    }
  }
  return { nodes, end: at };
}

/** The steps of a path such as `.items[*].metadata.name`. Throws JsonPathError. */
export function parsePath(text: string): readonly Step[] {
  const steps: Step[] = [];
  let rest = text.trim();
  while (rest !== "") {
    const [step, length] = readStep(rest);
    if (step) steps.push(step);
    rest = rest.slice(length).trimStart();
  }
  return steps;
}

type Read = readonly [step: Step | undefined, length: number];

function readStep(text: string): Read {
  if (text.startsWith("@")) return [undefined, 1];
  if (text.startsWith("$")) return [{ kind: "root" }, 1];
  if (text.startsWith("..")) return [{ kind: "recursive" }, text[2] === "[" ? 2 : /^\.\.[^.\s]/.test(text) ? 1 : 2];
  if (text.startsWith(".")) return readField(text.slice(1), 1);
  if (text.startsWith("[")) return readBrackets(text);
  if (text.startsWith('"') || text.startsWith("'")) return readQuoted(text);
  return readWord(text);
}

const NAME = /^(?:\\.|[^\s.[\]{}\\,()=<>!])*/;

/** A name after a dot; none is the object itself. */
function readField(text: string, before: number): Read {
  if (text.startsWith("*")) return [{ kind: "wildcard" }, before + 1];
  const raw = NAME.exec(text)?.[0] ?? "";
  if (raw === "") return [undefined, before];
  return [{ kind: "field", name: raw.replace(/\\(.)/g, "$1") }, before + raw.length];
}

function readQuoted(text: string): Read {
  const close = closingQuote(text, text[0] ?? "");
  if (close < 0) throw new JsonPathError("unterminated quoted string");
  return [{ kind: "literal", value: unquote(text.slice(1, close)) }, close + 1];
}

function closingQuote(text: string, quote: string): number {
  for (let at = 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === quote) return at;
  }
  return -1;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };
const unquote = (text: string) => text.replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter);

/** A number, true, false, or a name without its dot. */
function readWord(text: string): Read {
  const number = /^[+-]?\d+(\.\d+)?(?![\w.])/.exec(text)?.[0];
  if (number !== undefined) return [{ kind: "literal", value: Number(number) }, number.length];
  const word = NAME.exec(text)?.[0] ?? "";
  if (word === "") throw new JsonPathError(`unrecognized character in action: '${text[0]}'`);
  if (word === "true" || word === "false") return [{ kind: "literal", value: word === "true" }, word.length];
  throw new JsonPathError(`unrecognized identifier ${word}`);
}

function readBrackets(text: string): Read {
  const close = closingBracket(text);
  if (close < 0) throw new JsonPathError("unterminated array");
  const inner = text.slice(1, close).trim();
  return [readSubscript(inner), close + 1];
}

function closingBracket(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === '"' || letter === "'") {
      const end = closingQuote(text.slice(at), letter);
      if (end < 0) return -1;
      at += end;
    } else if (letter === "[") depth++;
    else if (letter === "]" && --depth === 0) return at;
  }
  return -1;
}

function readSubscript(inner: string): Step {
  if (inner === "*") return { kind: "wildcard" };
  const filter = /^\?\((.*)\)$/s.exec(inner)?.[1];
  if (filter !== undefined) return parseFilter(filter);
  const parts = splitUnquoted(inner, ",");
  if (parts.length > 1) return { kind: "union", paths: parts.map((part) => [readSubscript(part.trim())]) };
  if (/^-?\d+$/.test(inner)) return { kind: "index", index: Number(inner) };
  const slice = /^(-?\d*):(-?\d*)(?::(-?\d+))?$/.exec(inner);
  if (slice) return sliceOf(slice[1] ?? "", slice[2] ?? "", slice[3]);
  return readKey(inner);
}

/** A dotted key, such as `['metadata.name']`, is a path. */
function readKey(inner: string): Step {
  const quoted = /^(['"])(.*)\1$/s.exec(inner)?.[2];
  if (quoted === undefined) throw new JsonPathError(`invalid array index ${inner}`);
  const steps = parsePath(`.${quoted}`);
  return steps.length === 1 && steps[0] ? steps[0] : { kind: "union", paths: [steps] };
}

function sliceOf(start: string, end: string, step = "1"): Step {
  if (Number(step) < 1) throw new JsonPathError("step must be > 0");
  return {
    kind: "slice",
    ...(start !== "" && { start: Number(start) }),
    ...(end !== "" && { end: Number(end) }),
    step: Number(step),
  };
}

function splitUnquoted(text: string, separator: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = findUnquoted(text, 0, separator); at >= 0; at = findUnquoted(text, from, separator)) {
    parts.push(text.slice(from, at));
    from = at + 1;
  }
  return [...parts, text.slice(from)];
}

const OPERATOR = /^(==|!=|<=|>=|<|>)/;

function parseFilter(text: string): Step {
  const at = operatorPlace(text);
  if (at < 0) return { kind: "filter", left: parsePath(text), operator: "exists", right: [] };
  const operator = OPERATOR.exec(text.slice(at))?.[0] ?? "";
  return {
    kind: "filter",
    left: parsePath(text.slice(0, at)),
    operator: operator as Operator,
    right: parsePath(text.slice(at + operator.length)),
  };
}

function operatorPlace(text: string): number {
  const places = ["=", "!", "<", ">"].map((letter) => findUnquoted(text, 0, letter)).filter((at) => at >= 0);
  const first = Math.min(...places);
  return Number.isFinite(first) && OPERATOR.test(text.slice(first)) ? first : -1;
}
