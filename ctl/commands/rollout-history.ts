// kctl rollout history: the revisions of a workload, or what one of them holds.

import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { integerOr } from "../flags.ts";
import { alignTabs, describeSpacing } from "../printers/tab-writer.ts";
import { outputFlags } from "../printers/output-format.ts";
import { createReport } from "../report.ts";
import { fetchRevisions } from "../rollout/fetch-revisions.ts";
import { describeTemplate } from "../rollout/describe-template.ts";
import type { Revision } from "../rollout/rollout-history.ts";
import { rolloutSelectionFlags, selectRollouts } from "../rollout/select-rollouts.ts";
import { describeTarget, throwErrors, type SelectedObject } from "../select-objects.ts";

export const rolloutHistory = defineCommand({
  usage: "rollout history (TYPE NAME | TYPE/NAME)",
  description: "Change causes come from the annotation kubernetes.io/change-cause.",
  examples: ["kctl rollout history deployment/web", "kctl rollout history deployment/web --revision=3"],
  flags: { ...rolloutSelectionFlags, revision: integerOr(0, "Show what this revision holds."), ...outputFlags },
  async run({ flags, args, session }) {
    const selected = await selectRollouts(session, { ...flags, args });
    const errors = [...selected.errors];
    for (const each of selected.objects) {
      try {
        const revisions = await fetchRevisions(session, each, "history viewer");
        if (flags.output) {
          const report = await createReport(session, flags);
          report(each, each.object, "");
          continue;
        }
        session.io.out(
          flags.revision > 0
            ? `${describeTarget(each)} with revision #${flags.revision}\n${renderRevision(each, revisions, flags.revision)}\n`
            : `${describeTarget(each)} \n${renderRevisions(revisions)}\n`,
        );
      } catch (error) {
        errors.push(error);
      }
    }
    throwErrors(errors);
  },
});

function renderRevisions(revisions: readonly Revision[]): string {
  if (revisions.length === 0) return "No rollout history found.";
  const rows = revisions.map(({ number, changeCause }) => `${number}\t${changeCause ?? "<none>"}\n`);
  return alignTabs(`REVISION\tCHANGE-CAUSE\n${rows.join("")}`, describeSpacing);
}

function renderRevision({ type }: SelectedObject, revisions: readonly Revision[], number: number): string {
  const found = revisions.find((revision) => revision.number === number);
  if (!found) throw new CommandError("unable to find the specified revision");
  // As kubectl shows it: for deployments only.
  const changeCause = type.kind === "Deployment" ? found.changeCause : undefined;
  const causes: Readonly<Record<string, string>> = changeCause ? { "kubernetes.io/change-cause": changeCause } : {};
  const { metadata = {}, spec } = found.template;
  const annotations = { ...metadata.annotations, ...causes };
  return describeTemplate({ metadata: { ...metadata, annotations }, spec });
}
