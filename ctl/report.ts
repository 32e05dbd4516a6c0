// How commands that change objects say what they have done: `deployment.apps/web scaled`, or the object itself where -o asks for it.

import type { AnyObject } from "./any-object.ts";
import { CommandError } from "./command-error.ts";
import { text, textOr } from "./flags.ts";
import { parseOutput, renderObject, withoutManagedFields } from "./printers/output-format.ts";
import { describeTarget, type Target } from "./select-objects.ts";
import type { Session } from "./session.ts";

export const dryRunFlags = {
  "dry-run": textOr("none", "Only show what would be done: none, client or server.", {
    bare: "unchanged",
    placeholder: "MODE",
  }),
};

export const fieldManagerFlags = {
  "field-manager": text("The name that the server notes as the changer of the fields."),
};

export type DryRun = "none" | "client" | "server";

/** Throws CommandError for other words. */
export function parseDryRun(flag: string): DryRun {
  if (flag === "none" || flag === "client" || flag === "server") return flag;
  if (flag === "unchanged") return "client";
  throw new CommandError(`Invalid dry-run value (${flag}). Must be "none", "server", or "client".`);
}

/** The query entry that makes the server try a write without keeping it. */
export const dryRunQuery = (dryRun: DryRun) => ({ dryRun: dryRun === "server" ? "All" : undefined });

export interface ReportOptions {
  readonly output: string | undefined;
  readonly dryRun?: DryRun;
  readonly "show-managed-fields"?: boolean;
}

export type Report = (target: Pick<Target, "type" | "name">, object: AnyObject, done: string) => void;

const DRY_RUN_SUFFIX: Readonly<Record<DryRun, string>> = {
  none: "",
  client: " (dry run)",
  server: " (server dry run)",
};

/** Prints each object once: as -o asks, else as a line such as `pod/web labeled`. */
export async function createReport(session: Session, options: ReportOptions): Promise<Report> {
  const { io } = session;
  const format = await parseOutput(io, options.output);
  let printed = 0;
  return (target, object, done) => {
    const name = describeTarget(target);
    if (format.kind === "table") {
      io.out(`${name} ${done}${DRY_RUN_SUFFIX[options.dryRun ?? "none"]}\n`);
      return;
    }
    if (format.kind === "yaml" && printed++ > 0) io.out("---\n");
    io.out(renderObject(format, options["show-managed-fields"] ? object : withoutManagedFields(object), name));
  };
}
