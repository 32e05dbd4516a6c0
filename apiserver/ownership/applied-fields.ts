// The fields that an applied configuration mentions: those that its manager owns from then on.

import type { FieldKind, ListKind, MapKind, StructKind } from "./field-kind.ts";
import { type FieldSet, LEAF, nodeOf, type Children } from "../../api/schema/field-set.ts";
import { elementsOf } from "./list-elements.ts";
import { fieldElement, SELF } from "../../api/schema/path-element.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Every leaf, every item of a list or map that has parts, and the fields that are null or empty objects. */
export function fieldsOf(kind: FieldKind, value: unknown): FieldSet | undefined {
  return kind.isAtomic ? undefined : nodeOf(childrenOf(kind, value));
}

/** What is in the set at a field; undefined: nothing. */
function setAt(kind: FieldKind, value: unknown): FieldSet | undefined {
  if (kind.isAtomic || isNothing(value)) return LEAF;
  return nodeOf(childrenOf(kind, value));
}

/** Items of lists and maps are in the set themselves. */
const setAtItem = (kind: FieldKind, value: unknown): FieldSet =>
  kind.isAtomic ? LEAF : (nodeOf([...childrenOf(kind, value), [SELF, LEAF]]) ?? LEAF);

function childrenOf(kind: FieldKind, value: unknown): Children {
  if (typeof value !== "object" || value === null) return [];
  switch (kind.type) {
    case "struct":
      return fieldsOfStruct(kind, value as Fields);
    case "map":
      return entriesOfMap(kind, value as Fields);
    case "list":
      return itemsOfList(kind, value);
    case "scalar":
      return [];
  }
}

function* fieldsOfStruct({ fields }: StructKind, value: Fields): Children {
  for (const name of Object.keys(value)) {
    const field = fields.get(name);
    const below = field && setAt(field.kind, value[name]);
    if (field && below) yield [field.element, below];
  }
}

function* entriesOfMap({ values }: MapKind, value: Fields): Children {
  for (const key of Object.keys(value)) yield [fieldElement(key), setAtItem(values, value[key])];
}

function* itemsOfList(kind: ListKind, value: unknown): Children {
  for (const [element, items] of elementsOf(kind, value)) {
    yield [element, items.length > 1 ? LEAF : setAtItem(kind.items, items[0])];
  }
}

const isNothing = (value: unknown): boolean =>
  value === null || (typeof value === "object" && !Array.isArray(value) && Object.keys(value).length === 0);

/** The set with every field of a struct that has something in the set below it. */
export function withNamedFields(kind: FieldKind, set: FieldSet | undefined): FieldSet | undefined {
  return set && named(kind, set);
}

function named(kind: FieldKind | undefined, set: FieldSet): FieldSet {
  if (set === LEAF) return LEAF;
  const children = Object.entries(set).map(([element, below]) => {
    if (element === SELF) return [element, below] as const;
    const field = kind?.type === "struct" ? kind.fields.get(element.slice(2)) : undefined;
    const deeper = named(kind && kindBelow(kind, element), below);
    if (!field || deeper === LEAF) return [element, deeper] as const;
    return [element, nodeOf(new Map([...Object.entries(deeper), [SELF, LEAF]])) ?? LEAF] as const;
  });
  return nodeOf(new Map(children)) ?? LEAF;
}

/** The kind of what the element names. */
export function kindBelow(kind: FieldKind, element: string): FieldKind | undefined {
  if (kind.type === "struct") return kind.fields.get(element.slice(2))?.kind;
  if (kind.type === "map") return kind.values;
  return kind.type === "list" ? kind.items : undefined;
}
