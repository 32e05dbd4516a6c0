// kctl api-resources: the kinds that the server serves, as it has them now.

import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { list, onOff, onOffUnsaid, text, textOr } from "../flags.ts";
import { alignTabs, tableSpacing } from "../printers/tab-writer.ts";
import { apiVersionOfType, qualifiedPlural, type ResourceType } from "../resource-type.ts";

export const apiResources = defineCommand({
  usage: "api-resources [flags]",
  flags: {
    "api-group": text("Only the kinds of this group."),
    namespaced: onOffUnsaid("Only kinds with objects in namespaces; =false for the others."),
    verbs: list("Only kinds that take all of these verbs."),
    categories: list("Only kinds that belong to all of these categories."),
    "sort-by": textOr("", "What to order by: name or kind."),
    cached: onOff("Take what was kept from an earlier command."),
    "no-headers": onOff("Leave the headers out."),
    output: text("wide, for verbs and categories too, or name.", { short: "o" }),
  },
  async run({ flags, session }) {
    const { output = "" } = flags;
    if (!["", "wide", "name"].includes(output)) throw new CommandError(`--output ${output} is not available`);
    const discovery = await session.discovery();
    const all = flags.cached ? await discovery.all() : await discovery.fresh();
    const wanted = all.filter(
      (type) =>
        type.verbs.length > 0 &&
        (flags["api-group"] === undefined || type.group === flags["api-group"]) &&
        (flags.namespaced === undefined || type.namespaced === flags.namespaced) &&
        flags.verbs.every((verb) => type.verbs.includes(verb)) &&
        flags.categories.every((category) => type.categories.includes(category)),
    );
    const types = sortTypes(wanted, flags["sort-by"]);
    if (output === "name") {
      session.io.out(types.map((type) => `${qualifiedPlural(type)}\n`).join(""));
      return;
    }
    session.io.out(renderTypes(types, { wide: output === "wide", headers: !flags["no-headers"] }));
  },
});

function sortTypes(types: readonly ResourceType[], by: string): ResourceType[] {
  if (!["", "name", "kind"].includes(by)) throw new CommandError("--sort-by accepts only name or kind");
  const key = (type: ResourceType) =>
    by === "kind" ? type.kind : by === "name" ? type.plural : `${type.group}\u0000${type.version}\u0000${type.plural}`;
  return [...types].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

function renderTypes(
  types: readonly ResourceType[],
  { wide, headers }: { readonly wide: boolean; readonly headers: boolean },
): string {
  const titles = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", ...(wide ? ["VERBS", "CATEGORIES"] : [])];
  const rows = types.map((type) => [
    type.plural,
    type.shortNames.join(","),
    apiVersionOfType(type),
    String(type.namespaced),
    type.kind,
    ...(wide ? [type.verbs.join(","), type.categories.join(",")] : []),
  ]);
  const lines = (headers ? [titles, ...rows] : rows).map((cells) => `${cells.join("\t")}\n`);
  return alignTabs(lines.join(""), tableSpacing);
}
