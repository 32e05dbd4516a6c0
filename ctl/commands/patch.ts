// kctl patch: changes fields of objects by a patch given on the command line or in a file.

import { resolve } from "node:path";
import { parseYaml } from "../../lib/yaml.ts";
import type { AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { text, textOr } from "../flags.ts";
import { outputFlags } from "../printers/output-format.ts";
import { createReport, dryRunFlags, dryRunQuery, fieldManagerFlags, parseDryRun } from "../report.ts";
import { pathOfType } from "../resource-type.ts";
import { selectObjects, selectionFlags, throwErrors } from "../select-objects.ts";
import type { Session } from "../session.ts";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
};

export const patch = defineCommand({
  usage: "patch (-f FILE | TYPE NAME) [-p PATCH | --patch-file FILE] [flags]",
  examples: [
    `kctl patch node node-1 -p '{"spec":{"unschedulable":true}}'`,
    `kctl patch deploy web --type=json -p '[{"op":"replace","path":"/spec/replicas","value":3}]'`,
  ],
  flags: {
    filename: selectionFlags.filename,
    recursive: selectionFlags.recursive,
    ...outputFlags,
    ...dryRunFlags,
    ...fieldManagerFlags,
    patch: text("The patch, as JSON or YAML.", { short: "p" }),
    "patch-file": text("The file of the patch.", { placeholder: "FILE" }),
    type: textOr("strategic", "The kind of patch: json, merge or strategic."),
    subresource: text("The subresource to patch: status or scale."),
  },
  async run({ flags, args, session }) {
    const contentType = CONTENT_TYPES[flags.type];
    if (!contentType) throw new CommandError(`--type must be one of [json merge strategic], not "${flags.type}"`);
    if (args.length + flags.filename.length === 0) throw new CommandError("one or more resources must be specified");
    const body = await readPatch(session, flags.patch, flags["patch-file"]);
    const dryRun = parseDryRun(flags["dry-run"]);
    const report = await createReport(session, { ...flags, dryRun });
    const { objects, errors } = await selectObjects(session, { ...flags, args });
    const server = await session.server();
    for (const selected of objects) {
      if (dryRun === "client") {
        report(selected, selected.object, "patched");
        continue;
      }
      const patched = (await server.call({
        method: "PATCH",
        path: pathOfType(selected.type, { ...selected, subresource: flags.subresource }),
        contentType,
        query: { fieldManager: flags["field-manager"] ?? "kubectl-patch", ...dryRunQuery(dryRun) },
        body,
      })) as AnyObject;
      const isSame = patched.metadata.resourceVersion === selected.object.metadata.resourceVersion;
      report(selected, patched, isSame && dryRun === "none" ? "patched (no change)" : "patched");
    }
    throwErrors(errors);
  },
});

async function readPatch(session: Session, given: string | undefined, file: string | undefined): Promise<unknown> {
  const { io } = session;
  if ((given === undefined) === (file === undefined))
    throw new CommandError("must specify --patch or --patch-file containing the contents of the patch");
  const source =
    given ??
    (await io.files.read(resolve(io.workingDirectory, file ?? "")).catch((error: Error) => {
      throw new CommandError(`unable to read patch file: ${error.message}`);
    }));
  try {
    return parseYaml(source)[0]?.value;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "YamlError") throw error;
    throw new CommandError(`unable to parse the patch: ${error.message}`);
  }
}
