// Merging an applied configuration into an object, and taking fields out of it again. Nothing that is given is changed;
// what stays as it is is shared.

import { setField } from "../../lib/set-field.ts";
import type { FieldKind, ListKind, MapKind, StructKind } from "./field-kind.ts";
import { kindBelow } from "./applied-fields.ts";
import { type FieldSet, isAt } from "../../api/schema/field-set.ts";
import { elementsOf } from "./list-elements.ts";
import { fieldElement } from "../../api/schema/path-element.ts";

type Fields = Readonly<Record<string, unknown>>;

/** `live` with everything that `applied` mentions; undefined for what neither has. */
export function mergeApplied(kind: FieldKind, live: unknown, applied: unknown): unknown {
  if (applied === undefined || live === applied) return live;
  if (live === undefined || kind.isAtomic || (isEmpty(live) && isEmpty(applied))) return applied;
  switch (kind.type) {
    case "struct":
      return mergeFields(live, applied, (name) => kind.fields.get(name)?.kind);
    case "map":
      return mergeFields(live, applied, () => kind.values);
    case "list":
      return mergeItems(kind, live, applied);
  }
}

function mergeFields(live: unknown, applied: unknown, kindFor: (name: string) => FieldKind | undefined): unknown {
  const merged: Record<string, unknown> = { ...asFields(live) };
  const changes = asFields(applied);
  for (const name of Object.keys(changes)) {
    const before = Object.hasOwn(merged, name) ? merged[name] : undefined;
    const below = kindFor(name);
    setField(merged, name, below ? mergeApplied(below, before, changes[name]) : changes[name]);
  }
  return merged;
}

const mergeItems = (kind: ListKind, live: unknown, applied: unknown): unknown =>
  new ItemMerge(kind, live, applied).run();

/**
 * Items that only the object has stay where they are, between the items that both have; those follow the order of the
 * configuration, as do the new ones.
 */
class ItemMerge {
  readonly #kind: ListKind;
  readonly #live: readonly { readonly item: unknown; readonly name: string }[];
  readonly #present: ReadonlyMap<string, readonly unknown[]>;
  readonly #wanted: ReadonlyMap<string, readonly unknown[]>;
  /** The names that are still to come: of the configuration, and of those that both have. */
  readonly #order: string[];
  readonly #shared: string[];
  readonly #merged: unknown[] = [];
  readonly #done = new Set<string>();
  /** Where in the object's list the merge is. */
  #at = 0;

  constructor(kind: ListKind, live: unknown, applied: unknown) {
    const items = Array.isArray(live) ? (live as readonly unknown[]) : [];
    this.#kind = kind;
    this.#live = items.map((item) => ({ item, name: nameIn(kind, item) }));
    this.#present = elementsOf(kind, live);
    this.#wanted = elementsOf(kind, applied);
    this.#order = [...this.#wanted.keys()];
    this.#shared = this.#order.filter((name) => this.#present.has(name));
  }

  run(): readonly unknown[] {
    while (this.#at < this.#live.length || this.#order.length > 0) this.#step();
    return this.#merged;
  }

  #step(): void {
    const here = this.#live[this.#at];
    if (here && !this.#wanted.has(here.name)) {
      this.#merged.push(here.item);
      this.#at += 1;
      return;
    }
    const isNext = here && here.name === this.#order[0];
    if (here && !isNext && this.#isElsewhere(here.name)) {
      this.#at += 1;
      return;
    }
    if (isNext || (here && this.#done.has(here.name))) this.#at += 1;
    this.#takeNext();
  }

  /** An item that both have, but not the one that is next among those: it comes later, or has come already. */
  #isElsewhere(name: string): boolean {
    return this.#order.length > 0 && this.#shared.length > 0 && this.#shared[0] !== name;
  }

  #takeNext(): void {
    const name = this.#order.shift();
    if (name === undefined) return;
    // Of items that share a name nobody can say which one is meant.
    const before = this.#present.get(name) ?? [];
    const item = mergeApplied(
      this.#kind.items,
      before.length === 1 ? before[0] : undefined,
      this.#wanted.get(name)?.[0],
    );
    this.#merged.push(item);
    this.#done.add(name);
    if (this.#shared[0] === name) this.#shared.shift();
  }
}

const nameIn = (kind: ListKind, item: unknown): string => elementsOf(kind, [item]).keys().next().value ?? "";

/** The value without the members of the set. Lists and maps that become empty are null, so that they count as removed. */
export function removeFields(kind: FieldKind, value: unknown, set: FieldSet | undefined): unknown {
  if (!set || kind.isAtomic || isEmpty(value)) return value;
  switch (kind.type) {
    case "struct":
    case "map":
      return removeFromFields(kind, value, set);
    case "list":
      return removeFromItems(kind, value, set);
  }
}

function removeFromFields(kind: StructKind | MapKind, value: unknown, set: FieldSet): unknown {
  const kept: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(asFields(value))) {
    const element = fieldElement(name);
    if (isAt(set[element])) continue;
    const below = kindBelow(kind, element);
    setField(kept, name, below ? removeFields(below, part, set[element]) : part);
  }
  return isEmpty(kept) ? null : kept;
}

function removeFromItems(kind: ListKind, value: unknown, set: FieldSet): unknown {
  const kept = (value as readonly unknown[])
    .map((item) => ({ item, below: set[nameIn(kind, item)] }))
    .filter(({ below }) => !isAt(below))
    .map(({ item, below }) => removeFields(kind.items, item, below));
  return kept.length > 0 ? kept : null;
}

const asFields = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === "object" && Object.keys(value).length === 0);
