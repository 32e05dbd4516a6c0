// Filling in defaults, as Kubernetes' SetDefaults functions do: static ones first, from the outside in, then each type's
// `complete` hook, from the inside out. Works in place on an object that nobody else sees yet.

import { compileOnce } from "./compile-once.ts";
import type { Field, ObjectShape, Schema } from "./schema.ts";

type Draft = Record<string, unknown>;
type Defaulter = (draft: unknown) => void;

/** Fills in the defaults of a decoded object in place, and returns it. Running it again changes nothing. */
export function applyDefaults<T>(schema: Schema<T>, object: T): T {
  rootDefaulterOf(schema)?.(object);
  return object;
}

/**
 * A status is written by controllers and not validated. Go gives its required fields their zero values where a client left
 * them out, so that readers may rely on them; so does this.
 */
const rootDefaulterOf = compileOnce((schema) =>
  schema.type === "object"
    ? objectDefaulter(schema, (name) => (name === "status" ? statusDefaulterOf : defaulterOf))
    : defaulterOf(schema),
);
const defaulterOf: Compile = compileOnce((schema) => compileDefaulter(schema, () => defaulterOf));
const statusDefaulterOf: Compile = compileOnce((schema) => compileDefaulter(schema, () => statusDefaulterOf));

type Compile = (schema: Schema) => Defaulter | undefined;
type CompileField = (name: string) => Compile;

/** Undefined where nothing in the schema has a default, so that the walk skips it. */
function compileDefaulter(schema: Schema, compileField: CompileField): Defaulter | undefined {
  const compile = compileField("");
  switch (schema.type) {
    case "list":
      return eachItem(compile(schema.items));
    case "map":
      return eachEntry(compile(schema.values));
    case "object":
      return objectDefaulter(schema, compileField);
    case "lazy":
      return (draft) => compile(schema.of())?.(draft);
    case "union":
      return (draft) => {
        const chosen = schema.schemaOf(draft);
        if (chosen) compile(chosen)?.(draft);
      };
    default:
      return undefined;
  }
}

function eachItem(fill: Defaulter | undefined): Defaulter | undefined {
  return fill && ((draft) => (draft as unknown[]).forEach((item) => fill(item)));
}

function eachEntry(fill: Defaulter | undefined): Defaulter | undefined {
  return fill && ((draft) => Object.values(draft as Draft).forEach((entry) => fill(entry)));
}

interface FieldDefault {
  readonly name: string;
  readonly isEmpty: (value: unknown) => boolean;
  /** A fresh copy of the default. */
  readonly create: (() => unknown) | undefined;
  readonly fill: Defaulter | undefined;
}

function objectDefaulter(shape: ObjectShape, compileField: CompileField): Defaulter | undefined {
  const fields = Object.entries(shape.fields)
    .map(([name, field]) => fieldDefault(name, field, compileField))
    .filter(({ create, fill }) => create ?? fill);
  const complete = shape.complete as ((draft: Draft) => void) | undefined;
  if (fields.length === 0) return complete as Defaulter | undefined;
  return (value) => {
    const draft = value as Draft;
    for (const { name, create, fill, isEmpty } of fields) {
      if (create && isEmpty(draft[name])) draft[name] = create();
      if (fill && draft[name] !== undefined) fill(draft[name]);
    }
    complete?.(draft);
  };
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null;
const isAbsentOrBlank = (value: unknown): boolean => isAbsent(value) || value === "";

function fieldDefault(name: string, field: Field, compileField: CompileField): FieldDefault {
  const compile = compileField(name);
  const inStatus = field.required && compile === statusDefaulterOf ? zeroScalarOf(field.schema) : undefined;
  return {
    name,
    isEmpty: typeof field.default === "string" ? isAbsentOrBlank : isAbsent,
    create: creatorOf(field.default ?? field.zero ?? inStatus),
    fill: compile(field.schema),
  };
}

function creatorOf(value: unknown): (() => unknown) | undefined {
  if (value === undefined) return undefined;
  return typeof value === "object" ? () => structuredClone(value) : () => value;
}

/** Numbers and truth values have their zeros everywhere. */
const zeroScalarOf = (schema: Schema): string | undefined =>
  schema.type === "string" && !schema.format ? "" : undefined;
