// Sets of paths into an object, in the very form in which managedFields holds them (FieldsV1): a tree whose keys are path
// elements. `{}` is a place that belongs to the set, with nothing below it; a place that belongs to it and has others below
// has the key "."; any other node is only on the way. undefined is the empty set.
// Sets are immutable. Those that are made here are shared: equal sets are nearly always the same object, with its text kept.

import { compareElements, isElement, SELF } from "./path-element.ts";

export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** A place with nothing below it. */
export const LEAF: FieldSet = Object.freeze({});

const texts = new WeakMap<FieldSet, string>([[LEAF, "{}"]]);
/** Shared sets by their text. Forgotten, all at once, beyond the bound: clients choose names, and so could fill it. */
const SHARED_MAX = 20_000;
const shared = new Map<string, FieldSet>();

/** What has more children is like nothing else, and writing its text down takes long. */
const SHARED_CHILDREN_MAX = 500;

/** The set as JSON; kept with it. */
export function textOf(set: FieldSet): string {
  const known = texts.get(set);
  if (known !== undefined) return known;
  const text = JSON.stringify(set);
  if (Object.isFrozen(set)) texts.set(set, text);
  return text;
}

type Child = readonly [element: string, below: FieldSet];

export type Children = Iterable<Child>;

/** The node with these children, sorted, frozen and, but for the largest, shared; undefined where there are none. */
export function nodeOf(children: Children): FieldSet | undefined {
  const sorted = sortChildren([...children]);
  if (sorted.length === 0) return undefined;
  if (sorted.length === 1 && sorted[0]?.[0] === SELF) return LEAF;
  if (sorted.length > SHARED_CHILDREN_MAX) return Object.freeze(Object.fromEntries(sorted));
  const text = `{${sorted.map(([element, below]) => `${JSON.stringify(element)}:${textOf(below)}`).join(",")}}`;
  const known = shared.get(text);
  if (known) return known;
  const node: FieldSet = Object.freeze(Object.fromEntries(sorted));
  if (shared.size >= SHARED_MAX) shared.clear();
  shared.set(text, node);
  texts.set(node, text);
  return node;
}

/** Most come in order. */
function sortChildren(children: Child[]): readonly Child[] {
  const isSorted = children.every(([element], index) => {
    const before = children[index - 1];
    return !before || compareElements(before[0], element) <= 0;
  });
  return isSorted ? children : children.sort(([a], [b]) => compareElements(a, b));
}

function hasNothingBelow(node: FieldSet): boolean {
  for (const _ in node) return false;
  return true;
}

const isMember = (node: FieldSet): boolean => SELF in node || hasNothingBelow(node);

/** The children, with the place itself said out loud. */
function childrenOf(node: FieldSet): Map<string, FieldSet> {
  const children = new Map(Object.entries(node));
  return children.size === 0 ? children.set(SELF, LEAF) : children;
}

/** What is in either. The first set itself, where the second adds nothing. */
export function union(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a && b) return a === b ? a : unite(a, b);
  return a ?? (b && shareAll(b));
}

function unite(a: FieldSet, b: FieldSet): FieldSet {
  let changed = isMember(b) && !isMember(a) ? childrenOf(a).set(SELF, LEAF) : undefined;
  for (const element in b) {
    if (element === SELF) continue;
    const before = a[element];
    const after = union(before, b[element]);
    if (after !== before && after) (changed ??= childrenOf(a)).set(element, after);
  }
  return (changed && nodeOf(changed)) ?? a;
}

/** A shared set equal to one that somebody else has made. */
export function shareAll(node: FieldSet): FieldSet {
  if (texts.has(node)) return node;
  if (hasNothingBelow(node)) return LEAF;
  return nodeOf(Object.entries(node).map(([element, below]) => [element, shareAll(below)] as const)) ?? LEAF;
}

/** The same for a set as this module writes it: quicker where it has been seen before. */
export const shareByText = (node: FieldSet): FieldSet => shared.get(JSON.stringify(node)) ?? shareAll(node);

type Subtract = (a: FieldSet, b: FieldSet) => FieldSet | undefined;

function subtract(a: FieldSet, b: FieldSet, below: Subtract): FieldSet | undefined {
  let changed: Map<string, FieldSet> | undefined;
  if (isMember(b) && isMember(a)) {
    changed = childrenOf(a);
    changed.delete(SELF);
  }
  for (const element in b) {
    const [before, other] = [a[element], b[element]];
    if (element === SELF || !before || !other) continue;
    const after = below(before, other);
    if (after === before) continue;
    changed ??= childrenOf(a);
    if (after) changed.set(element, after);
    else changed.delete(element);
  }
  return changed ? nodeOf(changed) : a;
}

/** What is in the first set only. The first set itself, where nothing of it goes. */
export function difference(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  return a && b ? subtract(a, b, difference) : a;
}

/** As difference; what lies below a member of the second set goes as well. */
export function differenceInDepth(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  return a && b
    ? subtract(a, b, (before, other) => (isMember(other) ? undefined : differenceInDepth(before, other)))
    : a;
}

/** What is in both. */
export function intersection(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (!a || !b) return undefined;
  const children = new Map<string, FieldSet>();
  if (isMember(a) && isMember(b)) children.set(SELF, LEAF);
  for (const element in b) {
    if (element === SELF) continue;
    const both = intersection(a[element], b[element]);
    if (both) children.set(element, both);
  }
  return nodeOf(children);
}

/** Whether the place at the end of the path belongs to the set. */
export function has(set: FieldSet | undefined, path: readonly string[]): boolean {
  let node = set;
  for (const element of path) node = node?.[element];
  return node !== undefined && isMember(node);
}

export const isAt = (node: FieldSet | undefined): boolean => node !== undefined && isMember(node);

/** The paths of all members, in order: each place before what lies below it. */
export function pathsOf(set: FieldSet | undefined): readonly (readonly string[])[] {
  const paths: (readonly string[])[] = [];
  const visit = (node: FieldSet, path: readonly string[]) => {
    if (path.length > 0 && isMember(node)) paths.push(path);
    const elements = Object.keys(node).filter((element) => element !== SELF);
    for (const element of elements.sort(compareElements)) visit(node[element] ?? LEAF, [...path, element]);
  };
  if (set) visit(set, []);
  return paths;
}

/** The set of these paths. */
export const setOf = (paths: readonly (readonly string[])[]): FieldSet | undefined =>
  paths.reduce<FieldSet | undefined>((set, path) => union(set, pathSet(path)), undefined);

const pathSet = (path: readonly string[]): FieldSet =>
  path.reduceRight<FieldSet>((below, element) => nodeOf([[element, below]]) ?? LEAF, LEAF);

const DEPTH_MAX = 200;

/** The set that FieldsV1 data stands for, `{ set: undefined }` for the empty one; undefined where it is no such data. */
export function readFieldSet(data: unknown): { readonly set: FieldSet | undefined } | undefined {
  if (!isFieldTree(data, DEPTH_MAX)) return undefined;
  return { set: hasNothingBelow(data) ? undefined : shareAll(data) };
}

function isFieldTree(data: unknown, depthLeft: number): data is FieldSet {
  if (typeof data !== "object" || data === null || Array.isArray(data) || depthLeft === 0) return false;
  return Object.entries(data).every(([element, below]) => isElement(element) && isFieldTree(below, depthLeft - 1));
}
