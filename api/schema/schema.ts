// The schema vocabulary: one value describes a type of the API. The TypeScript type is inferred from it, and the engine
// beside this file reads the same value to default, prune, validate, merge, explain and publish objects.
// Schemas are plain, immutable data: building one has no side effects and registers nothing.

declare const inferred: unique symbol;

/** A schema whose objects have type T. T exists for the compiler only; at run time a schema is its shape. */
export type Schema<T = unknown> = SchemaShape & { readonly [inferred]?: T };
export type ObjectSchema<T = unknown> = ObjectShape & { readonly [inferred]?: T };

/** The TypeScript type that a schema describes. Everything in it is readonly: API objects are never changed in place. */
export type Infer<S> = S extends { readonly [inferred]?: infer T } ? Exclude<T, undefined> : never;

export type SchemaShape =
  | StringShape
  | IntegerShape
  | { readonly type: "number" }
  | { readonly type: "boolean" }
  | { readonly type: "quantity" }
  | { readonly type: "int-or-string" }
  | { readonly type: "any" }
  | UnionShape
  | ListShape
  | MapShape
  | ObjectShape
  | { readonly type: "lazy"; readonly of: () => Schema };

export interface StringShape {
  readonly type: "string";
  /** `byte` is base64; `date-time` is RFC 3339 with seconds; `micro-time` has six decimals. */
  readonly format?: "byte" | "date-time" | "micro-time";
  /** The only values allowed; the engine refuses others with FieldValueNotSupported. */
  readonly values?: readonly string[];
}

export interface IntegerShape {
  readonly type: "integer";
  readonly format: "int32" | "int64";
}

/** A type whose values take several forms in JSON: a schema or a list of schemas, say. */
export interface UnionShape {
  readonly type: "union";
  /** The OpenAPI name. */
  readonly name: string;
  readonly description: string;
  /** The forms in words, for the error where a value has none of them. */
  readonly forms: string;
  /** The schema that a value is read by, undefined where it has none of the forms. */
  readonly schemaOf: (value: unknown) => Schema | undefined;
  /** In protobuf, the message that has a field for each form. Without one the value is JSON there too. */
  readonly message?: {
    readonly of: () => ObjectShape;
    readonly toJson: (message: Readonly<Record<string, unknown>>) => unknown;
  };
}

export interface ListShape {
  readonly type: "list";
  readonly items: Schema;
  /** How server-side apply merges the list. Kubernetes' default is atomic. */
  readonly listType?: "atomic" | "set" | "map";
  /** The keys of a `map` list. */
  readonly keys?: readonly string[];
  /** Strategic merge patch merges items by this key; absent with strategy "merge" means a list of scalars. */
  readonly mergeKey?: string;
  readonly strategy?: PatchStrategy;
}

export type PatchStrategy = "replace" | "merge" | "merge,retainKeys" | "retainKeys";

export interface MapShape {
  readonly type: "map";
  readonly values: Schema;
  readonly mapType?: "atomic" | "granular";
}

export interface ObjectShape {
  readonly type: "object";
  /** The OpenAPI name, such as `io.k8s.api.core.v1.Container`. */
  readonly name: string;
  readonly description: string;
  readonly fields: Readonly<Record<string, Field>>;
  readonly structType?: "atomic" | "granular";
  /** Fills in defaults that depend on other fields. Works on the draft in place, after the children's defaults. */
  readonly complete?: (draft: never) => void;
}

export interface Field {
  /** The field's number in Kubernetes' protobuf encoding. */
  readonly proto: number;
  readonly schema: Schema;
  readonly required: boolean;
  /** A JSON value, put in where the field is absent. */
  readonly default?: unknown;
  /** What Go has in a field that it never leaves out, where nothing was given; it is no default that clients are told of. */
  readonly zero?: number | boolean | string;
  /** Clients are told that the field is required, yet objects without it are taken. */
  readonly isLenient?: boolean;
  readonly description: string;
  /** The number of the nested protobuf message that holds this field, where Go embeds a struct that JSON flattens. */
  readonly nestedIn?: number;
  /** Strategic merge patch: how an object-valued field is merged. Lists carry theirs in the list's schema. */
  readonly strategy?: PatchStrategy;
  /** Server-side apply takes this field apart although its type is atomic. */
  readonly structType?: "granular";
}

interface TypedField<T, Required extends boolean> extends Field {
  readonly required: Required;
  readonly [inferred]?: T;
}

type FieldType<F> = F extends { readonly [inferred]?: infer T } ? Exclude<T, undefined> : never;
type RequiredNames<F> = { [K in keyof F]: F[K] extends { readonly required: true } ? K : never }[keyof F];
export type InferFields<F> = { readonly [K in RequiredNames<F>]: FieldType<F[K]> } & {
  readonly [K in Exclude<keyof F, RequiredNames<F>>]?: FieldType<F[K]>;
};

export const string = (): Schema<string> => ({ type: "string" });
/** A string that takes one of these values only. */
export const oneOf = <const V extends string>(...values: V[]): Schema<V> => ({ type: "string", values });
/** Base64 text. */
export const bytes = (): Schema<string> => ({ type: "string", format: "byte" });
/** RFC 3339, whole seconds, UTC: `2006-01-02T15:04:05Z`. */
export const time = (): Schema<string> => ({ type: "string", format: "date-time" });
/** RFC 3339 with six decimals: `2006-01-02T15:04:05.000000Z`. */
export const microTime = (): Schema<string> => ({ type: "string", format: "micro-time" });
export const int32 = (): Schema<number> => ({ type: "integer", format: "int32" });
/** Values above 2^53 arrive as bigint from the JSON reader, so that nothing is rounded. */
export const int64 = (): Schema<number> => ({ type: "integer", format: "int64" });
export const number = (): Schema<number> => ({ type: "number" });
export const boolean = (): Schema<boolean> => ({ type: "boolean" });
/** A resource quantity such as `100m` or `1Gi`; see api/meta/quantity.ts. Numbers are accepted and become strings. */
export const quantity = (): Schema<string> => ({ type: "quantity" });
/** A port or a percentage: 8080, "http", "25%". */
export const intOrString = (): Schema<number | string> => ({ type: "int-or-string" });
/** Any JSON value, kept as it is. */
export const any = (): Schema<unknown> => ({ type: "any" });
/** A value of one of several forms, read by the schema of the one that it has. */
export const union = <T>(shape: Omit<UnionShape, "type">): Schema<T> => ({ type: "union", ...shape });
/** Breaks a cycle between types. */
export const lazy = <T>(of: () => Schema<T>): Schema<T> => ({ type: "lazy", of });

type ListOptions = Omit<ListShape, "type" | "items">;

export const list = <T>(items: Schema<T>, options: ListOptions = {}): Schema<readonly T[]> => ({
  type: "list",
  items,
  ...options,
});
/** A list whose items are told apart by `keys`; strategic merge patch uses `mergeKey`, the first key unless given. */
export const listMap = <T>(
  items: Schema<T>,
  keys: readonly string[],
  options: Pick<ListOptions, "mergeKey" | "strategy"> = {},
): Schema<readonly T[]> => ({ type: "list", items, listType: "map", keys, ...options });
/** A list of distinct scalars. */
export const set = <T>(items: Schema<T>, options: Pick<ListOptions, "strategy"> = {}): Schema<readonly T[]> => ({
  type: "list",
  items,
  listType: "set",
  ...options,
});
export const map = <T>(
  values: Schema<T>,
  options: Pick<MapShape, "mapType"> = {},
): Schema<Readonly<Record<string, T>>> => ({ type: "map", values, ...options });

export const optional = <T>(proto: number, schema: Schema<T>, description: string): TypedField<T, false> => ({
  proto,
  schema,
  required: false,
  description,
});
/** Numbers and truth values that were not given are zeros, as in Go; the rules of the kind say whether that will do. */
export const required = <T>(proto: number, schema: Schema<T>, description: string): TypedField<T, true> => {
  const zero = zeroOf(schema);
  return { proto, schema, required: true, description, ...(zero !== undefined && { zero }) };
};

function zeroOf({ type }: SchemaShape): number | boolean | string | undefined {
  if (type === "quantity") return "0";
  if (type === "boolean") return false;
  return type === "integer" || type === "number" || type === "int-or-string" ? 0 : undefined;
}

/** Objects may come without the field although OpenAPI lists it as required. */
export const lenient = <T>(field: TypedField<T, true>): TypedField<T, true> => ({
  ...field,
  isLenient: true,
  ...(field.schema.type === "string" && { zero: "" }),
});
/**
 * A struct that Go never leaves out: absent, it becomes `{}` with its own defaults, so code may rely on it.
 * OpenAPI does not list it as required.
 */
export const present = <T>(proto: number, schema: Schema<T>, description: string) =>
  ({ proto, schema, required: false, default: {}, description }) as unknown as TypedField<T, true>;

/** As present, where OpenAPI lists the field as required although Go never misses it. */
export const presentRequired = <T>(proto: number, schema: Schema<T>, description: string): TypedField<T, true> => ({
  ...required(proto, schema, description),
  default: {},
});

/** The server fills the field in. Clients may read objects of older servers, so the type stays optional. */
export const byDefault = <T>(value: NoInfer<T>, field: TypedField<T, false>): TypedField<T, false> => ({
  ...field,
  default: value,
});
/** Strategic merge patch treats the object-valued field so; lists carry their strategy themselves. */
export const merged = <T, R extends boolean>(strategy: PatchStrategy, field: TypedField<T, R>): TypedField<T, R> => ({
  ...field,
  strategy,
});

/** Server-side apply knows an owner for each field of this object, although its type has one owner elsewhere. */
export const granular = <T, R extends boolean>(field: TypedField<T, R>): TypedField<T, R> => ({
  ...field,
  structType: "granular",
});

export const object = <const F extends Readonly<Record<string, Field>>>(
  name: string,
  description: string,
  fields: F,
): ObjectSchema<InferFields<F>> & { readonly fields: F } => ({ type: "object", name, description, fields }) as never;

/** Server-side apply treats the object as one value with one owner. */
export const atomic = <S extends ObjectShape>(schema: S): S => ({ ...schema, structType: "atomic" });

/** Adds defaults that depend on other fields; see ObjectShape.complete. */
export const completed = <S extends ObjectShape>(schema: S, complete: (draft: Draft<Infer<S>>) => void): S => ({
  ...schema,
  complete,
});

/** The fields of an embedded Go struct: flat in JSON, a message of its own with this number in protobuf. */
export function inlined<const F extends Readonly<Record<string, Field>>>(proto: number, of: { readonly fields: F }): F {
  return Object.fromEntries(
    Object.entries(of.fields).map(([name, field]) => [name, { ...field, nestedIn: proto }]),
  ) as unknown as F;
}

/** The same type without readonly: for code that builds an object or fills in defaults. */
export type Draft<T> = T extends readonly (infer I)[]
  ? Draft<I>[]
  : T extends object
    ? { -readonly [K in keyof T]: Draft<T[K]> }
    : T;
