// Evaluates kubectl's JSONPath templates over JSON data. Pure. Fields that are missing print nothing; an index beyond the end of a
// list is an error, as with kubectl.

import { renderCompactJson } from "../printers/go-text.ts";
import { JsonPathError, parsePath, type Operator, type Step, type TemplateNode } from "./parse-template.ts";

/** The template's text for the value. Throws JsonPathError. */
export function renderTemplate(nodes: readonly TemplateNode[], value: unknown): string {
  return renderNodes(nodes, { root: value, current: value });
}

/** All values that the path reaches. Throws JsonPathError. */
export const findValues = (steps: readonly Step[], value: unknown): readonly unknown[] =>
  walk(steps, { root: value, current: value });

/**
 * The path of `{.spec.x}`, `.spec.x` or `spec.x`: the forms that custom columns, --sort-by and wait take. Throws
 * JsonPathError.
 */
export function parseRelaxedPath(text: string): readonly Step[] {
  const inner = /^\{(.*)\}$/s.exec(text.trim())?.[1] ?? text.trim();
  if (inner.includes("{") || inner === "") {
    throw new JsonPathError(
      `unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`,
    );
  }
  const path = /^[.[$@]/.test(inner) ? inner : `.${inner}`;
  return parsePath(path);
}

interface Scope {
  readonly root: unknown;
  readonly current: unknown;
}

function renderNodes(nodes: readonly TemplateNode[], scope: Scope): string {
  return nodes.map((node) => renderNode(node, scope)).join("");
}

function renderNode(node: TemplateNode, scope: Scope): string {
  switch (node.kind) {
    case "text":
      return node.text;
    case "path":
      return walk(node.steps, scope).map(renderValue).join(" ");
    case "range":
      return walk(node.steps, scope)
        .map((current) => renderNodes(node.body, { root: scope.root, current }))
        .join("");
  }
}

const renderValue = (value: unknown): string => (typeof value === "string" ? value : renderCompactJson(value));

function walk(steps: readonly Step[], { root, current }: Scope): readonly unknown[] {
  let values: readonly unknown[] = [current];
  for (const step of steps) {
    if (step.kind === "root") values = [root];
    else if (step.kind === "literal") values = [step.value];
    else values = values.flatMap((value) => take(step, value, root));
  }
  return values;
}

function take(step: Exclude<Step, { kind: "root" | "literal" }>, value: unknown, root: unknown): readonly unknown[] {
  switch (step.kind) {
    case "field":
      return isMap(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case "wildcard":
      return childrenOf(value);
    case "recursive":
      return descendantsOf(value);
    case "index":
      return takeIndex(value, step.index);
    case "slice":
      return takeSlice(asList(value), step);
    case "union":
      return step.paths.flatMap((path) => walk(path, { root, current: value }));
    case "filter":
      return asList(value).filter((item) => passes(step, { root, current: item }));
  }
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const childrenOf = (value: unknown): readonly unknown[] =>
  typeof value === "object" && value !== null ? Object.values(value) : [];

const descendantsOf = (value: unknown): readonly unknown[] => [value, ...childrenOf(value).flatMap(descendantsOf)];

function asList(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw new JsonPathError(`${renderValue(value)} is not array or slice`);
}

function takeIndex(value: unknown, index: number): readonly unknown[] {
  if (value === null || value === undefined) return [];
  const items = asList(value);
  const place = index < 0 ? index + items.length : index;
  if (place >= 0 && place < items.length) return [items[place]];
  throw new JsonPathError(`array index out of bounds: index ${index}, length ${items.length}`);
}

function takeSlice(items: readonly unknown[], step: Extract<Step, { kind: "slice" }>): readonly unknown[] {
  return items.slice(step.start ?? 0, step.end ?? items.length).filter((_, index) => index % step.step === 0);
}

function passes({ left, operator, right }: Extract<Step, { kind: "filter" }>, scope: Scope): boolean {
  const one = walk(left, scope);
  if (operator === "exists") return one.length > 0;
  const other = walk(right, scope);
  if (one.length > 1 || other.length > 1) throw new JsonPathError("can only compare one element at a time");
  return one.length === 1 && other.length === 1 && compare(one[0], operator, other[0]);
}

function compare(one: unknown, operator: Exclude<Operator, "exists">, other: unknown): boolean {
  if (operator === "==") return one === other;
  if (operator === "!=") return one !== other;
  const areNumbers = typeof one === "number" && typeof other === "number";
  const areTexts = typeof one === "string" && typeof other === "string";
  if (!areNumbers && !areTexts) return false;
  const order = one < other ? -1 : one > other ? 1 : 0;
  return { "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0 }[operator];
}
