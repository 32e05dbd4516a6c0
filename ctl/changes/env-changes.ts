// What `kctl set env` changes, and how it lists what is there. Pure.

import type { EnvVar } from "../../api/core/env.ts";
import type { Container } from "../../api/core/container.ts";
import { CommandError } from "../command-error.ts";

export interface EnvChanges {
  readonly set: readonly EnvVar[];
  readonly remove: readonly string[];
}

const NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;

/** Whether a word is a change: `NAME=value` or `NAME-`. */
export const isEnvChange = (word: string): boolean => /^[^=/]+=/.test(word) || (word.endsWith("-") && NAME.test(word));

/** Throws CommandError for what is no name of a variable. */
export function parseEnvChanges(words: readonly string[]): EnvChanges {
  const removals = words.filter((word) => !word.includes("="));
  const set = words.filter((word) => word.includes("=")).map(parseEnvVar);
  const remove = removals.map((word) => word.slice(0, -1));
  const both = set.find(({ name }) => remove.includes(name));
  if (both) throw new CommandError("can not both modify and remove an environment variable in the same command");
  return { set, remove };
}

/** `NAME=value`. */
export function parseEnvVar(word: string): EnvVar {
  const at = word.indexOf("=");
  const name = word.slice(0, Math.max(at, 0));
  if (!NAME.test(name)) throw new CommandError(`invalid env: ${word}`);
  return { name, value: word.slice(at + 1) };
}

/** Variables that are there keep their place; new ones come last. */
export function applyEnvChanges(container: Container, { set, remove }: EnvChanges): Container {
  const old = container.env ?? [];
  const wanted = new Map(set.map((variable) => [variable.name, variable]));
  const kept = old.filter(({ name }) => !remove.includes(name)).map((each) => wanted.get(each.name) ?? each);
  const added = [...wanted.values()].filter(({ name }) => !old.some((each) => each.name === name));
  const env = [...kept, ...added];
  return env.length === 0 && container.env === undefined ? container : { ...container, env };
}

/** The variables for every key of a ConfigMap or Secret; names are made fit as a shell's variables. */
export function envFromKeys(
  source: { readonly kind: string; readonly name: string; readonly keys: readonly string[] },
  prefix: string,
): { variables: EnvVar[]; renamed: { key: string; name: string }[] } {
  const field = source.kind === "Secret" ? "secretKeyRef" : "configMapKeyRef";
  const named = source.keys.map((key) => ({
    key,
    name: `${prefix}${key.replace(/[^A-Za-z0-9_]/g, "_").toUpperCase()}`,
  }));
  const variables = named.map(({ key, name }) => ({ name, valueFrom: { [field]: { name: source.name, key } } }));
  return { variables, renamed: named.filter(({ key, name }) => `${prefix}${key}` !== name) };
}

/** One line for each variable, as `set env --list` shows it. */
export function renderEnvVar({ name, value, valueFrom }: EnvVar): string {
  if (!valueFrom) return `${name}=${value ?? ""}`;
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = valueFrom;
  if (configMapKeyRef) return `# ${name} from configmap ${configMapKeyRef.name}, key ${configMapKeyRef.key}`;
  if (secretKeyRef) return `# ${name} from secret ${secretKeyRef.name}, key ${secretKeyRef.key}`;
  if (fieldRef) return `# ${name} from field path ${fieldRef.fieldPath}`;
  return `# ${name} from resource field ${resourceFieldRef?.resource}`;
}
