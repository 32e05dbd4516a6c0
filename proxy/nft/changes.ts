// The commands that turn one ruleset into another, as one transaction in nft's text. Pure.

/** What the changing part of a table holds, by name: equal values need no change. */
export interface Ruleset {
  /** Chains: name → rules. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Sets: name → what it is, as between nft's braces. One that is something else has another name. */
  readonly sets: ReadonlyMap<string, string>;
  /** Elements of maps and sets: `map key` → value, empty for sets. */
  readonly elements: ReadonlyMap<string, string>;
}

export const emptyRuleset: Ruleset = { chains: new Map(), sets: new Map(), elements: new Map() };

/**
 * Only what differs is written. The order makes each command valid where it stands: sets and chains exist before what
 * points to them, and lose what points to them before they go. Empty when nothing differs.
 */
export function renderChanges(table: string, before: Ruleset, after: Ruleset): string {
  const inTable = (command: string) => (rest: string) => `${command} ip ${table} ${rest}`;
  const sets = diff(before.sets, after.sets, (a, b) => a === b);
  const chains = diff(before.chains, after.chains, sameRules);
  const elements = diff(before.elements, after.elements, (a, b) => a === b);
  const isNew = (name: string) => !before.chains.has(name);
  const lines = [
    ...sets.added.map(([name, definition]) => `${name} { ${definition} }`).map(inTable("add set")),
    ...chains.added.filter(([name]) => isNew(name)).map(([name]) => inTable("add chain")(name)),
    ...byMap(elements.removed).map(inTable("delete element")),
    ...chains.added.filter(([name]) => !isNew(name)).map(([name]) => inTable("flush chain")(name)),
    ...chains.removed.map(([name]) => inTable("flush chain")(name)),
    ...chains.added.flatMap(([name, rules]) => rules.map((rule) => inTable("add rule")(`${name} ${rule}`))),
    ...byMap(elements.added).map(inTable("add element")),
    ...chains.removed.filter(([name]) => !after.chains.has(name)).map(([name]) => inTable("delete chain")(name)),
    ...sets.removed.filter(([name]) => !after.sets.has(name)).map(([name]) => inTable("delete set")(name)),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

const sameRules = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((rule, index) => rule === b[index]);

interface Difference<V> {
  /** New, or with another value. */
  readonly added: readonly (readonly [string, V])[];
  /** Gone. A changed element counts as removed, too: elements cannot be replaced in place. */
  readonly removed: readonly (readonly [string, V])[];
}

function diff<V>(
  before: ReadonlyMap<string, V>,
  after: ReadonlyMap<string, V>,
  same: (a: V, b: V) => boolean,
): Difference<V> {
  const added = [...after].filter(([name, value]) => {
    const old = before.get(name);
    return old === undefined || !same(old, value);
  });
  const removed = [...before].filter(([name, value]) => {
    const next = after.get(name);
    return next === undefined || (typeof value === "string" && !same(value, next));
  });
  return { added, removed };
}

/** How many elements one command names: nft reads a long line faster than many short ones. */
const ELEMENTS_PER_COMMAND = 1000;

/** `MAP { key : value, … }`, the elements of each map together. */
function byMap(elements: readonly (readonly [string, string])[]): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const [id, value] of elements) {
    const space = id.indexOf(" ");
    const key = id.slice(space + 1);
    const group = groups.get(id.slice(0, space)) ?? [];
    groups.set(id.slice(0, space), group);
    group.push(value ? `${key} : ${value}` : key);
  }
  return [...groups].flatMap(([name, texts]) => chunks(texts).map((chunk) => `${name} { ${chunk.join(", ")} }`));
}

function chunks(texts: readonly string[]): readonly (readonly string[])[] {
  const count = Math.ceil(texts.length / ELEMENTS_PER_COMMAND);
  return Array.from({ length: count }, (_, i) => texts.slice(i * ELEMENTS_PER_COMMAND, (i + 1) * ELEMENTS_PER_COMMAND));
}
