// kctl cordon and uncordon: whether the scheduler may put pods on nodes.

import { valueAt, type AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand, type Command } from "../command.ts";
import { text } from "../flags.ts";
import { dryRunFlags } from "../report.ts";
import { nodeSelection, withUnschedulable } from "../changes/cordon-node.ts";

export const cordon = defineCordon("cordon", "A node that is cordoned gets no new pods; those on it stay.");
export const uncordon = defineCordon("uncordon", "The node gets new pods again.");

function defineCordon(verb: "cordon" | "uncordon", description: string): Command {
  return defineCommand({
    usage: `${verb} NODE ...`,
    description,
    examples: [`kctl ${verb} node-1`, `kctl ${verb} -l zone=a`],
    flags: { selector: text("The labels that nodes must have.", { short: "l" }), ...dryRunFlags },
    async run({ flags, args, session }) {
      if (args.length === 0 && !flags.selector) {
        throw new CommandError(`USAGE: ${verb} NODE [flags]\nSee 'kctl ${verb} -h' for help and examples`);
      }
      const isUnschedulable = verb === "cordon";
      const { selectObjects } = await import("../select-objects.ts");
      const selected = await selectObjects(session, nodeSelection(args, flags.selector));
      const { changeAll } = await import("../changes/change-object.ts");
      await changeAll(session, selected, {
        flags: { ...flags, output: undefined },
        fieldManager: "kubectl-cordon",
        plan: (node) => withUnschedulable(node, isUnschedulable),
        describe: ({ before }) => (isCordoned(before) === isUnschedulable ? `already ${verb}ed` : `${verb}ed`),
      });
    },
  });
}

const isCordoned = (node: AnyObject) => valueAt(node, "spec", "unschedulable") === true;
