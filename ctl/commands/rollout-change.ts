// kctl rollout pause, resume, restart and promote.

import { defineCommand, type Command } from "../command.ts";
import { outputFlags } from "../printers/output-format.ts";
import { dryRunFlags, fieldManagerFlags } from "../report.ts";
import { planRolloutChange, type RolloutVerb } from "../rollout/rollout-changes.ts";
import { rolloutSelectionFlags, selectRollouts } from "../rollout/select-rollouts.ts";

export const rolloutPause = defineRolloutChange("pause", "paused");
export const rolloutResume = defineRolloutChange("resume", "resumed");
export const rolloutRestart = defineRolloutChange("restart", "restarted");
export const rolloutPromote = defineRolloutChange("promote", "promoted");

function defineRolloutChange(verb: RolloutVerb, done: string): Command {
  return defineCommand({
    usage: `rollout ${verb} (TYPE NAME | TYPE/NAME)`,
    examples: [`kctl rollout ${verb} deployment/web`],
    flags: { ...rolloutSelectionFlags, ...dryRunFlags, ...fieldManagerFlags, ...outputFlags },
    async run({ flags, args, session }) {
      const selected = await selectRollouts(session, { ...flags, args });
      const { changeAll } = await import("../changes/change-object.ts");
      await changeAll(session, selected, {
        flags,
        fieldManager: flags["field-manager"] ?? "kubectl-rollout",
        plan: (object, target) => planRolloutChange(verb, { ...target, object }, session.io.clock.now()),
        describe: () => done,
      });
    },
  });
}
