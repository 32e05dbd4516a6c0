// The help texts, made from the commands' declarations. Pure.

import type { Command, CommandEntry } from "./command.ts";
import type { FlagShape, FlagTable } from "./flags.ts";
import { globalFlags } from "./global-flags.ts";

/** `kctl --help`. */
export function renderOverview(commands: readonly CommandEntry[]): string {
  const groups = new Map<string, string>();
  for (const { name, summary, hidden } of commands) {
    const [group = "", ...rest] = name.split(" ");
    if (hidden || groups.has(group)) continue;
    groups.set(group, rest.length === 0 ? summary : (groupSummaries[group] ?? summary));
  }
  return [
    "kctl controls Gantry and other Kubernetes clusters.",
    "",
    "Commands:",
    ...renderColumns([...groups]),
    "",
    'Use "kctl COMMAND --help" for more about a command.',
    "",
  ].join("\n");
}

const groupSummaries: Readonly<Record<string, string>> = {
  auth: "Show who you are and what you may do",
  config: "Show and change the kubeconfig",
  rollout: "Follow, undo and restart rollouts",
  set: "Change one aspect of existing objects",
  top: "Show how much nodes and pods use",
};

/** `kctl rollout`. */
export const renderGroupHelp = (group: string, members: readonly CommandEntry[]): string =>
  [
    `Usage: kctl ${group} COMMAND`,
    "",
    "Commands:",
    ...renderColumns(members.map(({ name, summary }) => [name.slice(group.length + 1), summary])),
    "",
    `Use "kctl ${group} COMMAND --help" for more about a command.`,
    "",
  ].join("\n");

/** `kctl get --help`. */
export function renderCommandHelp({ summary, aliases }: CommandEntry, command: Command): string {
  const parts = [
    `${summary}.`,
    command.description,
    `Usage:\n  kctl ${command.usage}`,
    aliases && `Aliases:\n  ${aliases.join(", ")}`,
    command.examples && `Examples:\n${command.examples.map((line) => `  ${line}`).join("\n")}`,
    Object.keys(command.flags).length > 0 && `Flags:\n${renderFlags(command.flags).join("\n")}`,
    `Global flags:\n${renderFlags(globalFlags).join("\n")}`,
  ];
  return `${parts.filter((part) => part).join("\n\n")}\n`;
}

function renderFlags(flags: FlagTable): string[] {
  const entries = Object.entries(flags).sort(([one], [other]) => (one < other ? -1 : 1));
  return renderColumns(
    entries.map(([name, shape]) => [
      `${shape.short ? `-${shape.short}, ` : "    "}--${name}${valueSuffix(shape)}`,
      `${shape.description}${defaultSuffix(shape)}`,
    ]),
  );
}

function valueSuffix({ kind, bare, placeholder }: FlagShape): string {
  if (kind === "switch") return "";
  const value = placeholder ?? { text: "TEXT", texts: "TEXT", list: "A,B", integer: "N", duration: "TIME" }[kind];
  return bare === undefined ? ` ${value}` : `[=${value}]`;
}

function defaultSuffix({ kind, default: value }: FlagShape): string {
  const isSaid = typeof value === "number" || (typeof value === "string" && value !== "") || value === true;
  return isSaid && kind !== "duration" ? ` (default ${value})` : "";
}

function renderColumns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, description]) => `  ${name.padEnd(width)}   ${description}`);
}
