// Random objects that fit a schema: every type of field, lists without repeated keys, required fields always there.

import fc from "fast-check";
import type { ListShape, ObjectShape, Schema } from "../api/schema/schema.ts";

const SCALARS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  quantity: fc.constantFrom("0", "100m", "1Gi"),
  integer: fc.constantFrom(-1, 0, 1, 80, 70000),
  number: fc.constantFrom(0, 0.5),
  "int-or-string": fc.constantFrom<unknown>(0, 80, "http", "25%"),
  boolean: fc.boolean(),
  any: fc.constantFrom<unknown>("x", { a: 1 }),
  // Whatever forms a union has, an object is one of them.
  union: fc.constantFrom<unknown>({}, { type: "string" }),
};

const FORMATS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  byte: fc.constantFrom("", "YQ=="),
  "date-time": fc.constantFrom("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z"),
  "micro-time": fc.constantFrom("2020-01-01T00:00:00.000000Z", "2021-01-01T00:00:00.000001Z"),
};

const WORD = fc.constantFrom("a", "b", "c", "A b");
const KEY = fc.constantFrom("a", "b", "cpu");

/** Objects below `depth` levels are empty, so that recursive types end. */
export function arbitraryOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case "lazy":
      return arbitraryOf(schema.of(), depth);
    case "string":
      return schema.values ? fc.constantFrom(...schema.values) : ((schema.format && FORMATS[schema.format]) ?? WORD);
    case "list":
      return arbitraryList(schema, depth);
    case "map":
      return fc.dictionary(KEY, arbitraryOf(schema.values, depth - 1), { maxKeys: 2, noNullPrototype: true });
    case "object":
      return arbitraryFields(schema, depth, []);
    default:
      return SCALARS[schema.type] ?? fc.constant(undefined);
  }
}

function arbitraryFields(shape: ObjectShape, depth: number, keys: readonly string[]): fc.Arbitrary<object> {
  const fields = Object.entries(shape.fields).filter(
    ([name, { required }]) => depth > 0 || required || keys.includes(name),
  );
  const model = Object.fromEntries(fields.map(([name, field]) => [name, arbitraryOf(field.schema, depth - 1)]));
  const requiredKeys = fields.filter(([name, { required }]) => required || keys.includes(name)).map(([name]) => name);
  return fc.record(model, { requiredKeys, noNullPrototype: true });
}

/** Items that are told apart by keys have them, and no two have the same. */
function arbitraryList({ items: itemSchema, keys = [], mergeKey, listType }: ListShape, depth: number) {
  const items = itemSchema.type === "lazy" ? itemSchema.of() : itemSchema;
  if (depth <= 0) return fc.constant([]);
  if (items.type !== "object") {
    const values = arbitraryOf(items, depth - 1);
    return listType === "set" ? fc.uniqueArray(values, { maxLength: 3 }) : fc.array(values, { maxLength: 3 });
  }
  const identity = mergeKey === undefined ? keys : [mergeKey];
  const present = [...new Set([...keys, ...identity])];
  const objects = arbitraryFields(items, depth - 1, present);
  if (present.length === 0) return fc.array(objects, { maxLength: 2 });
  const selector = (item: object) => JSON.stringify(identity.map((key) => (item as Record<string, unknown>)[key]));
  return fc.uniqueArray(objects, { maxLength: 2, selector });
}
