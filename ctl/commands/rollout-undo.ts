// kctl rollout undo: gives a workload the template that it had before, or that of a revision.

import { valueAt, type AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { integerOr } from "../flags.ts";
import { outputFlags } from "../printers/output-format.ts";
import { createReport, dryRunFlags, fieldManagerFlags, parseDryRun } from "../report.ts";
import { describeTemplate } from "../rollout/describe-template.ts";
import { fetchRevisions } from "../rollout/fetch-revisions.ts";
import { chooseRevision, planUndo, type Workload } from "../rollout/rollout-history.ts";
import { rolloutSelectionFlags, selectRollouts } from "../rollout/select-rollouts.ts";
import { throwErrors, type SelectedObject } from "../select-objects.ts";

export const rolloutUndo = defineCommand({
  usage: "rollout undo (TYPE NAME | TYPE/NAME) [--to-revision=N]",
  examples: ["kctl rollout undo deployment/web", "kctl rollout undo deployment/web --to-revision=3"],
  flags: {
    ...rolloutSelectionFlags,
    "to-revision": integerOr(0, "The revision to go back to; the one before unless given."),
    ...dryRunFlags,
    ...fieldManagerFlags,
    ...outputFlags,
  },
  async run({ flags, args, session }) {
    const selected = await selectRollouts(session, { ...flags, args });
    const dryRun = parseDryRun(flags["dry-run"]);
    const report = await createReport(session, { ...flags, dryRun });
    const errors = [...selected.errors];
    const { changeObject } = await import("../changes/change-object.ts");
    const undo = async (each: SelectedObject) => {
      const revisions = await fetchRevisions(session, each, "rollbacker");
      if (valueAt(each.object, "spec", "paused") === true) {
        throw new CommandError(
          "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
        );
      }
      const revision = chooseRevision(each.object as unknown as Workload, revisions, flags["to-revision"]);
      if (dryRun === "client") return report(each, each.object, describeTemplate(revision.template));
      const { after, isChanged } = await changeObject(session, each, {
        fieldManager: flags["field-manager"] ?? "kubectl-rollout",
        dryRun,
        plan: (object) => (planUndo(object as unknown as Workload, revision) as AnyObject | undefined) ?? object,
      });
      const skipped = `skipped rollback (current template already matches revision ${revision.number})`;
      report(each, after, isChanged ? "rolled back" : skipped);
    };
    for (const each of selected.objects) await undo(each).catch((error: unknown) => errors.push(error));
    throwErrors(errors);
  },
});
