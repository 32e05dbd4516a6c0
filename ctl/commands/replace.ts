// kctl replace: puts manifests in the place of objects that exist.

import { withLastApplied } from "../apply/last-applied.ts";
import type { AnyObject } from "../any-object.ts";
import { checkManifest } from "../check-manifest.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { deleteAndWait } from "../delete/delete-object.ts";
import { onOff, text, textOr } from "../flags.ts";
import { manifestFlags, readManifests } from "../manifests.ts";
import { outputFlags } from "../printers/output-format.ts";
import { withSource } from "../render-error.ts";
import { createReport, dryRunFlags, dryRunQuery, parseDryRun } from "../report.ts";
import { pathOfType } from "../resource-type.ts";
import { targetOf, throwErrors } from "../select-objects.ts";
import { parseValidation, validationFlags } from "../validation-flag.ts";

export const replace = defineCommand({
  usage: "replace -f FILE [flags]",
  examples: ["kctl get deploy web -o yaml | sed 's/v1/v2/' | kctl replace -f -"],
  flags: {
    ...manifestFlags,
    ...outputFlags,
    ...dryRunFlags,
    ...validationFlags,
    force: onOff("Delete the object and create it anew."),
    "save-config": onOff("Note the manifest in the object, so that apply can change it later."),
    subresource: text("The subresource to replace: status or scale."),
    "field-manager": textOr("kubectl-replace", "The name that the server notes as the changer of the fields."),
  },
  async run({ flags, args, session }) {
    if (args.length > 0 || flags.filename.length + flags.kustomize.length === 0) {
      throw new CommandError("must specify --filename to replace");
    }
    const dryRun = parseDryRun(flags["dry-run"]);
    const report = await createReport(session, { ...flags, dryRun });
    const fieldValidation = parseValidation(flags.validate);
    const query = { fieldManager: flags["field-manager"], fieldValidation, ...dryRunQuery(dryRun) };
    const server = await session.server();
    const errors: unknown[] = [];
    for (const manifest of await readManifests(session.io, flags)) {
      try {
        if (fieldValidation === "Strict") checkManifest(manifest);
        const target = await targetOf(session, manifest);
        const { type, namespace } = target;
        const metadata = { ...manifest.object.metadata, ...(namespace && { namespace }) };
        const placed = { ...manifest.object, metadata };
        const body = flags["save-config"] ? withLastApplied(placed) : placed;
        if (dryRun === "client") {
          report(target, body, "replaced");
          continue;
        }
        if (flags.force) await deleteAndWait(session, target, { gracePeriodSeconds: 0 });
        const call = flags.force
          ? { method: "POST" as const, path: pathOfType(type, { namespace }) }
          : { method: "PUT" as const, path: pathOfType(type, { ...target, subresource: flags.subresource }) };
        report(target, (await server.call({ ...call, query, body })) as AnyObject, "replaced");
      } catch (error) {
        errors.push(withSource(error, "replacing", manifest.source));
      }
    }
    throwErrors(errors);
  },
});
