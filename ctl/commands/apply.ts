// kctl apply: makes the cluster what the manifests say.

import { matchesSelector, parseSelector } from "../../api/meta/selector.ts";
import { applyObject } from "../apply/apply-object.ts";
import type { ApplyOptions, ManifestTarget } from "../apply/apply-options.ts";
import { checkManifest } from "../check-manifest.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand, type Call } from "../command.ts";
import { list, onOff, text, textOr, type FlagTable } from "../flags.ts";
import { manifestFlags, readManifests } from "../manifests.ts";
import { outputFlags } from "../printers/output-format.ts";
import { createReport, dryRunFlags, parseDryRun, type Report } from "../report.ts";
import { targetOf, throwErrors } from "../select-objects.ts";
import type { Session } from "../session.ts";
import { parseValidation, validationFlags } from "../validation-flag.ts";

const flags = {
  ...manifestFlags,
  ...outputFlags,
  ...dryRunFlags,
  ...validationFlags,
  selector: text("Apply only the manifests that have these labels.", { short: "l" }),
  prune: onOff("Delete what an earlier apply has created and the manifests no longer have."),
  "prune-allowlist": list("The kinds to prune, such as core/v1/ConfigMap."),
  all: onOff("With --prune: look at all objects, whatever their labels."),
  "server-side": onOff("Let the server merge, and keep track of who owns which field."),
  "force-conflicts": onOff("With --server-side: take over fields that others own."),
  force: onOff("Where a change is refused, delete the object and create it anew."),
  "field-manager": textOr("kubectl-client-side-apply", "The name that the server notes as the changer of the fields."),
  overwrite: onOff("Overwrite what others have changed; always done.", { default: true }),
  wait: onOff("Accepted for kubectl's sake: pruned objects are not waited for."),
} satisfies FlagTable;

export const apply = defineCommand({
  usage: "apply (-f FILE | -f -) [flags]",
  description:
    "Creates what does not exist and changes what differs. Fields that the manifest had the last time and no longer has are deleted; what others have added stays.",
  examples: ["kctl apply -f app.yaml", "kctl apply -R -f manifests/", "kctl apply -f app.yaml --prune -l app=web"],
  flags,
  async run({ flags: given, args, session }) {
    checkFlags(given, args);
    const dryRun = parseDryRun(given["dry-run"]);
    const report = await createReport(session, { ...given, dryRun });
    const { targets, errors } = await planTargets(session, given);
    const options: ApplyOptions = {
      dryRun,
      serverSide: given["server-side"],
      forceConflicts: given["force-conflicts"],
      force: given.force,
      fieldManager: managerOf(given),
      fieldValidation: parseValidation(given.validate),
    };
    const { kept, namespaces } = await applyAll(session, { targets, options, errors, report });
    throwErrors(errors);
    if (!given.prune) return;
    const { prune } = await import("../apply/prune.ts");
    const allowlist = given["prune-allowlist"];
    await prune(session, { selector: given.selector, allowlist, namespaces, kept, dryRun }, report);
  },
});

type Given = Call<typeof flags>["flags"];

const managerOf = (given: Given) =>
  given["server-side"] && given["field-manager"] === flags["field-manager"].default
    ? "kubectl"
    : given["field-manager"];

function checkFlags(given: Given, args: readonly string[]): void {
  if (args.length > 0)
    throw new CommandError(`Unexpected args: [${args.join(" ")}]\nSee 'kctl apply -h' for help and examples`);
  if (given.filename.length + given.kustomize.length === 0) throw new CommandError("must specify one of -f and -k");
  if (given["force-conflicts"] && !given["server-side"]) {
    throw new CommandError("--force-conflicts only works with --server-side");
  }
  if (given.prune && !given.selector && !given.all) {
    throw new CommandError(
      "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector",
    );
  }
}

/** What can be read and is right is applied, even where something else is not. */
async function planTargets(session: Session, given: Given) {
  const targets: ManifestTarget[] = [];
  const errors: unknown[] = [];
  const selector = parseSelector(given.selector ?? "");
  const manifests = await readManifests(session.io, given);
  const chosen = manifests.filter(({ object }) => matchesSelector(selector, object.metadata.labels));
  if (chosen.length === 0) throw new CommandError("no objects passed to apply");
  for (const manifest of chosen) {
    try {
      if (parseValidation(given.validate) === "Strict") checkManifest(manifest);
      targets.push({ ...(await targetOf(session, manifest)), manifest });
    } catch (error) {
      errors.push(error);
    }
  }
  return { targets, errors };
}

interface Plan {
  readonly targets: readonly ManifestTarget[];
  readonly options: ApplyOptions;
  readonly errors: unknown[];
  readonly report: Report;
}

async function applyAll(session: Session, { targets, options, errors, report }: Plan) {
  const kept = new Set<string>();
  const namespaces = new Set<string>();
  for (const target of targets) {
    try {
      const { object, done } = await applyObject(session, target, options);
      report(target, object, done);
      kept.add(object.metadata.uid ?? "");
      if (target.namespace) namespaces.add(target.namespace);
    } catch (error) {
      errors.push(error);
    }
  }
  return { kept, namespaces };
}
