// The way from client-side apply, which remembers its last configuration in an annotation, to server-side apply: kubectl
// takes over without conflict what it had applied itself, and the annotation is kept true for those who still read it.

import { kindOf } from "./field-kind.ts";
import type { ObjectShape } from "../../api/schema/schema.ts";
import { JsonError } from "../../lib/json-reader.ts";
import { parseJson, renderJson } from "../../lib/json.ts";
import { fieldsOf } from "./applied-fields.ts";
import { findAppliedErrors } from "./check-applied.ts";
import { compareFields } from "./compare-fields.ts";
import { difference, type FieldSet } from "../../api/schema/field-set.ts";

export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
/** The one manager that all this is for. */
export const KUBECTL = "kubectl";
/** Kubernetes' limit for all annotations together. */
const ANNOTATIONS_BYTES_MAX = 256 * 1024;

interface Annotated {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> | null };
}

const annotationsOf = (object: object) => (object as Annotated).metadata?.annotations ?? {};

/** The fields that client-side apply has set and that still have the values that it gave them. */
export function fieldsLastApplied(schema: ObjectShape, live: object): FieldSet | undefined {
  const text = annotationsOf(live)[LAST_APPLIED];
  const last = text ? readConfiguration(text) : undefined;
  const kind = kindOf(schema);
  if (!last || findAppliedErrors(kind, last) !== undefined) return undefined;
  const { taken, removed } = compareFields(kind, last, live);
  return difference(difference(fieldsOf(kind, last), taken), removed);
}

/** undefined for an annotation that somebody has broken: then it allows nothing. */
function readConfiguration(text: string): object | undefined {
  try {
    const { value } = parseJson(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

/** The object with its annotation, if it has one, set to the configuration. */
export function withLastApplied<T extends object>(object: T, config: object): T {
  const annotations = annotationsOf(object);
  if (!annotations[LAST_APPLIED]) return object;
  const next: Record<string, string> = { ...annotations, [LAST_APPLIED]: renderConfiguration(config) };
  const bytes = Object.entries(next).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  if (bytes > ANNOTATIONS_BYTES_MAX) delete next[LAST_APPLIED];
  return { ...object, metadata: { ...(object as Annotated).metadata, annotations: next } };
}

/** Compact JSON with sorted keys and a line's end, without the annotation itself. */
function renderConfiguration(config: object): string {
  const { metadata, ...rest } = config as Annotated;
  const annotations = Object.entries(metadata?.annotations ?? {}).filter(([key]) => key !== LAST_APPLIED);
  const bare = {
    ...rest,
    metadata: { ...metadata, ...(metadata?.annotations && { annotations: Object.fromEntries(annotations) }) },
  };
  return `${renderJson(sortedKeys(bare))}\n`;
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== "object" || value === null) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sortedKeys((value as Readonly<Record<string, unknown>>)[key])]));
}
