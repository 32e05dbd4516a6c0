// The patch that `kubectl apply` sends: it makes the current object what the manifest says, deletes what the previous
// manifest had and this one has not, and leaves alone what others added.

import { deepEqual } from "../../lib/deep-equal.ts";
import { setField } from "../../lib/set-field.ts";
import type { Field, ListShape, Schema } from "./schema.ts";
import {
  DELETE_PREFIX,
  fieldSchema,
  identityOf,
  isJsonObject,
  type JsonObject,
  mergeKeyOf,
  ORDER_PREFIX,
  ownField,
  strategyOf,
  wholeItem,
} from "./strategic-merge.ts";

export interface ThreeWay<T> {
  /** What was applied the last time; undefined if nothing was. */
  readonly original: T | undefined;
  /** What is applied now. */
  readonly modified: T;
  /** What the server has. */
  readonly current: T;
}

/** A strategic merge patch by the schema of a built-in kind; `{}` if nothing is to be done. */
export function planStrategicPatch(schema: Schema, objects: ThreeWay<JsonObject>): JsonObject {
  return planObject(schema, objects);
}

/** A JSON merge patch (RFC 7386), for kinds whose schema has no merge keys: custom resources. */
export function planMergePatch(objects: ThreeWay<JsonObject>): JsonObject {
  return planObject(undefined, objects);
}

type Patch = Record<string, unknown>;

function planObject(
  schema: Schema | undefined,
  { original = {}, modified, current }: ThreeWay<JsonObject>,
): JsonObject {
  const patch: Patch = {};
  for (const key of Object.keys(modified)) {
    const field = { schema: fieldSchema(schema, key), strategy: strategyOf(schema, key), key };
    const values = {
      original: ownField(original, key),
      modified: modified[key],
      current: ownField(current, key),
    };
    planField(patch, field, values);
  }
  for (const key of Object.keys(original)) {
    if (!Object.hasOwn(modified, key) && Object.hasOwn(current, key)) setField(patch, key, null);
  }
  return patch;
}

interface FieldPlace {
  readonly key: string;
  readonly schema: Schema | undefined;
  readonly strategy: Field["strategy"];
}

function planField(patch: Patch, { key, schema, strategy }: FieldPlace, values: ThreeWay<unknown>): void {
  const { original, modified, current } = values;
  if (strategy !== "replace" && isJsonObject(modified) && isJsonObject(current)) {
    const nested = { original: isJsonObject(original) ? original : undefined, modified, current };
    const part = withRetainedKeys(strategy, planObject(schema, nested), modified);
    if (Object.keys(part).length > 0) setField(patch, key, part);
  } else if (Array.isArray(modified) && Array.isArray(current) && identityOf(schema)) {
    planList(patch, key, {
      schema: schema as ListShape,
      original: Array.isArray(original) ? original : [],
      modified,
      current,
    });
  } else {
    planWhole(patch, key, values);
  }
}

function planWhole(patch: Patch, key: string, { modified, current }: ThreeWay<unknown>): void {
  if (!deepEqual(modified, current) && !(modified === null && current === undefined)) setField(patch, key, modified);
}

/** Of a union of fields only those in the manifest stay, also where the server's default chose another. */
function withRetainedKeys(strategy: Field["strategy"], patch: JsonObject, modified: JsonObject): JsonObject {
  if (!strategy?.includes("retainKeys") || Object.keys(patch).length === 0) return patch;
  const kept = Object.entries(patch).filter(([, value]) => value !== null);
  return { $retainKeys: Object.keys(modified).sort(), ...Object.fromEntries(kept) };
}

interface Lists {
  readonly schema: ListShape;
  readonly original: readonly unknown[];
  readonly modified: readonly unknown[];
  readonly current: readonly unknown[];
}

function planList(patch: Patch, key: string, lists: Lists): void {
  const mergeKey = mergeKeyOf(lists.schema);
  if (mergeKey === undefined) planScalars(patch, key, lists);
  else if (isAmbiguous(lists)) planReplacement(patch, key, lists);
  else planItems(patch, key, { ...lists, mergeKey });
}

/** The merge key does not tell all items apart (two protocols on one port): no patch by key can be right. */
function isAmbiguous({ schema, modified, current }: Lists): boolean {
  const identify = identityOf(schema) ?? wholeItem;
  return [modified, current].some((list) => new Set(list.map(identify)).size < list.length);
}

function planReplacement(patch: Patch, key: string, { modified, current }: Lists): void {
  if (!deepEqual(modified, current)) setField(patch, key, [...modified, { $patch: "replace" }]);
}

function planScalars(patch: Patch, key: string, { original, modified, current }: Lists): void {
  const [wanted, existing] = [new Set(modified), new Set(current)];
  const added = modified.filter((item) => !existing.has(item));
  const deleted = original.filter((item) => !wanted.has(item) && existing.has(item));
  const inOrder = current.filter((item) => wanted.has(item));
  if (added.length > 0) setField(patch, key, added);
  if (deleted.length > 0) patch[`${DELETE_PREFIX}${key}`] = deleted;
  if (added.length + deleted.length > 0 || !deepEqual(inOrder, modified)) patch[`${ORDER_PREFIX}${key}`] = modified;
}

function planItems(patch: Patch, key: string, lists: Lists & { readonly mergeKey: string }): void {
  const { schema, original, modified, current, mergeKey } = lists;
  const identify = identityOf(schema) ?? wholeItem;
  const byIdentity = (items: readonly unknown[]) => new Map(items.map((item) => [identify(item), item as JsonObject]));
  const [before, wanted, existing] = [byIdentity(original), byIdentity(modified), byIdentity(current)];
  const keyOf = (item: JsonObject): JsonObject => ({ [mergeKey]: item[mergeKey] });
  const changes = [...wanted].flatMap(([identity, item]) => {
    const now = existing.get(identity);
    if (!now) return [item];
    const change = planObject(schema.items, { original: before.get(identity), modified: item, current: now });
    const isChange = Object.keys(change).length > 0;
    return isChange ? [{ ...withRetainedKeys(schema.strategy, change, item), ...keyOf(item) }] : [];
  });
  const deletions = [...before]
    .filter(([identity]) => !wanted.has(identity) && existing.has(identity))
    .map(([, item]) => ({ $patch: "delete", ...keyOf(item) }));
  const inOrder = [...existing.keys()].filter((identity) => wanted.has(identity));
  const isChanged = changes.length + deletions.length > 0;
  if (isChanged) setField(patch, key, [...changes, ...deletions]);
  if (isChanged || !deepEqual(inOrder, [...wanted.keys()])) {
    patch[`${ORDER_PREFIX}${key}`] = modified.map((item) => keyOf(item as JsonObject));
  }
}
