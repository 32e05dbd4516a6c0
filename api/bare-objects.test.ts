// Objects of which the client sent next to nothing. Whatever is missing is an error for the client, never one of the server.

import { expect } from "chai";
import fc from "fast-check";
import { builtinResources } from "./index.ts";
import { apiVersionOf } from "./resource.ts";
import type { KubeObject } from "./meta/object.ts";
import { applyDefaults } from "./schema/default.ts";
import type { Schema } from "./schema/schema.ts";
import { storedObject } from "../testing/stored-object.ts";

const SCALARS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  string: fc.constantFrom("", "a", "A b", "1970-01-01T00:00:00Z"),
  quantity: fc.constantFrom("0", "100m", "1Gi", "-1"),
  integer: fc.constantFrom(-1, 0, 1, 80, 70000),
  number: fc.constantFrom(0, 0.5),
  "int-or-string": fc.constantFrom<unknown>(0, 80, "http", "25%"),
  boolean: fc.boolean(),
  any: fc.constant({}),
  // Null stands where Go's types of several forms have nothing.
  union: fc.constantFrom<unknown>({}, [], null),
};

/** Objects that fit a schema's types, with any of their fields left out, required or not. */
function arbitraryOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (schema.type === "string" && schema.values) return fc.constantFrom(...schema.values);
  switch (schema.type) {
    case "lazy":
      return arbitraryOf(schema.of(), depth);
    case "list":
      return fc.array(arbitraryOf(schema.items, depth), { maxLength: 2 });
    case "map":
      return fc.dictionary(fc.constantFrom("a", "cpu", "__proto__", "toString"), arbitraryOf(schema.values, depth), {
        maxKeys: 2,
      });
    case "object": {
      if (depth === 0) return fc.constant({});
      const fields = Object.entries(schema.fields).map(([name, field]) => [name, arbitraryOf(field.schema, depth - 1)]);
      return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: [] });
    }
    default:
      return SCALARS[schema.type] ?? fc.constant(undefined);
  }
}

describe("objects of which little is given", () => {
  for (const resource of builtinResources) {
    it(`can be defaulted as ${resource.plural} without any metadata`, () => {
      const object = { apiVersion: apiVersionOf(resource), kind: resource.kind };
      expect(() => applyDefaults(resource.schema, object as unknown as KubeObject)).to.not.throw();
    });

    it(`pass through every rule of ${resource.plural} without an exception`, () => {
      const fields = arbitraryOf(resource.schema, 7) as fc.Arbitrary<Record<string, unknown>>;
      const objects = fields.map(({ metadata, ...rest }) =>
        storedObject(resource, { ...rest, metadata: metadata as object }),
      );
      fc.assert(
        fc.property(objects, objects, (object, old) => {
          const prepared = resource.prepare?.(object, old) ?? object;
          resource.validate?.(prepared, old);
          resource.validate?.(resource.prepare?.(object) ?? object);
          resource.prepareStatus?.(object, old, "1970-01-01T00:00:00Z");
          resource.selectableFields?.(object);
          resource.warnings?.(object);
          for (const column of resource.columns) column.cell(object, 0);
        }),
        { numRuns: 60, seed: 1 },
      );
    });
  }
});
