// kctl label: sets and removes the labels of objects.

import {
  applyChanges,
  describeLabelling,
  overwrittenKeys,
  parseChanges,
  splitChanges,
} from "../changes/key-value-changes.ts";
import { withMetadata } from "../changes/with-metadata.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { onOff, text } from "../flags.ts";
import { outputFlags } from "../printers/output-format.ts";
import { dryRunFlags, fieldManagerFlags } from "../report.ts";
import { selectNamed } from "../select-named.ts";
import { selectionFlags } from "../select-objects.ts";

export const label = defineCommand({
  usage: "label (TYPE NAME | TYPE/NAME | -f FILE) KEY=VALUE ... KEY- ...",
  description: "A key followed by a dash is removed.",
  examples: ["kctl label pod web tier=front", "kctl label pods --all tier-", "kctl label node node-1 --list"],
  flags: {
    ...selectionFlags,
    overwrite: onOff("Replace values that are there."),
    list: onOff("Show the labels."),
    "resource-version": text("Change the object only if it has this version."),
    ...dryRunFlags,
    ...fieldManagerFlags,
    ...outputFlags,
  },
  async run({ flags, args, session }) {
    const { resources, changes: words } = splitChanges(args);
    if (resources.length === 0 && flags.filename.length === 0) {
      throw new CommandError("one or more resources must be specified as <resource> <name> or <resource>/<name>");
    }
    if (words.length === 0 && !flags.list) throw new CommandError("at least one label update is required");
    const changes = parseChanges(words, "label");
    const selected = await selectNamed(session, { ...flags, args: resources });
    const { changeAll } = await import("../changes/change-object.ts");
    const said: string[] = [];
    await changeAll(session, selected, {
      // As with kubectl, --list shows what would be, and changes nothing.
      flags: flags.list ? { ...flags, "dry-run": "client" } : flags,
      fieldManager: flags["field-manager"] ?? "kubectl-label",
      resourceVersion: flags["resource-version"],
      plan(object) {
        const { labels = {} } = object.metadata;
        if (!flags.overwrite) refuseOverwriting(overwrittenKeys(labels, changes));
        return withMetadata(object, "labels", applyChanges(labels, changes));
      },
      describe({ before, after }) {
        for (const key of changes.remove) {
          if (!Object.hasOwn(before.metadata.labels ?? {}, key))
            session.io.out(`label ${JSON.stringify(key)} not found.\n`);
        }
        if (!flags.list) return describeLabelling(before.metadata.labels ?? {}, changes);
        said.push(...Object.entries(after.metadata.labels ?? {}).map(([key, value]) => `${key}=${value}\n`));
        return undefined;
      },
    });
    session.io.out(said.join(""));
  },
});

function refuseOverwriting(kept: ReadonlyMap<string, string>): void {
  if (kept.size === 0) return;
  const texts = [...kept].map(([key, value]) => `'${key}' already has a value (${value}), and --overwrite is false`);
  throw new CommandError(texts.join("\n"));
}
