// The example objects of every kind: each is valid, survives being read and written, and together they use every field.

import { expect } from "chai";
import { readExamples, type Example } from "../testing/examples.ts";
import { storedObject } from "../testing/stored-object.ts";
import { builtinResources } from "./index.ts";
import { apiVersionOf } from "./resource.ts";
import { decodeObject } from "./schema/decode.ts";
import { applyDefaults } from "./schema/default.ts";
import type { ObjectShape, Schema } from "./schema/schema.ts";
import { validateObject } from "./schema/validate.ts";

const examples = readExamples();

const decoded = ({ resource, object }: Example) =>
  applyDefaults(resource.schema, decodeObject(resource.schema, object, { fieldValidation: "Strict" }).object);

/** Another version follows the rules of the stored one. */
function stored({ resource, object }: Example) {
  const { conversion } = resource;
  const read = storedObject(resource, { ...object });
  return conversion
    ? { rules: conversion.stored, object: conversion.toStored(read) }
    : { rules: resource, object: read };
}

/** What a client wrote must come back, whatever else has been filled in. */
function expectKept(written: unknown, read: unknown, path: string): void {
  if (typeof written !== "object" || written === null) {
    expect(read, path).to.equal(written);
    return;
  }
  for (const [key, value] of Object.entries(written)) {
    expectKept(value, (read as Record<string, unknown> | undefined)?.[key], `${path}.${key}`);
  }
}

describe("the examples", () => {
  for (const example of examples) {
    const { place, resource, object } = example;

    it(`hold a valid ${resource.kind} at ${place}`, () => {
      const { rules, object: inStore } = stored(example);
      expect(validateObject(rules.schema, inStore)).to.deep.equal([]);
      const created = rules.prepare?.(inStore) ?? inStore;
      expect(rules.validate?.(created) ?? []).to.deep.equal([]);
    });

    it(`come back as they were written, the ${resource.kind} at ${place}`, () => {
      const read = decoded(example);
      expectKept(object, read, resource.kind);
      const again = applyDefaults(
        resource.schema,
        decodeObject(resource.schema, JSON.parse(JSON.stringify(read)), { fieldValidation: "Strict" }).object,
      );
      expect(again).to.deep.equal(read);
    });

    it(`can be converted back and forth, the ${resource.kind} at ${place}`, () => {
      const { conversion } = resource;
      const read = storedObject(resource, { ...object });
      expect(conversion ? conversion.fromStored(conversion.toStored(read)) : read).to.deep.equal(read);
    });
  }

  it("include every kind", () => {
    const shown = new Set(examples.map(({ resource }) => resource));
    const missing = builtinResources.filter((resource) => !shown.has(resource));
    expect(missing.map((resource) => `${apiVersionOf(resource)} ${resource.kind}`)).to.deep.equal([]);
  });

  it("use every field of every type", () => {
    const used = new Set<string>();
    for (const { resource, object } of examples) noteUse(resource.schema, object, used);
    const unused = [...shapes()]
      .filter((shape) => !isServersOwn(shape))
      .flatMap((shape) => Object.keys(shape.fields).map((field) => `${shape.name}.${field}`))
      .filter((field) => !used.has(field) && !isOtherwiseWritten(field));
    expect([...new Set(unused)].sort()).to.deep.equal([]);
  });
});

/**
 * What no example can show: a field that is read in another one, containers that only a subresource takes, and fields of
 * events and endpoint slices that older versions of them had and new objects may not.
 */
const isOtherwiseWritten = (field: string) =>
  /\.core\.v1\.(Secret\.stringData|PodSpec\.ephemeralContainers|EphemeralContainer\..*)$/.test(field) ||
  /\.events\.v1\.Event\.deprecated[A-Za-z]+$/.test(field) ||
  /\.discovery\.v1\.Endpoint\.deprecatedTopology$/.test(field) ||
  UNSUPPORTED.test(field);

/** Fields of JSON schemas that custom resources cannot have. */
const UNSUPPORTED =
  /\.JSONSchemaProps\.(id|\$ref|\$schema|additionalItems|definitions|dependencies|patternProperties)$/;

/** Metadata is the same for all kinds, and what the server fills in is nothing that a client can write. */
const isServersOwn = ({ name }: ObjectShape) =>
  /\.meta\.v1\.(ObjectMeta|ManagedFieldsEntry|OwnerReference)$/.test(name);

function noteUse(schema: Schema, value: unknown, used: Set<string>): void {
  if (typeof value !== "object" || value === null) return;
  for (const [part, partSchema] of partsOf(schema, value)) noteUse(partSchema, part, used);
  if (schema.type !== "object") return;
  for (const [name, field] of Object.entries(schema.fields)) {
    const child = (value as Record<string, unknown>)[name];
    if (child === undefined) continue;
    used.add(`${schema.name}.${name}`);
    noteUse(field.schema, child, used);
  }
}

function partsOf(schema: Schema, value: object): readonly (readonly [unknown, Schema])[] {
  const all = (of: Schema) => Object.values(value).map((part: unknown) => [part, of] as const);
  switch (schema.type) {
    case "lazy":
      return [[value, schema.of()]];
    case "union": {
      const chosen = schema.schemaOf(value);
      return chosen ? [[value, chosen]] : [];
    }
    case "list":
      return all(schema.items);
    case "map":
      return all(schema.values);
    default:
      return [];
  }
}

function* shapes(): Generator<ObjectShape> {
  const seen = new Set<Schema>();
  const waiting: Schema[] = builtinResources.map(({ schema }) => schema);
  for (let schema = waiting.pop(); schema; schema = waiting.pop()) {
    if (seen.has(schema)) continue;
    seen.add(schema);
    if (schema.type === "lazy") waiting.push(schema.of());
    if (schema.type === "list") waiting.push(schema.items);
    if (schema.type === "map") waiting.push(schema.values);
    if (schema.type !== "object") continue;
    yield schema;
    waiting.push(...Object.values(schema.fields).map((field) => field.schema));
  }
}
