// Each part of the engine turns a schema into closures once and keeps them with the schema, for as long as it lives.

import type { Schema } from "./schema.ts";

/** `compile`, remembering its results. Schemas are immutable, so a result never goes stale. */
export function compileOnce<T>(compile: (schema: Schema) => T): (schema: Schema) => T {
  const compiled = new WeakMap<Schema, { readonly result: T }>();
  return (schema) => {
    const known = compiled.get(schema);
    if (known) return known.result;
    const result = compile(schema);
    compiled.set(schema, { result });
    return result;
  };
}
