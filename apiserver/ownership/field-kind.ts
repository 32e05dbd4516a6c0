// What a schema says about owning fields: which places are one value with one owner, and which have parts that are owned on
// their own. Defaults are Kubernetes': lists are atomic, maps and objects are not, unless the schema says otherwise.

import { renderJson } from "../../lib/json.ts";
import { compileOnce } from "../../api/schema/compile-once.ts";
import type { Field, ListShape, MapShape, ObjectShape, Schema } from "../../api/schema/schema.ts";
import { fieldElement, keyElement, valueElement } from "../../api/schema/path-element.ts";

export type FieldKind = ScalarKind | StructKind | MapKind | ListKind;

export interface ScalarKind {
  readonly type: "scalar";
  readonly isAtomic: true;
  /** What values the place takes; anything unless given. */
  readonly only?: "string" | "numeric" | "boolean";
}

export interface StructKind {
  readonly type: "struct";
  readonly isAtomic: boolean;
  readonly fields: ReadonlyMap<string, StructField>;
}

export interface StructField {
  readonly element: string;
  readonly kind: FieldKind;
  /**
   * What Go has in the place of an absent value: a struct within a struct, and a field without omitempty, is never absent.
   * undefined for fields that can be.
   */
  readonly zero: unknown;
}

export interface MapKind {
  readonly type: "map";
  readonly isAtomic: boolean;
  readonly values: FieldKind;
}

export interface ListKind {
  readonly type: "list";
  readonly isAtomic: boolean;
  readonly items: FieldKind;
  /** The step to an item; throws ElementError for one that cannot be told from others. */
  elementOf(item: unknown): string;
}

/** Why an item of a list has no name of its own. */
export class ElementError extends Error {}

export const kindOf: (schema: Schema) => FieldKind = compileOnce(compileKind);

const SCALAR: ScalarKind = { type: "scalar", isAtomic: true };

function compileKind(schema: Schema): FieldKind {
  switch (schema.type) {
    case "list":
      return new LazyListKind(schema);
    case "map":
      return new LazyMapKind(schema);
    case "object":
      return new LazyStructKind(schema);
    case "lazy":
      return kindOf(schema.of());
    default:
      return scalarKind(schema);
  }
}

function scalarKind(schema: Schema): ScalarKind {
  switch (schema.type) {
    case "string":
      // Times are texts to JSON only: Kubernetes' typed parser takes anything for them.
      return schema.format === "date-time" || schema.format === "micro-time" ? SCALAR : { ...SCALAR, only: "string" };
    case "integer":
    case "number":
      return { ...SCALAR, only: "numeric" };
    case "boolean":
      return { ...SCALAR, only: "boolean" };
    default:
      return SCALAR;
  }
}

/** The parts are looked at when they are first needed, since types contain themselves. */
class LazyStructKind implements StructKind {
  readonly type = "struct";
  readonly isAtomic: boolean;
  readonly #shape: ObjectShape;
  #fields: ReadonlyMap<string, StructField> | undefined;

  constructor(shape: ObjectShape) {
    this.#shape = shape;
    this.isAtomic = shape.structType === "atomic";
  }

  get fields() {
    this.#fields ??= new Map(
      Object.entries(this.#shape.fields).map(([name, field]) => [name, structField(name, field)]),
    );
    return this.#fields;
  }
}

class LazyMapKind implements MapKind {
  readonly type = "map";
  readonly isAtomic: boolean;
  readonly #shape: MapShape;

  constructor(shape: MapShape) {
    this.#shape = shape;
    this.isAtomic = shape.mapType === "atomic";
  }

  get values() {
    return kindOf(this.#shape.values);
  }
}

class LazyListKind implements ListKind {
  readonly type = "list";
  readonly isAtomic: boolean;
  readonly #shape: ListShape;
  #elementOf: ((item: unknown) => string) | undefined;

  constructor(shape: ListShape) {
    this.#shape = shape;
    this.isAtomic = (shape.listType ?? "atomic") === "atomic";
  }

  get items() {
    return kindOf(this.#shape.items);
  }

  get elementOf() {
    this.#elementOf ??= this.#shape.listType === "map" ? keyedElement(this.#shape) : setElement;
    return this.#elementOf;
  }
}

const structField = (name: string, field: Field): StructField => ({
  element: fieldElement(name),
  kind: kindOfField(field),
  zero: zeroOf(field),
});

/** A field may take apart a type that has one owner elsewhere. */
const kindOfField = ({ schema, structType }: Field): FieldKind =>
  structType && schema.type === "object" ? new LazyStructKind({ ...schema, structType }) : kindOf(schema);

const EMPTY = Object.freeze({});
/** Held by value in every Go struct that has them. */
const EMBEDDED = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

function zeroOf({ schema, required, default: preset }: Field): unknown {
  const isEmbedded = schema.type === "object" && (schema.name === EMBEDDED || isEmptyObject(preset));
  if (isEmbedded) return EMPTY;
  if (!required) return undefined;
  return zeroScalar(schema);
}

const isEmptyObject = (value: unknown) =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;

function zeroScalar(schema: Schema): unknown {
  switch (schema.type) {
    case "string":
      return schema.format ? null : "";
    case "integer":
    case "number":
      return 0;
    case "boolean":
      return false;
    case "object":
      return EMPTY;
    case "lazy":
      return zeroScalar(schema.of());
    default:
      return null;
  }
}

function setElement(item: unknown): string {
  if (item === null || item === undefined) {
    throw new ElementError("associative list without keys has an element that's an explicit null");
  }
  if (Array.isArray(item)) throw new ElementError("not supported: associative list with lists as elements");
  if (typeof item === "object") {
    throw new ElementError("associative list without keys has an element that's a map type");
  }
  return valueElement(item);
}

function keyedElement({ keys = [], items }: ListShape): (item: unknown) => string {
  const shape = items.type === "lazy" ? items.of() : items;
  const fields = shape.type === "object" ? shape.fields : {};
  const sorted = [...keys].sort();
  const [first = ""] = sorted;
  const prefix = `k:{${JSON.stringify(first)}:`;
  return (item) => {
    const parts = asItem(item);
    // One key is by far the most common case.
    if (sorted.length === 1) return `${prefix}${renderJson(keyValue(parts, first, fields[first]))}}`;
    return keyElement(sorted.map((key) => [key, keyValue(parts, key, fields[key])]));
  };
}

function asItem(item: unknown): Readonly<Record<string, unknown>> {
  if (item === null || item === undefined) {
    throw new ElementError("associative list with keys may not have a null element");
  }
  if (typeof item !== "object" || Array.isArray(item)) {
    throw new ElementError("associative list with keys may not have non-map elements");
  }
  return item as Readonly<Record<string, unknown>>;
}

function keyValue(item: Readonly<Record<string, unknown>>, key: string, field: Field | undefined): unknown {
  const value = Object.hasOwn(item, key) ? item[key] : undefined;
  if (value !== undefined) return value;
  if (field?.default !== undefined) return field.default;
  const name = JSON.stringify(key);
  throw new ElementError(
    `associative list with keys has an element that omits key field ${name} (and doesn't have default value)`,
  );
}
