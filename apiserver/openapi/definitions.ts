// JSON schemas from the schemas of the API, in the dialects of OpenAPI 2 and 3: pure translation, shared by both documents.

import type { Steps } from "../../lib/steps.ts";
import { namedScalars } from "../../api/schema/named-scalars.ts";
import type { Field, ListShape, ObjectShape, Schema, UnionShape } from "../../api/schema/schema.ts";

export type Json = Readonly<Record<string, unknown>>;

/** Where OpenAPI 2 and 3 differ. */
export interface Dialect {
  readonly refPrefix: string;
  /** A property that refers to a type and has a description of its own. */
  refer(ref: string, description: string): Json;
  readonly quantity: Json;
  readonly intOrString: Json;
}

export const swagger2: Dialect = {
  refPrefix: "#/definitions/",
  refer: (ref, description) => ({ description, $ref: ref }),
  quantity: { type: "string" },
  intOrString: { type: "string", format: "int-or-string" },
};

export const openApi3: Dialect = {
  refPrefix: "#/components/schemas/",
  // OpenAPI 3.0 ignores what stands beside a $ref.
  refer: (ref, description) => ({ description, default: {}, allOf: [{ $ref: ref }] }),
  quantity: { oneOf: [{ type: "string" }, { type: "number" }] },
  intOrString: { oneOf: [{ type: "integer" }, { type: "string" }], format: "int-or-string" },
};

/** How many definitions, or operations, are built at a stretch. */
export const STRETCH = 20;

/** The definitions of these object schemas and of all that they refer to, by name. */
export function* buildDefinitions(roots: readonly ObjectShape[], dialect: Dialect): Steps<Record<string, Json>> {
  const { quantity, "int-or-string": intOrString } = namedScalars;
  const definitions: Record<string, Json> = {
    [quantity.name]: { description: quantity.description, ...dialect.quantity },
    [intOrString.name]: { description: intOrString.description, ...dialect.intOrString },
  };
  const pending: (ObjectShape | UnionShape)[] = [...roots];
  let built = 0;
  for (let shape = pending.pop(); shape; shape = pending.pop()) {
    if (shape.name in definitions) continue;
    built += 1;
    if (built % STRETCH === 0) yield;
    if (shape.type === "union") {
      definitions[shape.name] = { description: shape.description };
    } else {
      definitions[shape.name] = renderObject(shape, dialect);
      pending.push(...Object.values(shape.fields).flatMap(({ schema }) => namedIn(schema)));
    }
  }
  return definitions;
}

/** The schemas with a name that a schema refers to directly. What a union may hold, OpenAPI is not told. */
function namedIn(schema: Schema): readonly (ObjectShape | UnionShape)[] {
  switch (schema.type) {
    case "object":
    case "union":
      return [schema];
    case "list":
      return namedIn(schema.items);
    case "map":
      return namedIn(schema.values);
    case "lazy":
      return namedIn(schema.of());
    default:
      return [];
  }
}

function renderObject(shape: ObjectShape, dialect: Dialect): Json {
  const fields = Object.entries(shape.fields).sort(([a], [b]) => (a < b ? -1 : 1));
  const required = fields.filter(([, field]) => field.required).map(([name]) => name);
  return {
    description: shape.description,
    type: "object",
    ...(required.length > 0 && { required }),
    ...(fields.length > 0 && {
      properties: Object.fromEntries(fields.map(([name, field]) => [name, renderField(field, dialect)])),
    }),
    ...(shape.structType === "atomic" && { "x-kubernetes-map-type": "atomic" }),
  };
}

function renderField({ schema, description, strategy, structType, default: value }: Field, dialect: Dialect): Json {
  const name = referenceOf(schema);
  const type = name
    ? dialect.refer(dialect.refPrefix + name, description)
    : { description, ...renderType(schema, dialect) };
  const isSpecialDefault = value !== undefined && !(typeof value === "object" && name);
  return {
    ...type,
    ...(isSpecialDefault && { default: value }),
    ...(strategy && { "x-kubernetes-patch-strategy": strategy }),
    ...(structType && { "x-kubernetes-map-type": structType }),
  };
}

/** The name of a type that has a definition of its own. */
function referenceOf(schema: Schema): string | undefined {
  switch (schema.type) {
    case "object":
    case "union":
      return schema.name;
    case "quantity":
    case "int-or-string":
      return namedScalars[schema.type].name;
    case "lazy":
      return referenceOf(schema.of());
    default:
      return undefined;
  }
}

function renderType(schema: Schema, dialect: Dialect): Json {
  switch (schema.type) {
    case "string":
      return {
        type: "string",
        ...(schema.format && { format: schema.format === "byte" ? "byte" : "date-time" }),
        ...(schema.values && { enum: [...schema.values].sort() }),
      };
    case "integer":
      return { type: "integer", format: schema.format };
    case "number":
      return { type: "number", format: "double" };
    case "boolean":
      return { type: "boolean" };
    case "any":
      return {};
    case "list":
      return { type: "array", items: renderNested(schema.items, dialect), ...renderListRules(schema) };
    case "map":
      return {
        type: "object",
        additionalProperties: renderNested(schema.values, dialect),
        ...(schema.mapType === "atomic" && { "x-kubernetes-map-type": "atomic" }),
      };
    default:
      return renderNested(schema, dialect);
  }
}

function renderNested(schema: Schema, dialect: Dialect): Json {
  const name = referenceOf(schema);
  return name ? { $ref: dialect.refPrefix + name } : renderType(schema, dialect);
}

function renderListRules({ listType, keys, mergeKey, strategy }: ListShape): Json {
  return {
    ...(listType && { "x-kubernetes-list-type": listType }),
    ...(listType === "map" && { "x-kubernetes-list-map-keys": keys }),
    ...(mergeKey && { "x-kubernetes-patch-merge-key": mergeKey }),
    ...(strategy && { "x-kubernetes-patch-strategy": strategy }),
  };
}
