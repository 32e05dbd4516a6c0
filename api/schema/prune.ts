// Reading a JSON value as an object of a schema: a fresh tree with known fields only, canonical quantities and times, and no
// nulls. What does not fit is reported in the words of Kubernetes' (Go's) JSON decoder. Never changes the value it reads.

import { setField } from "../../lib/set-field.ts";
import { canonicalQuantity, QuantityError } from "../meta/quantity.ts";
import { compileOnce } from "./compile-once.ts";
import { type PathPart, renderJsonPath, renderStructPath } from "./field-path.ts";
import type { ListShape, MapShape, ObjectShape, Schema, StringShape, UnionShape } from "./schema.ts";
import { canonicalMicroTime, canonicalTime } from "./time-format.ts";

/** A value whose type does not fit. The message is the one of Kubernetes' decoder. */
export class DecodeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "DecodeError";
  }
}

export interface Pruned {
  /** A fresh, mutable tree; parts of type `any` are shared with the value. */
  readonly object: unknown;
  /** `unknown field "spec.foo"` and `duplicate field "spec.bar"`, in the order of the text, at most 100. */
  readonly problems: readonly string[];
}

/**
 * Reads `value` as the schema has it. `duplicates` are the paths of repeated keys that the JSON reader found; those of known
 * fields are reported. Throws DecodeError where a type does not fit.
 */
export function prune(schema: Schema, value: unknown, duplicates: readonly string[] = []): Pruned {
  const walk: Walk = {
    path: [],
    struct: "",
    problems: new Set(),
    duplicates: duplicates.length > 0 ? new Set(duplicates) : undefined,
  };
  const object = readerOf(schema)(value, walk);
  return { object, problems: [...walk.problems] };
}

interface Walk {
  readonly path: PathPart[];
  /** The Go name of the innermost struct. */
  struct: string;
  readonly problems: Set<string>;
  readonly duplicates: ReadonlySet<string> | undefined;
}

/** Returns undefined for a value that counts as absent. */
type Reader = (value: unknown, walk: Walk) => unknown;

const PROBLEMS_MAX = 100;

function report(walk: Walk, problem: "unknown" | "duplicate"): void {
  if (walk.problems.size < PROBLEMS_MAX) walk.problems.add(`${problem} field "${renderJsonPath(walk.path)}"`);
}

function mismatch(value: unknown, goType: string, walk: Walk): DecodeError {
  const field = renderStructPath(walk.path);
  const place = field ? `struct field ${walk.struct}.${field}` : "value";
  return new DecodeError(`json: cannot unmarshal ${describe(value)} into Go ${place} of type ${goType}`);
}

/** The words of Go's JSON decoder; a number that is wrong for an integer field only is given with its digits. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return typeof value === "bigint" ? "number" : typeof value;
}

const readerOf = compileOnce(compileReader);

function compileReader(schema: Schema): Reader {
  switch (schema.type) {
    case "string":
      return stringReader(schema);
    case "integer":
      return integerReader(schema.format);
    case "union":
      return unionReader(schema);
    case "list":
      return listReader(schema);
    case "map":
      return mapReader(schema);
    case "object":
      return objectReader(schema);
    case "lazy":
      return (value, walk) => readerOf(schema.of())(value, walk);
    default:
      return PLAIN_READERS[schema.type];
  }
}

function scalarReader(type: "string" | "number" | "boolean", goType: string): Reader {
  return (value, walk) => {
    if (typeof value !== type) throw mismatch(value, goType, walk);
    return value;
  };
}

function stringReader({ format, values }: StringShape): Reader {
  const read = scalarReader("string", "string");
  if (format === "byte") return readBytes;
  if (format) return timeReader(format === "date-time" ? canonicalTime : canonicalMicroTime);
  if (!values || values.includes("")) return read;
  // Go leaves out empty strings, so an empty one means that no value was chosen.
  return (value, walk) => (value === "" ? undefined : read(value, walk));
}

function timeReader(canonical: (text: string) => string | undefined): Reader {
  return (value, walk) => {
    // Kubernetes' times decode themselves, so the error does not know the field.
    if (typeof value !== "string") throw mismatch(value, "string", { ...walk, path: [] });
    const time = canonical(value);
    if (time !== undefined) return time;
    const text = JSON.stringify(value);
    throw new DecodeError(`parsing time ${text} as "2006-01-02T15:04:05Z07:00": cannot parse ${text} as RFC 3339`);
  };
}

const BASE_64 = /^[A-Za-z0-9+/]*={0,2}$/;

const readBytes: Reader = (value, walk) => {
  if (typeof value !== "string") throw mismatch(value, "[]uint8", walk);
  const text = value.replace(/[\r\n]/g, "");
  if (BASE_64.test(text) && text.length % 4 === 0) return text;
  const wrongAt = text.search(/[^A-Za-z0-9+/]/);
  throw new DecodeError(`illegal base64 data at input byte ${wrongAt < 0 ? text.length : wrongAt}`);
};

const INTEGER_MAX = { int32: 2n ** 31n - 1n, int64: 2n ** 63n - 1n };

function integerReader(format: "int32" | "int64"): Reader {
  const max = INTEGER_MAX[format];
  const safeMax = format === "int32" ? Number(max) : Number.MAX_SAFE_INTEGER;
  return (value, walk) => {
    if (typeof value === "number" && Number.isInteger(value) && value <= safeMax && value >= -safeMax - 1) return value;
    if (typeof value === "bigint" && value <= max && value >= -max - 1n) return value;
    if (typeof value !== "number" && typeof value !== "bigint") throw mismatch(value, format, walk);
    throw new DecodeError(mismatch(value, format, walk).message.replace(" number ", ` number ${value} `));
  };
}

const readQuantity: Reader = (value) => {
  try {
    return canonicalQuantity(typeof value === "string" || typeof value === "bigint" ? value : JSON.stringify(value));
  } catch (error) {
    if (error instanceof QuantityError) throw new DecodeError(error.message);
    throw error;
  }
};

const readInt32 = integerReader("int32");
const readIntOrString: Reader = (value, walk) => (typeof value === "string" ? value : readInt32(value, walk));

/** Kubernetes' types of several forms decode themselves, so errors begin at them and what is unknown in them is not reported. */
function unionReader({ schemaOf, forms }: UnionShape): Reader {
  return (value) => {
    const schema = schemaOf(value);
    if (!schema) throw new DecodeError(`${forms} expected`);
    return readerOf(schema)(value, { path: [], struct: "", problems: new Set(), duplicates: undefined });
  };
}

const PLAIN_READERS: Readonly<Record<"number" | "boolean" | "quantity" | "int-or-string" | "any", Reader>> = {
  number: scalarReader("number", "float64"),
  boolean: scalarReader("boolean", "bool"),
  quantity: readQuantity,
  "int-or-string": readIntOrString,
  any: (value) => value,
};

function listReader({ items }: ListShape): Reader {
  const readItem = readerOf(items);
  const goType = `[]${goTypeOf(items)}`;
  return (value, walk) => {
    if (!Array.isArray(value)) throw mismatch(value, goType, walk);
    const length = value.length;
    const result = new Array<unknown>(length);
    const depth = walk.path.length;
    for (let index = 0; index < length; index += 1) {
      walk.path[depth] = index;
      result[index] = readPresent(readItem, value[index], { items, walk });
    }
    walk.path.length = depth;
    return result;
  };
}

/** Items and entries cannot be left out as fields can: a null one has the zero value of its type, as in Go. */
function readPresent(read: Reader, value: unknown, { items, walk }: { items: Schema; walk: Walk }): unknown {
  const result = value === null || value === undefined ? undefined : read(value, walk);
  return result === undefined ? zeroValueOf(items) : result;
}

function mapReader({ values }: MapShape): Reader {
  const readValue = readerOf(values);
  const goType = `map[string]${goTypeOf(values)}`;
  return (value, walk) => {
    if (!isPlainObject(value)) throw mismatch(value, goType, walk);
    const result: Record<string, unknown> = {};
    const depth = walk.path.length;
    for (const key in value) {
      walk.path[depth] = { key };
      setField(result, key, readPresent(readValue, value[key], { items: values, walk }));
      reportDuplicate(walk);
    }
    walk.path.length = depth;
    return result;
  };
}

function objectReader(shape: ObjectShape): Reader {
  const fields = new Map(Object.entries(shape.fields).map(([name, field]) => [name, readerOf(field.schema)]));
  const goType = goTypeOf(shape);
  const structName = goType.slice(goType.indexOf(".") + 1);
  return (value, walk) => {
    if (!isPlainObject(value)) throw mismatch(value, goType, walk);
    const result: Record<string, unknown> = {};
    const depth = walk.path.length;
    const outerStruct = walk.struct;
    walk.struct = structName;
    for (const key in value) {
      const read = fields.get(key);
      walk.path[depth] = key;
      if (read) {
        const part = value[key];
        const field = part === null || part === undefined ? undefined : read(part, walk);
        if (field !== undefined) result[key] = field;
        reportDuplicate(walk);
      } else {
        report(walk, "unknown");
      }
    }
    walk.path.length = depth;
    walk.struct = outerStruct;
    return result;
  };
}

function reportDuplicate(walk: Walk): void {
  if (walk.duplicates?.has(renderJsonPath(walk.path))) report(walk, "duplicate");
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const ZERO_VALUES = { string: "", boolean: false, quantity: "0", integer: 0, number: 0, "int-or-string": 0 };

function zeroValueOf(schema: Schema): unknown {
  switch (schema.type) {
    case "any":
    case "union":
      return null;
    case "list":
      return [];
    case "map":
    case "object":
      return {};
    case "lazy":
      return zeroValueOf(schema.of());
    default:
      return ZERO_VALUES[schema.type];
  }
}

const GO_TYPES = {
  string: "string",
  integer: "int64",
  number: "float64",
  boolean: "bool",
  quantity: "resource.Quantity",
  "int-or-string": "intstr.IntOrString",
  any: "interface {}",
};

/** The name that Go's errors give the type: `int32`, `[]v1.Container`, `map[string]string`. */
function goTypeOf(schema: Schema): string {
  switch (schema.type) {
    case "string":
      return schema.format === "byte" ? "[]uint8" : schema.format ? "v1.Time" : "string";
    case "integer":
      return schema.format;
    case "list":
      return `[]${goTypeOf(schema.items)}`;
    case "map":
      return `map[string]${goTypeOf(schema.values)}`;
    case "object":
    case "union":
      return schema.name.split(".").slice(-2).join(".");
    case "lazy":
      return goTypeOf(schema.of());
    default:
      return GO_TYPES[schema.type];
  }
}
