// What is wrong with an applied configuration, in the words of Kubernetes' typed parser: fields that the kind does not have,
// values of other types, items that cannot be told from others, and items of one name.

import { renderJson } from "../../lib/json.ts";
import {
  ElementError,
  type FieldKind,
  type ListKind,
  type MapKind,
  type ScalarKind,
  type StructKind,
} from "./field-kind.ts";
import { fieldElement, renderElement } from "../../api/schema/path-element.ts";

type Fields = Readonly<Record<string, unknown>>;
type Report = (path: string, problem: string) => void;

/** One line per error, as `.spec.replicas: expected numeric (int or float), got string`; undefined where there is none. */
export function findAppliedErrors(kind: FieldKind, value: unknown): string | undefined {
  const errors: string[] = [];
  check(kind, value, { path: "", report: (path, problem) => errors.push(path ? `${path}: ${problem}` : problem) });
  if (errors.length <= 1) return errors[0];
  return ["errors:", ...errors.map((error) => `  ${error}`)].join("\n");
}

interface Place {
  readonly path: string;
  readonly report: Report;
}

function check(kind: FieldKind, value: unknown, place: Place): void {
  if (value === null) return;
  switch (kind.type) {
    case "scalar":
      return checkScalar(kind, value, place);
    case "list":
      return Array.isArray(value)
        ? checkItems(kind, value, place)
        : wrong(place, `expected list, got ${goPointer(value)}`);
    case "struct":
    case "map":
      if (typeof value !== "object" || Array.isArray(value))
        return wrong(place, `expected map, got ${goPointer(value)}`);
      return kind.type === "struct"
        ? checkFields(kind, value as Fields, place)
        : checkEntries(kind, value as Fields, place);
  }
}

const wrong = ({ path, report }: Place, problem: string): void => report(path, problem);

function checkScalar({ only }: ScalarKind, value: unknown, place: Place): void {
  const type = typeof value;
  if (only === "numeric" && type !== "number" && type !== "bigint") {
    wrong(place, `expected numeric (int or float), got ${goType(value)}`);
  } else if (only === "string" && type !== "string") {
    wrong(place, `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
  } else if (only === "boolean" && type !== "boolean") {
    wrong(place, `expected boolean, got ${goPointer(value)}`);
  }
}

function checkFields({ fields }: StructKind, value: Fields, { path, report }: Place): void {
  for (const name of Object.keys(value)) {
    const field = fields.get(name);
    const below = path + renderElement(fieldElement(name));
    // Go's walk ends at the first one.
    if (!field) return report(below, "field not declared in schema");
    check(field.kind, value[name], { path: below, report });
  }
}

function checkEntries({ values }: MapKind, value: Fields, { path, report }: Place): void {
  for (const key of Object.keys(value)) {
    check(values, value[key], { path: path + renderElement(fieldElement(key)), report });
  }
}

function checkItems(kind: ListKind, items: readonly unknown[], place: Place): void {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const element = kind.isAtomic ? `i:${index}` : nameOf(kind, item, { index, place });
    if (element === undefined) return;
    const step = renderElement(element);
    if (seen.has(element)) wrong(place, `duplicate entries for key ${step}`);
    seen.add(element);
    check(kind.items, item, { ...place, path: place.path + step });
  }
}

function nameOf(
  kind: ListKind,
  item: unknown,
  { index, place }: { readonly index: number; readonly place: Place },
): string | undefined {
  try {
    return kind.elementOf(item);
  } catch (error) {
    if (!(error instanceof ElementError)) throw error;
    wrong(place, `element ${index}: ${error.message}`);
    return undefined;
  }
}

/** Go's %T. */
function goType(value: unknown): string {
  if (Array.isArray(value)) return "[]interface {}";
  if (typeof value === "object") return "map[string]interface {}";
  if (typeof value === "boolean") return "bool";
  return typeof value === "string"
    ? "string"
    : Number.isInteger(value) || typeof value === "bigint"
      ? "int64"
      : "float64";
}

/** Go's %v of a pointer to a struct that holds the value. */
const goPointer = (value: unknown): string => `&{${goText(value)}}`;

function goText(value: unknown): string {
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (typeof value !== "object") return renderScalar(value);
  return `map[${sortedEntries(value)
    .map(([key, part]) => `${key}:${goText(part)}`)
    .join(" ")}]`;
}

/** Go's %#v. */
function goSyntax(value: unknown): string {
  if (value === null) return "interface {}(nil)";
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(", ")}}`;
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object") return renderScalar(value);
  const entries = sortedEntries(value).map(([key, part]) => `${JSON.stringify(key)}:${goSyntax(part)}`);
  return `map[string]interface {}{${entries.join(", ")}}`;
}

const renderScalar = (value: unknown): string => (typeof value === "string" ? value : renderJson(value));

const sortedEntries = (value: object): readonly (readonly [string, unknown])[] =>
  Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
