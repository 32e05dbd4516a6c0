// What a command is: its flags and what it does with them. Its name and summary stand in commands/index.ts, so that
// listing the commands loads none of them.

import type { Flag, FlagTable, FlagValues } from "./flags.ts";
import type { GlobalFlags } from "./global-flags.ts";
import type { Session } from "./session.ts";

export interface Command {
  /** What follows `kctl` on the usage line, such as `get (TYPE | TYPE/NAME) [NAME ...]`. */
  readonly usage: string;
  /** Explains what the summary leaves open; a paragraph at most. */
  readonly description?: string;
  /** Command lines, one each, for the help text. */
  readonly examples?: readonly string[];
  readonly flags: FlagTable;
  run(call: Call<FlagTable>): Promise<number | void>;
}

export interface Call<F extends FlagTable> {
  readonly flags: FlagValues<F>;
  readonly args: readonly string[];
  /** What follows `--`; undefined where there is no `--`. */
  readonly rest: readonly string[] | undefined;
  readonly session: Session;
  /** All commands there are, for completing their names. Absent where one command calls another. */
  readonly commands?: readonly CommandEntry[];
}

export interface CommandSpec<F extends FlagTable> extends Omit<Command, "flags" | "run"> {
  readonly flags: F;
  /**
   * Does the work. Resolves with the exit code, 0 unless given. Failures of the API are thrown as StatusError, refusals of its
   * own as CommandError: the caller shows both.
   */
  run(call: Call<F>): Promise<number | void>;
}

/** Declares a command; the types of its flags' values follow from their table. */
export const defineCommand = <const F extends Readonly<Record<string, Flag>>>(spec: CommandSpec<F>): Command => spec;

export interface CommandEntry {
  /** One or more words: `get`, `rollout status`. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One sentence. */
  readonly summary: string;
  /** Not shown in the list of commands. */
  readonly hidden?: boolean;
  load(): Promise<Command>;
}

export type { GlobalFlags };
