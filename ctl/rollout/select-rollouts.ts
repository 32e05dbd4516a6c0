// The workloads that a rollout command works on.

import { CommandError } from "../command-error.ts";
import { text } from "../flags.ts";
import { manifestFlags } from "../manifests.ts";
import { selectObjects, type Selected, type Selection } from "../select-objects.ts";
import type { Session } from "../session.ts";

export const rolloutSelectionFlags = {
  ...manifestFlags,
  selector: text("The labels that objects must have, such as app=web.", { short: "l" }),
};

/** A type alone stands for all objects of it, as with kubectl. */
export async function selectRollouts(session: Session, selection: Selection): Promise<Selected> {
  if (selection.args.length === 0 && (selection.filename ?? []).length === 0) {
    throw new CommandError("required resource not specified");
  }
  return selectObjects(session, selection);
}
