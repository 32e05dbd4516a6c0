// kctl annotate: sets and removes the annotations of objects.

import { applyChanges, overwrittenKeys, parseChanges, splitChanges } from "../changes/key-value-changes.ts";
import { withMetadata } from "../changes/with-metadata.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { onOff, text } from "../flags.ts";
import { outputFlags } from "../printers/output-format.ts";
import { dryRunFlags, fieldManagerFlags } from "../report.ts";
import { selectNamed } from "../select-named.ts";
import { selectionFlags } from "../select-objects.ts";

export const annotate = defineCommand({
  usage: "annotate (TYPE NAME | TYPE/NAME | -f FILE) KEY=VALUE ... KEY- ...",
  description: "A key followed by a dash is removed.",
  examples: ["kctl annotate pod web note='my web server'", "kctl annotate pod web note-"],
  flags: {
    ...selectionFlags,
    overwrite: onOff("Replace values that are there."),
    list: onOff("Show the annotations."),
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
    if (words.length === 0 && !flags.list) throw new CommandError("at least one annotation update is required");
    const changes = parseChanges(words, "annotation");
    const selected = await selectNamed(session, { ...flags, args: resources });
    const { changeAll } = await import("../changes/change-object.ts");
    const said: string[] = [];
    await changeAll(session, selected, {
      // As with kubectl, --list shows what would be, and changes nothing.
      flags: flags.list ? { ...flags, "dry-run": "client" } : flags,
      fieldManager: flags["field-manager"] ?? "kubectl-annotate",
      resourceVersion: flags["resource-version"],
      plan(object) {
        const { annotations = {} } = object.metadata;
        if (!flags.overwrite) refuseOverwriting(overwrittenKeys(annotations, changes));
        return withMetadata(object, "annotations", applyChanges(annotations, changes));
      },
      describe({ after }) {
        if (!flags.list) return "annotated";
        said.push(...Object.entries(after.metadata.annotations ?? {}).map(([key, value]) => `${key}=${value}\n`));
        return undefined;
      },
    });
    session.io.out(said.join(""));
  },
});

function refuseOverwriting(kept: ReadonlyMap<string, string>): void {
  if (kept.size === 0) return;
  const texts = [...kept].map(([key, value]) => `'${key}' already has a value (${value})`);
  throw new CommandError(`--overwrite is false but found the following declared annotation(s): ${texts.join("; ")}`);
}
