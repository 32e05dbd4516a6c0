// The way of a request's body to a typed object: unknown fields are ignored, warned about or refused as the client asks,
// wrong types are a BadRequest, and the result is a fresh object in canonical form, ready for defaults and validation.

import { StatusError } from "../meta/status.ts";
import { DecodeError, prune } from "./prune.ts";
import type { Schema } from "./schema.ts";

export interface DecodeOptions {
  /** What happens to unknown and duplicate fields, as in the query parameter of that name. */
  readonly fieldValidation: "Ignore" | "Warn" | "Strict";
  /** The paths of repeated keys, as parseJson reports them. */
  readonly duplicates?: readonly string[];
  /** What was found wrong before, such as in the patch that made the value. It comes first. */
  readonly found?: readonly string[];
}

export interface Decoded<T> {
  /** A fresh, mutable object without defaults. */
  readonly object: T;
  /** Texts for Warning headers. */
  readonly warnings: readonly string[];
}

/** Reads a JSON value as an object of the schema. Throws StatusError BadRequest with Kubernetes' message. */
export function decodeObject<T>(schema: Schema<T>, value: unknown, options: DecodeOptions): Decoded<T> {
  const { object, problems: own } = pruneOrRefuse(schema, value, options.duplicates);
  const problems = options.found ? [...options.found, ...own] : own;
  if (problems.length > 0 && options.fieldValidation === "Strict") {
    throw unacceptable(schema, `strict decoding error: ${problems.join(", ")}`);
  }
  return { object: object as T, warnings: options.fieldValidation === "Warn" ? problems : [] };
}

function pruneOrRefuse(schema: Schema, value: unknown, duplicates: readonly string[] | undefined) {
  try {
    return prune(schema, value, duplicates);
  } catch (error) {
    if (error instanceof DecodeError) throw unacceptable(schema, error.message);
    throw error;
  }
}

function unacceptable(schema: Schema, detail: string): StatusError {
  const [version = "", kind = "object"] = schema.type === "object" ? schema.name.split(".").slice(-2) : [];
  return new StatusError("BadRequest", `${kind} in version "${version}" cannot be handled as a ${kind}: ${detail}`);
}
