// What `kctl taint` is told to change, and what becomes of a node's taints. Pure.

import { labelValueProblems, qualifiedNameProblems } from "../../api/meta/label-syntax.ts";
import { CommandError } from "../command-error.ts";

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: string;
}

export interface TaintChanges {
  readonly add: readonly Taint[];
  /** Without an effect: the taints of all effects. */
  readonly remove: readonly { readonly key: string; readonly effect?: string }[];
}

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** Whether a word is a change: `key=value:Effect`, `key:Effect`, or either with a dash at its end. */
export const isTaintChange = (word: string): boolean => /[=:]/.test(word) || word.endsWith("-");

/** Throws CommandError for what is no taint, and for contradictions. */
export function parseTaintChanges(words: readonly string[]): TaintChanges {
  const removals = words.filter((word) => word.endsWith("-"));
  const add = words.filter((word) => !word.endsWith("-")).map(parseTaint);
  const remove = removals.map((word) => parseRemoval(word.slice(0, -1)));
  const twice = add.find((taint, index) => add.findIndex((each) => isSame(each, taint)) < index);
  if (twice) {
    throw misused(`duplicated taints with the same key and effect: ${twice.key}:${twice.effect}`);
  }
  const both = add.filter(({ key, effect }) => remove.some((each) => removes(each, { key, effect })));
  if (both.length > 0) {
    throw new CommandError(
      `can not both modify and remove the following taint(s) in the same command: ${both.map(({ key, effect }) => `${key}:${effect}`).join(", ")}`,
    );
  }
  return { add, remove };
}

const misused = (message: string) => new CommandError(`${message}\nSee 'kctl taint -h' for help and examples`);

function parseTaint(word: string): Taint {
  const [, key = "", value, effect = ""] = /^([^=:]*)(?:=([^:]*))?(?::(.*))?$/s.exec(word) ?? [];
  const [problem] = [...qualifiedNameProblems(key), ...labelValueProblems(value ?? "")];
  if (problem) throw misused(`invalid taint spec: ${word}, ${problem}`);
  if (!EFFECTS.includes(effect)) {
    throw misused(
      effect === ""
        ? `invalid taint spec: ${word}; it needs an effect, such as ${word}:NoSchedule`
        : `invalid taint effect: ${effect}, unsupported taint effect`,
    );
  }
  return { key, ...(value && { value }), effect };
}

function parseRemoval(word: string): { key: string; effect?: string } {
  const [, key = "", effect] = /^([^=:]*)(?:=[^:]*)?(?::(.*))?$/s.exec(word) ?? [];
  if (effect !== undefined && !EFFECTS.includes(effect)) {
    throw misused(`invalid taint effect: ${effect}, unsupported taint effect`);
  }
  return { key, ...(effect && { effect }) };
}

const isSame = (one: Taint, other: Taint) => one.key === other.key && one.effect === other.effect;
const removes = (removal: TaintChanges["remove"][number], taint: Taint) =>
  removal.key === taint.key && (removal.effect === undefined || removal.effect === taint.effect);

export interface TaintPlan {
  readonly taints: readonly Taint[];
  /** What is said to have been done. */
  readonly verb: "tainted" | "modified" | "untainted";
}

export interface TaintedNode {
  readonly name: string;
  readonly taints: readonly Taint[];
}

/** The node's taints afterwards. Throws CommandError where a taint to remove is not there, or one to add is. */
export function planTaints(node: TaintedNode, changes: TaintChanges, overwrite: boolean): TaintPlan {
  const { add, remove } = changes;
  if (!overwrite && node.taints.some((taint) => add.some((each) => isSame(each, taint)))) {
    throw new CommandError(`node ${node.name} already has a taint(s) with same effect(s) and --overwrite is false`);
  }
  const missing = remove.filter((removal) => !node.taints.some((taint) => removes(removal, taint)));
  if (missing.length > 0) {
    const texts = missing.map(({ key, effect }) => `taint "${effect ? `${key}:${effect}` : key}" not found`);
    throw new CommandError(texts.length === 1 ? `${texts[0]}` : `[${texts.join(", ")}]`);
  }
  const kept = node.taints.filter(
    (taint) => !add.some((each) => isSame(each, taint)) && !remove.some((removal) => removes(removal, taint)),
  );
  return { taints: [...add, ...kept], verb: describeTainting(node, changes) };
}

function describeTainting({ taints }: TaintedNode, { add, remove }: TaintChanges): TaintPlan["verb"] {
  const replaces = taints.some((taint) => add.some((each) => isSame(each, taint)));
  if (replaces || (add.length > 0 && remove.length > 0)) return "modified";
  return add.length > 0 ? "tainted" : "untainted";
}
