// The text of `kctl explain`: what a kind or one of its fields is, from its schema, laid out exactly as kubectl 1.32 does.

import { namedScalars } from "./named-scalars.ts";
import type { Field, ObjectShape, Schema } from "./schema.ts";

export interface ExplainOptions {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly schema: ObjectShape;
  /** The field's path, such as `["spec", "containers"]`; the kind itself if empty. Lists and maps are passed through. */
  readonly path?: readonly string[];
  /** Lists the fields of fields too, without their descriptions. */
  readonly recursive?: boolean;
}

/** A path that leads nowhere. */
export class UnknownFieldError extends Error {
  /** The last name of the path that is not there. */
  readonly field: string;
  /** The names that would be. */
  readonly known: readonly string[];

  constructor(field: string, known: readonly string[]) {
    super(`field "${field}" does not exist`);
    this.name = "UnknownFieldError";
    this.field = field;
    this.known = known;
  }
}

const DESCRIPTION_WIDTH = 76;
const FIELD_WIDTH = 78;
const ENUM_MAX = 4;

/** Throws UnknownFieldError. */
export function renderExplanation(options: ExplainOptions): string {
  const { group, version, kind, schema, path = [], recursive = false } = options;
  const field = path.length > 0 ? findField(schema, path) : undefined;
  const header = [...(group ? [`GROUP:      ${group}`] : []), `KIND:       ${kind}`, `VERSION:    ${version}`, "", ""];
  const about = field ? `FIELD: ${path.at(-1)} <${typeNameOf(field.schema)}>\n${renderValues(field.schema)}\n\n` : "";
  const described = field?.schema ?? schema;
  const descriptions = [field?.description, describeType(described)].filter(Boolean);
  const text = descriptions.map((each) => `${each}\n`).join("") || "<empty>";
  const description = indent(wrap(text, DESCRIPTION_WIDTH), 4);
  const fields = renderFields(described, { level: 1, recursive, above: [] });
  return `${header.join("\n")}${about}DESCRIPTION:\n${description}\n${fields && `FIELDS:\n${fields}`}\n`;
}

function findField(schema: Schema, path: readonly string[]): Field {
  const [name = "", ...rest] = path;
  const shape = objectIn(schema);
  const field = shape && Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
  if (!field) throw new UnknownFieldError(name, Object.keys(shape?.fields ?? {}));
  return rest.length > 0 ? findField(field.schema, rest) : field;
}

/** The struct that a schema is, or is a list or map of. */
function objectIn(schema: Schema): ObjectShape | undefined {
  switch (schema.type) {
    case "object":
      return schema;
    case "list":
      return objectIn(schema.items);
    case "map":
      return objectIn(schema.values);
    case "lazy":
      return objectIn(schema.of());
    default:
      return undefined;
  }
}

/** What the type itself has to say; a list or map has its items' to show. */
function describeType(schema: Schema): string {
  switch (schema.type) {
    case "object":
    case "union":
      return schema.description;
    case "list":
      return describeType(schema.items);
    case "map":
      return describeType(schema.values);
    case "lazy":
      return describeType(schema.of());
    case "quantity":
    case "int-or-string":
      return namedScalars[schema.type].description;
    default:
      return "";
  }
}

const TYPE_NAMES = {
  string: "string",
  integer: "integer",
  number: "number",
  boolean: "boolean",
  quantity: "Quantity",
  "int-or-string": "IntOrString",
  any: "Object",
} as const;

function typeNameOf(schema: Schema): string {
  switch (schema.type) {
    case "list":
      return `[]${typeNameOf(schema.items)}`;
    case "map":
      return `map[string]${typeNameOf(schema.values)}`;
    case "object":
    case "union":
      return schema.name.split(".").at(-1) ?? "Object";
    case "lazy":
      return typeNameOf(schema.of());
    default:
      return TYPE_NAMES[schema.type];
  }
}

const valuesOf = (schema: Schema): readonly string[] =>
  schema.type === "string" ? [...(schema.values ?? [])].sort().map((value) => value || '""') : [];

function renderValues(schema: Schema): string {
  const values = valuesOf(schema);
  return values.length > 0 ? `ENUM:${values.map((value) => `\n    ${value}`).join("")}` : "";
}

interface Level {
  readonly level: number;
  readonly recursive: boolean;
  /** The types that this one is nested in: each is listed once on the way down. */
  readonly above: readonly ObjectShape[];
}

function renderFields(schema: Schema, at: Level): string {
  const shape = objectIn(schema);
  if (!shape || at.above.includes(shape)) return "";
  const nested = { ...at, level: at.level + 1, above: [...at.above, shape] };
  return Object.entries(shape.fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => renderField(name, field, at) + (at.recursive ? renderFields(field.schema, nested) : ""))
    .join("");
}

function renderField(name: string, { schema, required, description }: Field, { level, recursive }: Level): string {
  const margin = level * 2;
  const values = valuesOf(schema);
  const shown = values.slice(0, ENUM_MAX).join(", ") + (values.length > ENUM_MAX ? ", ...." : "");
  const title = `${name}\t<${typeNameOf(schema)}>${required ? " -required-" : ""}`;
  const lines = values.length > 0 ? `${title}\nenum: ${shown}` : title;
  if (recursive) return `${indent(lines, margin)}\n`;
  const text = indent(wrap(description || "<no description>", FIELD_WIDTH - margin), margin + 2);
  return `${indent(lines, margin)}\n${text}\n\n`;
}

const indent = (text: string, columns: number): string => text.replace(/^/gm, " ".repeat(columns));

/** Breaks lines at spaces so that none is longer than `width`, unless one word is. */
function wrap(text: string, width: number): string {
  return text
    .split("\n")
    .map((line) => wrapLine(line, width))
    .join("\n");
}

function wrapLine(line: string, width: number): string {
  let column = 0;
  return line.replace(/\s*(\S+)/g, (piece: string, word: string) => {
    const isTooLong = column + piece.length > width && word.length < width;
    column = isTooLong ? word.length : column + piece.length;
    return isTooLong ? `\n${word}` : piece;
  });
}
