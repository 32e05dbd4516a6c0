// kctl taint: sets and removes the taints of nodes, which keep pods away that do not tolerate them.

import { listAt, valueAt, type AnyObject } from "../any-object.ts";
import {
  isTaintChange,
  parseTaintChanges,
  planTaints,
  type Taint,
  type TaintedNode,
} from "../changes/taint-changes.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { onOff, text } from "../flags.ts";
import { outputFlags } from "../printers/output-format.ts";
import { dryRunFlags, fieldManagerFlags } from "../report.ts";
import { selectNamed } from "../select-named.ts";

export const taint = defineCommand({
  usage: "taint NODE NAME KEY=VALUE:EFFECT ... KEY:EFFECT- ...",
  description:
    "The effects are NoSchedule, PreferNoSchedule and NoExecute. A taint followed by a dash is removed; without an effect, those of all effects are.",
  examples: ["kctl taint nodes node-1 dedicated=db:NoSchedule", "kctl taint nodes node-1 dedicated-"],
  flags: {
    all: onOff("All nodes."),
    selector: text("The labels that nodes must have.", { short: "l" }),
    overwrite: onOff("Replace the values of taints that are there."),
    ...dryRunFlags,
    ...fieldManagerFlags,
    ...outputFlags,
  },
  async run({ flags, args, session }) {
    const first = args.findIndex(isTaintChange);
    const resources = first < 0 ? args : args.slice(0, first);
    if (resources.length === 0) throw new CommandError("one or more resources must be specified as <resource> <name>");
    const type = await (await session.discovery()).find(resources[0]?.split("/")[0] ?? "");
    if (type.plural !== "nodes" || type.group !== "") {
      throw new CommandError(`invalid resource type ${resources[0]}, only node types are supported`);
    }
    if (first < 0) throw new CommandError("at least one taint update is required");
    const changes = parseTaintChanges(args.slice(first));
    const selected = await selectNamed(session, { ...flags, args: resources });
    const { changeAll } = await import("../changes/change-object.ts");
    await changeAll(session, selected, {
      flags,
      fieldManager: flags["field-manager"] ?? "kubectl-taint",
      plan(object) {
        const { taints } = planTaints(taintedNode(object), changes, flags.overwrite);
        return { ...object, spec: { ...(valueAt(object, "spec") as object | undefined), taints } };
      },
      describe: ({ before }) => planTaints(taintedNode(before), changes, true).verb,
    });
  },
});

const taintedNode = (object: AnyObject): TaintedNode => ({
  name: object.metadata.name ?? "",
  taints: listAt(object, "spec", "taints") as readonly Taint[],
});
