// The flags of commands, declared as data: from one table come the parsed, typed values, the help text and completion.
// They are read exactly as kubectl reads them (pflag's dialect), which general-purpose parsers do not: `--wait=false`,
// `-l=app=web`, `-oyaml`, and flags that take a value only after an equals sign, such as `--dry-run`.

import { closestName } from "./closest-name.ts";
import { parseDurationMs } from "../lib/duration.ts";
import { CommandError } from "./command-error.ts";

declare const valueType: unique symbol;

/** A flag whose value has type T. */
export type Flag<T = unknown> = FlagShape & { readonly [valueType]?: T };

export interface FlagShape {
  readonly kind: "text" | "texts" | "list" | "integer" | "duration" | "switch";
  readonly description: string;
  /** One letter. */
  readonly short?: string;
  readonly default?: unknown;
  /** The value where the flag stands alone. Such a flag takes another value only after an equals sign. */
  readonly bare?: string;
  /** Names the value in the help text. */
  readonly placeholder?: string;
}

export type FlagTable = Readonly<Record<string, Flag>>;

/** The values of a table's flags, under their own names. A flag that is absent and has no default is undefined. */
export type FlagValues<F extends FlagTable> = { readonly [K in keyof F]: ValueOf<F[K]> };
type ValueOf<F> = F extends { readonly [valueType]?: infer T } ? T : never;

type Extras = Partial<Omit<FlagShape, "kind" | "description" | "default">>;
const flag = (kind: FlagShape["kind"], description: string, extras: Partial<FlagShape>): FlagShape => ({
  kind,
  description,
  ...extras,
});

/** Text, given at most once: the last one counts. */
export const text = (description: string, extras: Extras = {}): Flag<string | undefined> =>
  flag("text", description, extras);
export const textOr = (value: string, description: string, extras: Extras = {}): Flag<string> =>
  flag("text", description, { ...extras, default: value });
/** Texts, one each time that the flag is given. */
export const texts = (description: string, extras: Extras = {}): Flag<readonly string[]> =>
  flag("texts", description, { ...extras, default: [] });
/** Texts, separated by commas or given one by one. */
export const list = (description: string, extras: Extras = {}): Flag<readonly string[]> =>
  flag("list", description, { ...extras, default: [] });
export const integer = (description: string, extras: Extras = {}): Flag<number | undefined> =>
  flag("integer", description, extras);
export const integerOr = (value: number, description: string, extras: Extras = {}): Flag<number> =>
  flag("integer", description, { ...extras, default: value });
/** Milliseconds; written as `90s`, `1m30s`, or a bare number of seconds. */
export const duration = (description: string, extras: Extras = {}): Flag<number | undefined> =>
  flag("duration", description, extras);
/** On or off; off unless given. */
export const onOff = (description: string, extras: Extras & { readonly default?: boolean } = {}): Flag<boolean> =>
  flag("switch", description, { default: false, bare: "true", ...extras });
/** On, off, or not said. */
export const onOffUnsaid = (description: string, extras: Extras = {}): Flag<boolean | undefined> =>
  flag("switch", description, { bare: "true", ...extras });

export interface ParsedArguments<F extends FlagTable = FlagTable> {
  readonly flags: FlagValues<F>;
  /** What stands between the flags, in order. */
  readonly args: readonly string[];
  /** What follows `--`; undefined where there is no `--`. */
  readonly rest: readonly string[] | undefined;
}

/** Reads a command's arguments. Throws CommandError for unknown flags and for values that are none. */
export function parseArguments<F extends FlagTable>(table: F, argv: readonly string[]): ParsedArguments<F> {
  const separator = argv.indexOf("--");
  const own = separator < 0 ? argv : argv.slice(0, separator);
  const values = new Map<string, unknown>();
  const args: string[] = [];
  for (let index = 0; index < own.length; index++) {
    const word = own[index] ?? "";
    if (!word.startsWith("-") || word === "-") {
      args.push(word);
      continue;
    }
    for (const { name, shape, value } of readWord(table, word)) {
      const given = value ?? shape.bare ?? own[++index];
      if (given === undefined) throw new CommandError(`flag needs an argument: ${describeFlag(word, name)}`);
      values.set(name, valueOf({ name, shape, given }, values.get(name)));
    }
  }
  const defaults = Object.entries(table).map(([name, shape]) => [name, values.get(name) ?? shape.default]);
  const flags = Object.fromEntries(defaults) as FlagValues<F>;
  return { flags, args, rest: separator < 0 ? undefined : argv.slice(separator + 1) };
}

interface GivenFlag {
  readonly name: string;
  readonly shape: FlagShape;
  /** Undefined where the word holds none. */
  readonly value: string | undefined;
}

function unknownFlag(table: FlagTable, name: string): CommandError {
  const closest = closestName(name, Object.keys(table));
  return new CommandError(`unknown flag: --${name}${closest ? `; did you mean --${closest}?` : ""}`);
}

/** The flags of one word: several short ones may share it, and only the last of these can take a value. */
function readWord(table: FlagTable, word: string): GivenFlag[] {
  if (word.startsWith("--")) {
    const [name = "", value] = splitOnce(word.slice(2), "=");
    const shape = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!shape) throw unknownFlag(table, name);
    return [{ name, shape, value }];
  }
  const given: GivenFlag[] = [];
  for (let letters = word.slice(1); letters !== ""; letters = letters.slice(1)) {
    const found = Object.entries(table).find(([, shape]) => shape.short === letters[0]);
    if (!found) throw new CommandError(`unknown shorthand flag: '${letters[0]}' in ${word}`);
    const [name, shape] = found;
    const following = letters.slice(1);
    if (following.startsWith("=")) return [...given, { name, shape, value: following.slice(1) }];
    if (shape.bare === undefined) return [...given, { name, shape, value: following === "" ? undefined : following }];
    given.push({ name, shape, value: undefined });
  }
  return given;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

const describeFlag = (word: string, name: string) =>
  word.startsWith("--") ? `--${name}` : `'${word.slice(-1)}' in ${word}`;

interface FlagText {
  readonly name: string;
  readonly shape: FlagShape;
  readonly given: string;
}

function valueOf({ name, shape, given }: FlagText, before: unknown): unknown {
  const refuse = (what: string): never => {
    throw new CommandError(`invalid argument ${JSON.stringify(given)} for "--${name}" flag: ${what}`);
  };
  switch (shape.kind) {
    case "text":
      return given;
    case "texts":
      return [...((before as string[]) ?? []), given];
    case "list":
      return [...((before as string[]) ?? []), ...given.split(",")];
    case "integer":
      return readInteger(given) ?? refuse("it must be a whole number");
    case "duration":
      return readDuration(given) ?? refuse("it must be a duration such as 90s, 5m or 1h30m");
    case "switch":
      return readSwitch(given) ?? refuse("it must be true or false");
  }
}

const readInteger = (given: string): number | undefined => (/^[+-]?\d+$/.test(given) ? Number(given) : undefined);

function readSwitch(given: string): boolean | undefined {
  if (/^(true|t|1)$/i.test(given)) return true;
  return /^(false|f|0)$/i.test(given) ? false : undefined;
}

/** Negative durations mean "for ever" where they are allowed. */
function readDuration(given: string): number | undefined {
  if (/^-?\d+$/.test(given)) return Number(given) * 1000;
  if (!given.startsWith("-")) return parseDurationMs(given);
  const ms = parseDurationMs(given.slice(1));
  return ms === undefined ? undefined : -ms;
}
