// What has changed between two versions of an object, as sets of paths: what was added, what was removed, and which values
// are others now. Kubernetes' rules: whoever changes a field owns it, and nobody owns what is gone.

import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import type { FieldKind, ListKind, MapKind, StructKind } from "./field-kind.ts";
import { differenceInDepth, type FieldSet, LEAF, nodeOf, union } from "./field-set.ts";
import { elementsOf } from "./list-elements.ts";
import { fieldElement, SELF } from "./path-element.ts";

export interface Changes {
  readonly added: FieldSet | undefined;
  readonly modified: FieldSet | undefined;
  readonly removed: FieldSet | undefined;
}

export const NO_CHANGES: Changes = { added: undefined, modified: undefined, removed: undefined };

/** undefined stands for an absent object. Fields that the kind does not know are passed over. */
export function compareFields(kind: FieldKind, before: unknown, after: unknown): Changes {
  const walk = new Comparison();
  walk.compare(kind, before, after);
  return { added: frozen(walk.added), modified: frozen(walk.modified), removed: frozen(walk.removed) };
}

/** What the writer of these changes takes. */
export const takenBy = ({ added, modified }: Changes): FieldSet | undefined => union(modified, added);

export const excluding = ({ added, modified, removed }: Changes, fields: FieldSet | undefined): Changes => ({
  added: differenceInDepth(added, fields),
  modified: differenceInDepth(modified, fields),
  removed: differenceInDepth(removed, fields),
});

/** A set in the making. */
type Tree = Map<string, Tree>;

function frozen(tree: Tree): FieldSet | undefined {
  if (tree.size === 0) return undefined;
  return nodeOf([...tree].map(([element, below]) => [element, frozen(below) ?? LEAF] as const));
}

type Fields = Readonly<Record<string, unknown>>;

class Comparison {
  readonly added: Tree = new Map();
  readonly modified: Tree = new Map();
  readonly removed: Tree = new Map();
  readonly #path: string[] = [];

  compare(kind: FieldKind, before: unknown, after: unknown): void {
    if (before === after) return;
    if (kind.isAtomic || (isEmpty(before) && isEmpty(after))) return this.#compareValues(before, after);
    if (kind.type === "struct") this.#compareStructs(kind, asFields(before), asFields(after));
    else if (kind.type === "map") this.#compareMaps(kind, asFields(before), asFields(after));
    else if (kind.type === "list") this.#compareLists(kind, before, after);
    if (before === undefined) this.#insert(this.added);
    else if (after === undefined) this.#insert(this.removed);
  }

  #compareValues(before: unknown, after: unknown): void {
    if (before === undefined) this.#insert(this.added);
    else if (after === undefined) this.#insert(this.removed);
    else if (!semanticEqual(before, after)) this.#insert(this.modified);
  }

  #compareStructs({ fields }: StructKind, before: Fields | undefined, after: Fields | undefined): void {
    for (const [name, field] of fields) {
      const left = before && partOf(before, name, field);
      const right = after && partOf(after, name, field);
      if (left !== right) this.#compareAt(field.element, field.kind, { left, right });
    }
  }

  #compareMaps({ values }: MapKind, before: Fields = {}, after: Fields = {}): void {
    for (const key of Object.keys(after)) {
      const left = Object.hasOwn(before, key) ? before[key] : undefined;
      this.#compareAt(fieldElement(key), values, { left, right: after[key] });
    }
    for (const key of Object.keys(before)) {
      if (!Object.hasOwn(after, key))
        this.#compareAt(fieldElement(key), values, { left: before[key], right: undefined });
    }
  }

  #compareLists(kind: ListKind, before: unknown, after: unknown): void {
    const lefts = elementsOf(kind, before);
    const rights = elementsOf(kind, after);
    for (const element of new Set([...lefts.keys(), ...rights.keys()])) {
      const [left = [], right = []] = [lefts.get(element), rights.get(element)];
      this.#path.push(element);
      this.#compareItems(kind, left, right);
      this.#path.pop();
    }
  }

  /** Items that share a name are one value; each other item is compared with the one of its name. */
  #compareItems({ items }: ListKind, left: readonly unknown[], right: readonly unknown[]): void {
    if (left.length <= 1 && right.length <= 1) return this.compare(items, left[0], right[0]);
    if (left.length > 1 && right.length > 1) {
      if (!semanticEqual(left, right)) this.#insert(this.modified);
    } else if (left.length > 1) {
      this.compare(items, undefined, right[0]);
      this.#insert(this.removed);
    } else {
      this.compare(items, left[0], undefined);
      this.#insert(this.added);
    }
  }

  #compareAt(
    element: string,
    kind: FieldKind,
    { left, right }: { readonly left: unknown; readonly right: unknown },
  ): void {
    this.#path.push(element);
    this.compare(kind, left, right);
    this.#path.pop();
  }

  /** Adds the place where the walk is. */
  #insert(tree: Tree): void {
    if (this.#path.length === 0) return;
    let node = tree;
    for (const element of this.#path) {
      const next: Tree = node.get(element) ?? new Map<string, Tree>();
      node.set(element, next);
      node = next;
    }
    // A node without children is a member as it is. Children are always inserted first.
    if (node.size > 0) node.set(SELF, new Map<string, Tree>());
  }
}

/** Undefined for what counts as absent: Go leaves out nulls, and empty lists and maps. */
function partOf(
  fields: Fields,
  name: string,
  { kind, zero }: { readonly kind: FieldKind; readonly zero: unknown },
): unknown {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (value === undefined || value === null || (kind.type !== "struct" && kind.type !== "scalar" && isEmpty(value))) {
    return zero;
  }
  return value;
}

const asFields = (value: unknown): Fields | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

function isEmpty(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value === undefined || value === null;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
}
