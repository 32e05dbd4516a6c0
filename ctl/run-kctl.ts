// One run of kctl: finds the command that the words name, loads it and nothing else, runs it, and turns whatever it throws into a
// message and an exit code.

import { closestName } from "./closest-name.ts";
import { CommandError, isCommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import type { Command, CommandEntry } from "./command.ts";
import { commands } from "./commands/index.ts";
import { onOff, parseArguments, type FlagTable } from "./flags.ts";
import { globalFlags, type GlobalFlags } from "./global-flags.ts";
import { exitCodeOf, renderError } from "./render-error.ts";
import { Session } from "./session.ts";

/** As a shell reports a program that Ctrl-C has ended. */
const INTERRUPTED = 130;
const helpFlag = { help: onOff("Show this help.", { short: "h" }) };

/** Resolves with the exit code; never rejects. `argv` is what follows the program's name. */
export async function runKctl(argv: readonly string[], io: CommandIo): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    if (io.signal.aborted) return INTERRUPTED;
    io.err(renderError(error));
    return exitCodeOf(error);
  }
}

async function dispatch(argv: readonly string[], io: CommandIo): Promise<number> {
  const found = findCommand(argv);
  if (!found) return showOverview(argv, io);
  const { entry, remaining } = found;
  const command = await entry.load();
  // A command's own flag goes before a global one of the same letter: `logs -s`, say.
  const table = { ...withoutShorts(globalFlags, command.flags), ...helpFlag, ...command.flags };
  const { flags, args, rest } = parse(table, remaining, entry);
  if (flags.help) {
    const { renderCommandHelp } = await import("./help.ts");
    io.out(renderCommandHelp(entry, command));
    return 0;
  }
  const globals = flags as unknown as GlobalFlags;
  const code = await command.run({ flags, args, rest, session: new Session(io, globals), commands });
  // A command that Ctrl-C is the ordinary end of says so by its own code.
  return code ?? (io.signal.aborted ? INTERRUPTED : 0);
}

function parse(table: FlagTable & typeof helpFlag, argv: readonly string[], entry: CommandEntry) {
  try {
    return parseArguments(table, argv);
  } catch (error) {
    if (!isCommandError(error)) throw error;
    throw new CommandError(`${error.message}\nSee 'kctl ${entry.name} --help' for usage.`);
  }
}

function withoutShorts(globals: FlagTable, own: Command["flags"]): FlagTable {
  const taken = new Set(Object.values(own).map(({ short }) => short));
  const entries = Object.entries(globals).map(([name, shape]) => [
    name,
    taken.has(shape.short) ? { ...shape, short: undefined } : shape,
  ]);
  return Object.fromEntries(entries) as FlagTable;
}

interface Found {
  readonly entry: CommandEntry;
  /** The words without those that name the command. */
  readonly remaining: readonly string[];
}

/** The command whose name takes the most of the leading words. Global flags may stand among them. */
function findCommand(argv: readonly string[]): Found | undefined {
  const places = leadingWords(argv);
  for (let count = Math.min(places.length, 3); count > 0; count--) {
    const used = places.slice(0, count);
    const name = used.map((index) => argv[index]).join(" ");
    const entry = commands.find((each) => each.name === name || each.aliases?.includes(name));
    if (entry) return { entry, remaining: argv.filter((_, index) => !used.includes(index)) };
  }
  return undefined;
}

/** Where the first words are that are neither global flags nor their values. */
function leadingWords(argv: readonly string[]): number[] {
  const places: number[] = [];
  for (let index = 0; index < argv.length && argv[index] !== "--"; index++) {
    const word = argv[index] ?? "";
    if (!word.startsWith("-")) places.push(index);
    else if (takesNextWord(word)) index++;
  }
  return places;
}

function takesNextWord(word: string): boolean {
  const found = Object.entries(globalFlags).find(
    ([name, { short }]) => word === `--${name}` || (short !== undefined && word === `-${short}`),
  );
  return found !== undefined && found[1].bare === undefined;
}

/** No command is named by the words, or only a group of commands such as `rollout`. */
async function showOverview(argv: readonly string[], io: CommandIo): Promise<number> {
  const [group, word, ...more] = leadingWords(argv).map((index) => argv[index] ?? "");
  if (group === undefined) return showHelp([], io);
  if (group === "help") return showHelp(word === undefined ? [] : [word, ...more], io);
  const members = commands.filter(({ name }) => name.startsWith(`${group} `));
  if (members.length === 0) throw unknownCommand(group);
  if (word !== undefined) throw unknownMember(group, word, members);
  const { renderGroupHelp } = await import("./help.ts");
  io.out(renderGroupHelp(group, members));
  return 0;
}

async function showHelp(words: readonly string[], io: CommandIo): Promise<number> {
  if (words.length > 0) return dispatch([...words, "--help"], io);
  const { renderOverview } = await import("./help.ts");
  io.out(renderOverview(commands));
  return 0;
}

function unknownCommand(word: string): CommandError {
  const names = commands.flatMap(({ name, aliases = [] }) => [name.split(" ")[0] ?? "", ...aliases]);
  const suggestion = closestName(word, names);
  return new CommandError(
    `unknown command "${word}" for "kctl"${suggestion ? `; did you mean "kctl ${suggestion}"?` : ""}\nRun 'kctl --help' for usage.`,
  );
}

function unknownMember(group: string, word: string, members: readonly CommandEntry[]): CommandError {
  const names = members.map(({ name }) => name.slice(group.length + 1));
  const suggestion = closestName(word, names);
  const hint = suggestion ? `; did you mean "kctl ${group} ${suggestion}"?` : `; it has: ${names.join(", ")}`;
  return new CommandError(`unknown command "${word}" for "kctl ${group}"${hint}`);
}
