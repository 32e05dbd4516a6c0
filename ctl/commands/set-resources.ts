// kctl set resources: other requests and limits for the containers of workloads.

import { applyAmounts, parseAmounts } from "../changes/resource-changes.ts";
import { changeChosen, templateFlags } from "../changes/template-change.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { text, textOr } from "../flags.ts";
import { selectNamed } from "../select-named.ts";

export const setResources = defineCommand({
  usage: "set resources (TYPE NAME | TYPE/NAME | -f FILE) [--limits=AMOUNTS] [--requests=AMOUNTS]",
  examples: ["kctl set resources deployment/web --limits=cpu=500m,memory=256Mi --requests=cpu=100m"],
  flags: {
    ...templateFlags,
    containers: textOr("*", "The containers, by name; * stands for any letters.", { short: "c" }),
    limits: text("The most that a container may use, such as cpu=500m,memory=256Mi."),
    requests: text("What a container needs, such as cpu=100m."),
  },
  async run({ flags, args, session }) {
    const changes = { limits: parseAmounts(flags.limits), requests: parseAmounts(flags.requests) };
    if (!flags.limits && !flags.requests) {
      throw new CommandError("you must specify an update to requests or limits (in the form of --requests/--limits)");
    }
    const selected = await selectNamed(session, { ...flags, args });
    const { changeAll } = await import("../changes/change-object.ts");
    await changeAll(session, selected, {
      flags,
      fieldManager: flags["field-manager"] ?? "kubectl-set",
      plan(object) {
        const changed = changeChosen(object, flags.containers, (container) => applyAmounts(container, changes));
        if (changed) return changed;
        throw new CommandError(`unable to find container named ${flags.containers}`);
      },
      describe: ({ isChanged }) => (isChanged ? "resource requirements updated" : undefined),
    });
  },
});
