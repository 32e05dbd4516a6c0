// kctl diff: what apply would change. Exits with 0 where nothing differs, 1 where something does, and 2 on errors.

import { join } from "node:path";
import { renderYaml } from "../../lib/render-yaml.ts";
import type { AnyObject } from "../any-object.ts";
import { applyObject } from "../apply/apply-object.ts";
import { LAST_APPLIED } from "../apply/last-applied.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { onOff, textOr } from "../flags.ts";
import { dataDirectory } from "../kubeconfig-path.ts";
import { manifestFlags, readManifests } from "../manifests.ts";
import { withoutManagedFields } from "../printers/output-format.ts";
import { exitCodeOf, isStatusError, renderError } from "../render-error.ts";
import { fetchObject, targetOf, type Target } from "../select-objects.ts";
import type { Session } from "../session.ts";

const FAILED = 2;

export const diff = defineCommand({
  usage: "diff -f FILE [flags]",
  description:
    "KUBECTL_EXTERNAL_DIFF names the program that compares, else diff -u -N. Exits with 1 where something differs, and with 2 on errors.",
  flags: {
    ...manifestFlags,
    "server-side": onOff("Let the server merge, as apply --server-side does."),
    "force-conflicts": onOff("With --server-side: take over fields that others own."),
    "field-manager": textOr(
      "kubectl-client-side-apply",
      "The name that the server notes as the changer of the fields.",
    ),
  },
  async run({ flags, args, session }) {
    try {
      if (args.length > 0 || flags.filename.length + flags.kustomize.length === 0) {
        throw new CommandError("must specify one of -f and -k");
      }
      const pairs: Pair[] = [];
      for (const manifest of await readManifests(session.io, flags)) {
        const target = await targetOf(session, manifest);
        const live = await findLive(session, target);
        const { object } = await applyObject(
          session,
          { ...target, manifest },
          {
            dryRun: "server",
            serverSide: flags["server-side"],
            forceConflicts: flags["force-conflicts"],
            force: false,
            fieldManager: flags["field-manager"],
            fieldValidation: "Strict",
          },
        );
        pairs.push({ name: fileName(target), live, merged: object });
      }
      return await compare(session, pairs);
    } catch (error) {
      session.io.err(renderError(error));
      return Math.max(exitCodeOf(error), FAILED);
    }
  },
});

interface Pair {
  readonly name: string;
  readonly live: AnyObject | undefined;
  readonly merged: AnyObject;
}

const fileName = ({ type, namespace, name }: Target) =>
  [type.group, type.version, type.kind, namespace, name].filter((part) => part).join(".");

async function findLive(session: Session, target: Target): Promise<AnyObject | undefined> {
  try {
    return await fetchObject(session, target);
  } catch (error) {
    if (isStatusError(error) && error.reason === "NotFound") return undefined;
    throw error;
  }
}

/** Writes both sides into two folders and lets the program compare these. */
async function compare({ io }: Session, pairs: readonly Pair[]): Promise<number> {
  const suffix = Math.floor(io.random.float() * 1e9).toString(36);
  const root = join(dataDirectory(io), "diff", suffix);
  const [from, to] = [join(root, "LIVE"), join(root, "MERGED")];
  try {
    for (const { name, live, merged } of pairs) {
      if (live) await io.files.write(join(from, name), renderYaml(withoutManagedFields(live)));
      await io.files.write(join(to, name), renderYaml(withoutManagedFields(withAnnotationOf(live, merged))));
    }
    const command = io.environment.KUBECTL_EXTERNAL_DIFF || "diff -u -N -r";
    const [program = "diff", ...args] = command.split(/\s+/);
    const code = await io.runInForeground(program, [...args, from, to]).catch((error: Error) => {
      throw new CommandError(`failed to run ${JSON.stringify(program)}: ${error.message}`);
    });
    return code;
  } finally {
    await io.files.remove(root);
  }
}

/** What apply would only note for itself is no difference: the annotation is shown as it is now. */
function withAnnotationOf(live: AnyObject | undefined, merged: AnyObject): AnyObject {
  const entries = Object.entries(merged.metadata.annotations ?? {}).filter(([key]) => key !== LAST_APPLIED);
  const others: Readonly<Record<string, string>> = Object.fromEntries(entries);
  const noted = live?.metadata.annotations?.[LAST_APPLIED];
  const annotations = noted === undefined ? others : { ...others, [LAST_APPLIED]: noted };
  const shown = Object.keys(annotations).length > 0 ? annotations : undefined;
  return { ...merged, metadata: { ...merged.metadata, annotations: shown } };
}
