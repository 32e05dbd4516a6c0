import { expect } from "chai";
import { scale } from "./autoscaling/scale.ts";
import { tokenRequest } from "./authentication/token-request.ts";
import { builtinResources, virtualResources } from "./index.ts";
import type { ObjectShape, Schema } from "./schema/schema.ts";

function* shapesIn(schema: Schema, seen = new Set<Schema>()): Generator<ObjectShape> {
  if (seen.has(schema)) return;
  seen.add(schema);
  if (schema.type === "lazy") yield* shapesIn(schema.of(), seen);
  if (schema.type === "list") yield* shapesIn(schema.items, seen);
  if (schema.type === "map") yield* shapesIn(schema.values, seen);
  if (schema.type !== "object") return;
  yield schema;
  for (const field of Object.values(schema.fields)) yield* shapesIn(field.schema, seen);
}

const roots = [...[...builtinResources, ...virtualResources].map(({ schema }) => schema), scale, tokenRequest];
const shapes = roots.flatMap((schema) => [...shapesIn(schema)]);
const descriptions = shapes.flatMap((shape) => [
  { of: shape.name, description: shape.description },
  ...Object.entries(shape.fields).map(([name, { description }]) => ({ of: `${shape.name}.${name}`, description })),
]);

describe("the descriptions that explain prints", () => {
  it("are there for every type and field", () => {
    expect(descriptions.filter(({ description }) => description === "")).to.deep.equal([]);
  });

  it("are sentences", () => {
    expect(descriptions.filter(({ description }) => !description.endsWith("."))).to.deep.equal([]);
  });

  it("exist for columns too", () => {
    const columns = builtinResources.flatMap((resource) => resource.columns);
    expect(columns.filter(({ description }) => description === "")).to.deep.equal([]);
  });
});
