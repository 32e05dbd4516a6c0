// What has changed between two versions of an object, as sets of paths: what was added, what was removed, and which values
// are others now. Kubernetes' rules: whoever changes a field owns it, and nobody owns what is gone.

import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import type { FieldKind, ListKind, MapKind, StructField, StructKind } from "./field-kind.ts";
import { differenceInDepth, type FieldSet } from "../../api/schema/field-set.ts";
import { elementsOf } from "./list-elements.ts";
import { fieldElement, SELF } from "../../api/schema/path-element.ts";

export interface Changes {
  /** What was added, or is another value now: its writer takes it from all who had it. */
  readonly taken: FieldSet | undefined;
  readonly removed: FieldSet | undefined;
}

/** undefined stands for an absent object. Fields that the kind does not know are passed over. The sets are not shared ones. */
export function compareFields(kind: FieldKind, before: unknown, after: unknown): Changes {
  const walk = new Comparison();
  walk.compare(kind, before, after);
  return { taken: setIn(walk.taken), removed: setIn(walk.removed) };
}

export const excluding = ({ taken, removed }: Changes, fields: FieldSet | undefined): Changes => ({
  taken: differenceInDepth(taken, fields),
  removed: differenceInDepth(removed, fields),
});

/** A set in the making. */
interface Tree {
  [element: string]: Tree;
}

function setIn(tree: Tree): FieldSet | undefined {
  return hasNone(tree) ? undefined : tree;
}

function hasNone(value: object): boolean {
  for (const _ in value) return false;
  return true;
}

type Fields = Readonly<Record<string, unknown>>;

class Comparison {
  readonly taken: Tree = {};
  readonly removed: Tree = {};
  readonly #path: string[] = [];

  compare(kind: FieldKind, before: unknown, after: unknown): void {
    if (before === after) return;
    if (kind.isAtomic || (isEmpty(before) && isEmpty(after))) return this.#compareValues(before, after);
    if (kind.type === "struct") this.#compareStructs(kind, asFields(before), asFields(after));
    else if (kind.type === "map") this.#compareMaps(kind, asFields(before), asFields(after));
    else if (kind.type === "list") this.#compareLists(kind, before, after);
    if (before === undefined) this.#insert(this.taken);
    else if (after === undefined) this.#insert(this.removed);
  }

  #compareValues(before: unknown, after: unknown): void {
    if (before === undefined) this.#insert(this.taken);
    else if (after === undefined) this.#insert(this.removed);
    else if (!semanticEqual(before, after)) this.#insert(this.taken);
  }

  #compareStructs({ fields }: StructKind, before: Fields | undefined, after: Fields | undefined): void {
    for (const name in after) {
      const field = fields.get(name);
      if (field) this.#compareField(field, before && partOf(before, name, field), partOf(after, name, field));
    }
    for (const name in before) {
      const field = after && name in after ? undefined : fields.get(name);
      if (field) this.#compareField(field, partOf(before, name, field), after && field.zero);
    }
  }

  #compareField({ element, kind }: StructField, left: unknown, right: unknown): void {
    if (left !== right) this.#compareAt(element, kind, { left, right });
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
    // Most lists stay as they are, and naming their items costs more than comparing them.
    if (before !== undefined && after !== undefined && semanticEqual(before, after)) return;
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
      if (!semanticEqual(left, right)) this.#insert(this.taken);
    } else if (left.length > 1) {
      this.compare(items, undefined, right[0]);
      this.#insert(this.removed);
    } else {
      this.compare(items, left[0], undefined);
      this.#insert(this.taken);
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
    for (const element of this.#path) node = node[element] ??= {};
    // A node without children is a member as it is. Children are always inserted first.
    if (!hasNone(node)) node[SELF] = {};
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
  return Array.isArray(value) ? value.length === 0 : hasNone(value);
}
