// Looking into JSON schemas: their parts that come in several forms, whether Go would say that a field is set, and what lies
// at a path.

import type { JSONSchemaProps } from "./json-schema-props.ts";

/** The schema of a list's items; undefined also where there is a list of schemas. */
export function itemSchema({ items }: JSONSchemaProps): JSONSchemaProps | undefined {
  return Array.isArray(items) ? undefined : ((items as JSONSchemaProps | null | undefined) ?? undefined);
}

/** The schema of a field. */
export function propertySchema({ properties }: JSONSchemaProps, name: string): JSONSchemaProps | undefined {
  return properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** The schema of a map's values; undefined also where it is true or false. */
export function additionalSchema({ additionalProperties }: JSONSchemaProps): JSONSchemaProps | undefined {
  return typeof additionalProperties === "object" ? (additionalProperties ?? undefined) : undefined;
}

/** Fields that are pointers in Go: they are set with whatever value. */
const POINTERS = new Set([
  ...["$ref", "maximum", "minimum", "maxLength", "minLength", "maxItems", "minItems", "multipleOf", "maxProperties"],
  ...["minProperties", "items", "not", "additionalProperties", "additionalItems", "externalDocs", "default", "example"],
  ...["x-kubernetes-preserve-unknown-fields", "x-kubernetes-list-type", "x-kubernetes-map-type"],
]);

/** Whether the field says anything: empty texts, lists and maps, and false, are what Go has where nothing was said. */
export function isSet(schema: JSONSchemaProps, name: string): boolean {
  const value = (schema as Readonly<Record<string, unknown>>)[name];
  if (value === undefined || value === null) return false;
  if (POINTERS.has(name)) return true;
  if (typeof value === "object") return Object.keys(value).length > 0;
  return value !== "" && value !== false;
}

/** Whether the schema or one inside it meets the condition. */
export function someSchema(schema: JSONSchemaProps, meets: (schema: JSONSchemaProps) => boolean): boolean {
  return meets(schema) || partsOf(schema).some((part) => someSchema(part, meets));
}

function partsOf(schema: JSONSchemaProps): readonly JSONSchemaProps[] {
  const { items, allOf = [], anyOf = [], oneOf = [], not, properties = {}, patternProperties = {} } = schema;
  const { additionalProperties, additionalItems, definitions = {}, dependencies = {} } = schema;
  const maps = [properties, patternProperties, definitions, dependencies].flatMap((map) => Object.values<unknown>(map));
  const parts: readonly unknown[] = [items, not, additionalProperties, additionalItems, ...maps].flat();
  return [...allOf, ...anyOf, ...oneOf, ...parts.filter(isSchema)];
}

/** What is one of several forms, and may be null where a list or map of them has nothing. */
export const isSchema = (part: unknown): part is JSONSchemaProps =>
  typeof part === "object" && part !== null && !Array.isArray(part);

interface Found {
  /** The names on the way. */
  readonly path: readonly string[];
  /** Undefined for values of a map without a schema. */
  readonly schema: JSONSchemaProps | undefined;
}

const STRING = /^'(?:[^'\\]|\\.)*'/s;
const ESCAPES: Readonly<Record<string, string>> = {
  ...{ a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v", "'": "'", "\\": "\\" },
};
const END = "unexpected end of JSON path";
const NO_FIELD = "does not refer to a valid field";

/** What a path such as `.spec.labels['a.b']` leads to, or in Kubernetes' words why it leads nowhere. */
export function findSchemaAt(
  root: JSONSchemaProps,
  jsonPath: string,
  options: { readonly allowsBrackets: boolean },
): Found | { readonly problem: string } {
  const names: string[] = [];
  let schema: JSONSchemaProps | undefined = root;
  for (let rest = jsonPath; rest !== "";) {
    const step = readStep(rest, options.allowsBrackets);
    if ("problem" in step) return step;
    if (!schema) return { problem: NO_FIELD };
    const next = stepInto(schema, step.name);
    if (!next) return { problem: NO_FIELD };
    schema = next.schema;
    names.push(step.name);
    rest = step.rest;
  }
  return { path: names, schema };
}

function stepInto(schema: JSONSchemaProps, name: string): { readonly schema: JSONSchemaProps | undefined } | undefined {
  const { properties } = schema;
  if (properties && Object.keys(properties).length > 0) {
    return Object.hasOwn(properties, name) ? { schema: properties[name] } : undefined;
  }
  return schema.additionalProperties === undefined ? undefined : { schema: additionalSchema(schema) };
}

type Step = { readonly name: string; readonly rest: string } | { readonly problem: string };

function readStep(text: string, allowsBrackets: boolean): Step {
  if (text.startsWith("[")) return allowsBrackets ? readBrackets(text) : { problem: "array notation is not allowed" };
  if (!text.startsWith(".")) return { problem: `expected [ or . but got: ${/^[^.[\]]+|^./s.exec(text)?.[0] ?? ""}` };
  const name = /^\.([^.[\]]+|[.[\]])/.exec(text)?.[1];
  return name === undefined ? { problem: END } : { name, rest: text.slice(1 + name.length) };
}

function readBrackets(text: string): Step {
  const inside = text.slice(1);
  const quoted = STRING.exec(inside)?.[0];
  if (inside === "") return { problem: END };
  if (quoted === undefined) {
    return { problem: `expected single quoted string but got ${/^[^.[\]]+|^./s.exec(inside)?.[0] ?? ""}` };
  }
  const after = inside.slice(quoted.length);
  if (after === "") return { problem: END };
  if (!after.startsWith("]")) return { problem: `expected ] but got ${/^[^.[\]]+|^./s.exec(after)?.[0] ?? ""}` };
  const wrong = [...quoted.matchAll(/\\(.)/gs)].find(([, letter = ""]) => !(letter in ESCAPES))?.[0];
  if (wrong !== undefined) return { problem: `invalid string literal: invalid escape char ${wrong}` };
  const name = quoted.slice(1, -1).replace(/\\(.)/gs, (_, letter: string) => ESCAPES[letter] ?? letter);
  return { name, rest: after.slice(1) };
}
