// What `kctl label` and `kctl annotate` are told to change, and what becomes of an object's labels or annotations. Pure.

import { CommandError } from "../command-error.ts";

type Entries = Readonly<Record<string, string>>;

export interface KeyValueChanges {
  readonly set: ReadonlyMap<string, string>;
  readonly remove: readonly string[];
}

/** Splits arguments into resources (`pod web`) and changes (`app=web`, `app-`), which come after them. */
export function splitChanges(args: readonly string[]): { resources: string[]; changes: string[] } {
  const isChange = (word: string) => word.includes("=") || word.endsWith("-");
  const first = args.findIndex(isChange);
  if (first < 0) return { resources: [...args], changes: [] };
  const changes = args.slice(first);
  const stray = changes.find((word) => !isChange(word));
  if (stray !== undefined) throw new CommandError("all resources must be specified before changes: " + stray);
  return { resources: args.slice(0, first), changes };
}

/** Throws CommandError where a key is both set and removed. `what` is "label" or "annotation". */
export function parseChanges(words: readonly string[], what: string): KeyValueChanges {
  const set = new Map<string, string>();
  const remove: string[] = [];
  for (const word of words) {
    const at = word.indexOf("=");
    if (at < 0) remove.push(word.slice(0, -1));
    else set.set(word.slice(0, at), word.slice(at + 1));
  }
  if (remove.some((key) => set.has(key))) {
    throw new CommandError(
      `can not both modify and remove ${what === "label" ? "a label" : "an annotation"} in the same command`,
    );
  }
  return { set, remove };
}

/** The keys that would get another value than they have, each with the one they have. */
export function overwrittenKeys(old: Entries, { set }: KeyValueChanges): ReadonlyMap<string, string> {
  const kept = [...set].filter(([key, value]) => Object.hasOwn(old, key) && old[key] !== value);
  return new Map(kept.map(([key]) => [key, old[key] ?? ""]));
}

export function applyChanges(old: Entries, { set, remove }: KeyValueChanges): Entries {
  const kept = Object.entries(old).filter(([key]) => !remove.includes(key));
  return { ...Object.fromEntries(kept), ...Object.fromEntries(set) };
}

/** What kubectl says has been done to an object's labels. */
export function describeLabelling(old: Entries, changes: KeyValueChanges): "labeled" | "unlabeled" | "not labeled" {
  const isNew = [...changes.set].some(([key, value]) => old[key] !== value);
  if (isNew) return "labeled";
  return changes.remove.some((key) => Object.hasOwn(old, key)) ? "unlabeled" : "not labeled";
}
