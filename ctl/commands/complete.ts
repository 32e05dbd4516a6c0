// kctl __complete: what the last of the given words can become, one to a line. The shells' scripts call it. What cannot be found out
// is left out: a shell shows no errors while somebody types.

import type { AnyList } from "../any-object.ts";
import { defineCommand, type CommandEntry } from "../command.ts";
import { globalFlags } from "../global-flags.ts";
import { pathOfType, qualifiedPlural } from "../resource-type.ts";
import type { Session } from "../session.ts";

const NAMES_MAX = 500;

export const complete = defineCommand({
  usage: "__complete -- WORD ...",
  flags: {},
  async run({ rest = [], session, commands = [] }) {
    const before = rest.slice(0, -1);
    const begun = rest.at(-1) ?? "";
    const found = await suggest(session, { commands, before, begun }).catch(() => []);
    const fitting = [...new Set(found)].filter((each) => each.startsWith(begun)).sort();
    session.io.out(fitting.map((each) => `${each}\n`).join(""));
  },
});

interface Typed {
  readonly commands: readonly CommandEntry[];
  readonly before: readonly string[];
  readonly begun: string;
}

async function suggest(session: Session, { commands, before, begun }: Typed): Promise<readonly string[]> {
  const words = before.filter((word) => !word.startsWith("-"));
  const entry = commands.find(({ name }) => name === words.slice(0, name.split(" ").length).join(" "));
  if (begun.startsWith("-")) return entry ? flagNames(entry) : Object.keys(globalFlags).map((name) => `--${name}`);
  const next = commands.filter(
    ({ name, hidden }) => !hidden && name.startsWith(words.map((word) => `${word} `).join("")),
  );
  if (!entry || next.length > 0) return next.map(({ name }) => name.split(" ")[words.length] ?? "");
  const args = words.slice(entry.name.split(" ").length);
  return suggestArguments(session, args, begun);
}

async function flagNames(entry: CommandEntry): Promise<readonly string[]> {
  const command = await entry.load();
  return [...Object.keys(command.flags), ...Object.keys(globalFlags)].map((name) => `--${name}`);
}

/** Types first, and then the names of the type's objects. */
async function suggestArguments(session: Session, args: readonly string[], begun: string): Promise<readonly string[]> {
  const discovery = await session.discovery();
  const [typed, prefix] = begun.includes("/")
    ? [begun.slice(0, begun.indexOf("/")), `${begun.split("/")[0]}/`]
    : [args[0], ""];
  if (typed === undefined) {
    const types = await discovery.all();
    return types.map((type) => (type.group === "" ? type.plural : qualifiedPlural(type)));
  }
  const type = await discovery.find(typed);
  const server = await session.server();
  const path = pathOfType(type, { namespace: await session.namespace() });
  const list = (await server.call({ method: "GET", path, query: { limit: NAMES_MAX } })) as AnyList;
  return (list.items ?? []).map(({ metadata }) => `${prefix}${metadata.name ?? ""}`);
}
