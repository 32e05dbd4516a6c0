// kctl rollout status: follows the rollout of a workload until it has finished or failed.

import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { duration, integerOr, onOff } from "../flags.ts";
import { observeObject, withinTime } from "../observe-object.ts";
import { rolloutSelectionFlags, selectRollouts } from "../rollout/select-rollouts.ts";
import { describeRollout } from "../rollout/rollout-status.ts";
import { throwErrors, type SelectedObject } from "../select-objects.ts";
import type { Session } from "../session.ts";

export const rolloutStatus = defineCommand({
  usage: "rollout status (TYPE NAME | TYPE/NAME)",
  examples: ["kctl rollout status deployment/web", "kctl rollout status deployment/web --timeout=60s"],
  flags: {
    ...rolloutSelectionFlags,
    watch: onOff("Wait until it has finished; --watch=false only looks.", { short: "w", default: true }),
    revision: integerOr(0, "The revision that is expected; whatever it is unless given."),
    timeout: duration("How long to wait; for ever unless given."),
  },
  async run({ flags, args, session }) {
    const { objects, errors } = await selectRollouts(session, { ...flags, args });
    for (const selected of objects) await followRollout(session, selected, flags);
    throwErrors(errors);
  },
});

interface FollowOptions {
  readonly watch: boolean;
  readonly revision: number;
  readonly timeout: number | undefined;
}

async function followRollout(session: Session, selected: SelectedObject, options: FollowOptions): Promise<void> {
  const say = (message: string) => session.io.out(`${message}\n`);
  if (!options.watch) return say(describeRollout(selected.object, options.revision).message);
  const finished = await withinTime(session, options.timeout || undefined, async (signal) => {
    for await (const object of observeObject(session, selected, signal)) {
      if (!object) throw new CommandError("object has been deleted");
      const { message, done } = describeRollout(object, options.revision);
      say(message);
      if (done) return true;
    }
    return undefined;
  });
  if (!finished) throw new CommandError("timed out waiting for the condition");
}
