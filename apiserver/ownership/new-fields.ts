// The fields of a new object: what comparing it with an empty one gives, in one quick walk. Every create goes through here.

import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import type { FieldKind, ListKind, MapKind, StructField, StructKind } from "./field-kind.ts";
import { elementsOf } from "./list-elements.ts";
import { type FieldSet, LEAF, nodeOf } from "../../api/schema/field-set.ts";
import { fieldElement, SELF } from "../../api/schema/path-element.ts";
import { Shape } from "./shape.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What `object` has beyond the empty value of its kind. */
export function fieldsOfNew(kind: StructKind, object: object): FieldSet | undefined {
  let shape = Shape.nothing;
  const { fields } = kind;
  for (const name in object) {
    const field = fields.get(name);
    const value = (object as Fields)[name];
    if (!field || value === undefined) continue;
    const below = field.zero === undefined ? addedAt(field, value) : changedFromZero(field, value);
    if (below) shape = shape.with(field.element, below);
  }
  return shape.set;
}

/** The place was there before, with its zero value. */
function changedFromZero({ kind, zero }: StructField, value: unknown): FieldSet | undefined {
  if (kind.isAtomic) return semanticEqual(zero, value) ? undefined : LEAF;
  if (typeof value !== "object" || value === null) return undefined;
  if (kind.type === "struct") return fieldsOfNew(kind, value);
  return kind.type === "list" ? listSet(kind, value, Shape.nothing) : mapSet(kind, value, Shape.nothing);
}

function addedAt({ kind }: StructField, value: unknown): FieldSet | undefined {
  if (kind.isAtomic) return isLeftOut(kind, value) ? undefined : LEAF;
  return isLeftOut(kind, value) ? undefined : added(kind, value);
}

/** Go leaves out empty lists and maps; an empty object can be a choice. */
function isLeftOut({ type }: FieldKind, value: unknown): boolean {
  if (value === null) return true;
  if (type === "list") return Array.isArray(value) && value.length === 0;
  return type === "map" && isEmpty(value as Fields);
}

function isEmpty(value: Fields): boolean {
  for (const _ in value) return false;
  return true;
}

/** Everything from this place on was not there before. */
function added(kind: FieldKind, value: unknown): FieldSet {
  if (kind.isAtomic || typeof value !== "object" || value === null) return LEAF;
  if (kind.type === "struct") return structSet(kind, value as Fields);
  const start = Shape.itself;
  return (kind.type === "map" ? mapSet(kind, value, start) : listSet(kind, value, start)) ?? LEAF;
}

function structSet({ fields }: StructKind, value: Fields): FieldSet {
  let shape = Shape.itself;
  for (const name in value) {
    const field = fields.get(name);
    const part = value[name];
    if (!field || part === undefined) continue;
    const below = addedAt(field, part);
    if (below) shape = shape.with(field.element, below);
  }
  return shape.set ?? LEAF;
}

/** What has more parts than this is like nothing else: shapes would be made for it alone. */
const SHAPED_PARTS_MAX = 500;

function mapSet({ values }: MapKind, value: object, start: Shape): FieldSet | undefined {
  const part = (key: string) => added(values, (value as Fields)[key]);
  let shape = start;
  let count = 0;
  for (const key in value) {
    count += 1;
    if (count > SHAPED_PARTS_MAX) return wideMapSet(start, Object.keys(value), part);
    shape = shape.with(fieldElement(key), part(key));
  }
  return shape.set;
}

function listSet(kind: ListKind, value: object, start: Shape): FieldSet | undefined {
  const part = (items: readonly unknown[]) => (items.length > 1 ? LEAF : added(kind.items, items[0]));
  const elements = elementsOf(kind, value);
  if (elements.size > SHAPED_PARTS_MAX) {
    return wideSet(
      start,
      Array.from(elements, ([element, items]) => [element, part(items)]),
    );
  }
  let shape = start;
  for (const [element, items] of elements) shape = shape.with(element, part(items));
  return shape.set;
}

/** Sorted here: texts alone are sorted far more quickly than pairs. */
function wideMapSet(start: Shape, keys: string[], part: (key: string) => FieldSet): FieldSet | undefined {
  return wideSet(
    start,
    keys.sort().map((key) => [fieldElement(key), part(key)]),
  );
}

const wideSet = (start: Shape, parts: readonly (readonly [string, FieldSet])[]): FieldSet | undefined =>
  nodeOf(start.set ? [[SELF, LEAF], ...parts] : parts);
