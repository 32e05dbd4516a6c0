// Pods that name the nodes where they may go, as those of a DaemonSet do: no rule is asked about any other node.

import { unresolvable, type SchedulerPlugin } from "./framework.ts";
import type { PluginRejection } from "./rejection-counts.ts";

/** Why the pod may go nowhere, whatever the nodes are. */
export interface Refusal {
  readonly plugin: SchedulerPlugin;
  readonly reason: string;
}

export interface NamingRule {
  readonly plugin: SchedulerPlugin;
  readonly names: ReadonlySet<string>;
}

/** The nodes that all rules which name any have in common, and what is said of the others. */
export interface NamedNodes {
  readonly names: ReadonlySet<string>;
  readonly rejection: PluginRejection;
}

export function namedNodes(rules: readonly NamingRule[]): NamedNodes | undefined {
  const [first, ...others] = rules;
  if (!first) return undefined;
  const names = [...first.names].filter((name) => others.every((rule) => rule.names.has(name)));
  const reasons = unresolvable(`node(s) didn't satisfy plugin(s) [${pluginNames(rules).join(" ")}]`);
  return { names: new Set(names), rejection: { plugin: first.plugin, reasons } };
}

/** As Kubernetes says it where the rules have no node in common. */
export function refusalOf(rules: readonly NamingRule[]): Refusal | undefined {
  const [first] = rules;
  const reason = `node(s) didn't satisfy plugin(s) [${pluginNames(rules).join(" ")}] simultaneously`;
  return first && { plugin: first.plugin, reason };
}

const pluginNames = (rules: readonly NamingRule[]) => rules.map(({ plugin }) => plugin.name).sort();
