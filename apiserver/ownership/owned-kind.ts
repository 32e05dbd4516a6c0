// The part of a kind that a writer can own: without what identifies an object and what only the server sets, and without
// what the write cannot change.

import type { ObjectShape } from "../../api/schema/schema.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import { kindOf, type StructField, type StructKind } from "./field-kind.ts";
import { type FieldSet, isAt, setOf } from "../../api/schema/field-set.ts";
import { fieldElement } from "../../api/schema/path-element.ts";
import { resetFields } from "./reset-fields.ts";

const SERVERS_METADATA = [
  "name",
  "namespace",
  "creationTimestamp",
  "selfLink",
  "uid",
  "clusterName",
  "generation",
  "managedFields",
  "resourceVersion",
];

/** What nobody owns: Kubernetes' list. */
export const NEVER_OWNED: FieldSet | undefined = setOf([
  ["f:apiVersion"],
  ["f:kind"],
  ["f:metadata"],
  ...SERVERS_METADATA.map((name) => ["f:metadata", fieldElement(name)]),
]);

export interface OwnedKind {
  /** The whole kind. */
  readonly full: StructKind;
  /** What a write can own at all: the walk for a create or an update looks at nothing else. */
  readonly ownable: StructKind;
  /** What is left out of `ownable` because the write cannot change it. */
  readonly reset: FieldSet | undefined;
}

export type Ownable = Pick<ResourceDefinition, "group" | "plural" | "subresources"> & { readonly schema: ObjectShape };

const known = new WeakMap<ObjectShape, Map<string, OwnedKind>>();

/** How fields of the kind are owned by those who write through the subresource, or the object itself. */
export function ownedKindOf(resource: Ownable, subresource: string | undefined): OwnedKind {
  const bySubresource = known.get(resource.schema) ?? new Map<string, OwnedKind>();
  known.set(resource.schema, bySubresource);
  const before = bySubresource.get(subresource ?? "");
  if (before) return before;
  const full = structKindOf(resource.schema);
  const reset = resetFields(resource, subresource);
  const owned: OwnedKind = { full, ownable: withoutFields(withoutServers(full), reset), reset };
  bySubresource.set(subresource ?? "", owned);
  return owned;
}

/** Top-level kinds are structs of parts; anything else is a mistake of the declaration. */
export function structKindOf(schema: ObjectShape): StructKind {
  const kind = kindOf(schema);
  if (kind.type !== "struct") throw new Error(`${schema.name} is no struct`);
  return kind;
}

function withoutServers(kind: StructKind): StructKind {
  const fields = new Map(kind.fields);
  fields.delete("apiVersion");
  fields.delete("kind");
  const metadata = fields.get("metadata");
  if (metadata?.kind.type === "struct") {
    const owned = [...metadata.kind.fields].filter(([name]) => !SERVERS_METADATA.includes(name));
    fields.set("metadata", { ...metadata, kind: { ...STRUCT, fields: new Map(owned) } });
  }
  return { ...STRUCT, fields };
}

const STRUCT = { type: "struct", isAtomic: false } as const;

function withoutFields(kind: StructKind, set: FieldSet | undefined): StructKind {
  if (!set) return kind;
  const kept = [...kind.fields].flatMap(([name, field]): [string, StructField][] => {
    const below = set[field.element];
    if (!below) return [[name, field]];
    if (isAt(below) || field.kind.type !== "struct") return [];
    return [[name, { ...field, kind: withoutFields(field.kind, below) }]];
  });
  return { ...STRUCT, fields: new Map(kept) };
}
