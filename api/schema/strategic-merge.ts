// Strategic merge patch: like a JSON merge patch, but lists that the schema says so are merged by their merge key, and
// directives (`$patch`, `$retainKeys`, `$setElementOrder/…`, `$deleteFromPrimitiveList/…`) say what data alone cannot.
// Both the API server and `kctl apply` use it. Never changes what it is given; unchanged parts are shared.

import { setField } from "../../lib/set-field.ts";
import { StatusError } from "../meta/status.ts";
import { type Identity, mergeOrder } from "./merge-order.ts";
import type { Field, ListShape, ObjectShape, Schema } from "./schema.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** The result of applying a patch to an object. Throws StatusError BadRequest for a patch that makes no sense. */
export function applyStrategicMerge(schema: Schema, original: JsonObject, patch: JsonObject): JsonObject {
  return mergeObject(schema, original, patch);
}

export const ORDER_PREFIX = "$setElementOrder/";
export const DELETE_PREFIX = "$deleteFromPrimitiveList/";

/** `schema` is undefined inside values of type `any`, where every list is atomic. */
function mergeObject(schema: Schema | undefined, original: JsonObject, patch: JsonObject): JsonObject {
  switch (patch["$patch"]) {
    case undefined:
    case "merge":
      return mergeFields(schema, retainKeys(original, patch), patch);
    case "replace":
      return mergeFields(schema, {}, patch);
    case "delete":
      return {};
    default:
      throw unknownDirective(patch);
  }
}

function mergeFields(schema: Schema | undefined, original: JsonObject, patch: JsonObject): JsonObject {
  const result: Record<string, unknown> = { ...original };
  for (const [name, deleted] of directives(patch, DELETE_PREFIX)) {
    const gone = new Set(deleted);
    if (Array.isArray(result[name])) result[name] = (result[name] as unknown[]).filter((item) => !gone.has(item));
  }
  for (const key of Object.keys(patch)) {
    if (isDirective(key)) continue;
    if (patch[key] === null) delete result[key];
    else setField(result, key, mergeField(schema, key, { original: ownField(result, key), patch: patch[key] }));
  }
  for (const [name, order] of directives(patch, ORDER_PREFIX)) {
    if (!Array.isArray(result[name])) continue;
    const identify = identityOf(fieldSchema(schema, name)) ?? wholeItem;
    const before = Array.isArray(original[name]) ? (original[name] as unknown[]) : [];
    result[name] = mergeOrder(result[name] as unknown[], { patchOrder: order, serverOrder: before, identify });
  }
  return result;
}

interface FieldChange {
  readonly original: unknown;
  readonly patch: unknown;
}

function mergeField(schema: Schema | undefined, key: string, { original, patch }: FieldChange): unknown {
  // A value that stands for itself, such as a selector, has nothing to do with the one before.
  return strategyOf(schema, key) === "replace" ? patch : mergeValue(fieldSchema(schema, key), original, patch);
}

/** How an object in this field is merged. Lists carry their strategy themselves. */
export function strategyOf(schema: Schema | undefined, key: string): Field["strategy"] {
  const resolved = schema?.type === "lazy" ? schema.of() : schema;
  return resolved?.type === "object" ? fieldOf(resolved, key)?.strategy : undefined;
}

function mergeValue(schema: Schema | undefined, original: unknown, patch: unknown): unknown {
  if (Array.isArray(patch)) return mergeList(schema, Array.isArray(original) ? original : [], patch);
  return isJsonObject(patch) ? mergeObject(schema, isJsonObject(original) ? original : {}, patch) : patch;
}

function mergeList(
  schema: Schema | undefined,
  original: readonly unknown[],
  patch: readonly unknown[],
): readonly unknown[] {
  const identify = identityOf(schema);
  if (!identify || schema?.type !== "list") return patch;
  return mergeKeyOf(schema) === undefined
    ? mergeOrder([...new Set([...original, ...patch])], { patchOrder: patch, serverOrder: original, identify })
    : mergeItems(schema, original, patch);
}

function mergeItems(schema: ListShape, original: readonly unknown[], patch: readonly unknown[]): readonly unknown[] {
  const identify = identityOf(schema) ?? wholeItem;
  const directiveOf = (item: unknown) => (item as JsonObject)["$patch"];
  const changes = patch.filter((item) => directiveOf(item) === undefined);
  const special = patch.filter((item) => directiveOf(item) !== undefined) as JsonObject[];
  special.forEach(checkItemDirective);
  const isReplaced = special.some((item) => directiveOf(item) === "replace");
  const deleted = new Set(special.filter((item) => directiveOf(item) === "delete").map(identify));
  const merged = isReplaced ? [] : original.filter((item) => !deleted.has(identify(item)));
  // Items of one key are rare but allowed; a patch is about the first of them.
  const positions = new Map<string, number>();
  if (!isReplaced) merged.forEach((item, index) => setIfAbsent(positions, identify(item), index));
  for (const item of changes) {
    const position = isReplaced ? merged.length : (positions.get(identify(item)) ?? merged.length);
    const before = merged[position];
    merged[position] = mergeObject(schema.items, isJsonObject(before) ? before : {}, item as JsonObject);
    setIfAbsent(positions, identify(item), position);
  }
  return isReplaced ? merged : mergeOrder(merged, { patchOrder: changes, serverOrder: original, identify });
}

function setIfAbsent<K, V>(map: Map<K, V>, key: K, value: V): void {
  if (!map.has(key)) map.set(key, value);
}

function checkItemDirective(item: JsonObject): void {
  const directive = item["$patch"];
  if (directive === "merge") throw badPatch("merging lists cannot yet be specified in the patch");
  if (directive !== "delete" && directive !== "replace") throw unknownDirective(item);
}

/** Drops the fields that `$retainKeys` does not list: of a union of fields, the one that was chosen before. */
function retainKeys(original: JsonObject, patch: JsonObject): JsonObject {
  const retained = patch["$retainKeys"];
  if (retained === undefined) return original;
  if (!Array.isArray(retained)) throw badPatch("invalid patch format of retainKeys");
  const keys = new Set<unknown>(retained);
  const isStray = (key: string) => !isDirective(key) && patch[key] !== null && !keys.has(key);
  if (Object.keys(patch).some(isStray)) throw badPatch("patch content doesn't match retainKeys list");
  return Object.fromEntries(Object.entries(original).filter(([key]) => keys.has(key)));
}

function isDirective(key: string): boolean {
  return key === "$patch" || key === "$retainKeys" || key.startsWith(ORDER_PREFIX) || key.startsWith(DELETE_PREFIX);
}

/** The lists that directives with this prefix give, by the name of the field they are about. */
function directives(patch: JsonObject, prefix: string): [string, readonly unknown[]][] {
  return Object.keys(patch)
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const list = patch[key];
      if (Array.isArray(list)) return [key.slice(prefix.length), list];
      const subject = prefix === ORDER_PREFIX ? "setElementOrder list" : "primitive list";
      throw badPatch(`invalid patch format of ${subject}`);
    });
}

/** The schema of a field or entry; undefined where the schema does not know. */
export function fieldSchema(schema: Schema | undefined, key: string): Schema | undefined {
  const parent = schema?.type === "lazy" ? schema.of() : schema;
  const field = parent?.type === "object" ? fieldOf(parent, key)?.schema : parent?.type === "map" && parent.values;
  if (!field) return undefined;
  return field.type === "lazy" ? field.of() : field;
}

export function fieldOf({ fields }: ObjectShape, key: string): Field | undefined {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

/** The field that tells items of a merged list from each other; undefined for lists of scalars. */
export function mergeKeyOf(schema: ListShape): string | undefined {
  const items = schema.items.type === "lazy" ? schema.items.of() : schema.items;
  return items.type === "object" ? (schema.mergeKey ?? schema.keys?.[0]) : undefined;
}

export const wholeItem: Identity = (item) => JSON.stringify(item);

/** What tells items of a merged list from each other; undefined for lists that a patch replaces as a whole. */
export function identityOf(schema: Schema | undefined): Identity | undefined {
  if (schema?.type !== "list" || !schema.strategy?.startsWith("merge")) return undefined;
  const mergeKey = mergeKeyOf(schema);
  if (mergeKey === undefined) return wholeItem;
  return (item) => {
    const value = isJsonObject(item) ? ownField(item, mergeKey) : undefined;
    if (value !== undefined) return JSON.stringify(value);
    throw badPatch(`map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`);
  };
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field of the object itself, not of its prototype. */
export function ownField(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

const unknownDirective = (patch: JsonObject): StatusError =>
  badPatch(`unknown patch type: ${JSON.stringify(patch["$patch"])} in map: ${JSON.stringify(patch)}`);
const badPatch = (message: string): StatusError => new StatusError("BadRequest", message);
