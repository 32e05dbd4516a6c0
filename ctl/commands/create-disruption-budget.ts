// kctl create poddisruptionbudget: how many pods evictions must leave.

import { defineCommand } from "../command.ts";
import { buildDisruptionBudget } from "../create/build-disruption-budget.ts";
import { createBuilt, createFlags, knownTypes, onlyName } from "../create/create-object.ts";
import { text } from "../flags.ts";

export const createDisruptionBudget = defineCommand({
  usage: "create poddisruptionbudget NAME --selector=SELECTOR (--min-available=N | --max-unavailable=N) [flags]",
  examples: ["kctl create pdb web --selector=app=web --min-available=50%"],
  flags: {
    ...createFlags,
    selector: text("Which pods are counted, such as app=web."),
    "min-available": text("How many must stay, as a number or a percentage."),
    "max-unavailable": text("How many may be missing, as a number or a percentage."),
  },
  async run({ flags, args, session }) {
    const object = buildDisruptionBudget(onlyName(args, "poddisruptionbudget"), {
      selector: flags.selector,
      minAvailable: flags["min-available"],
      maxUnavailable: flags["max-unavailable"],
    });
    await createBuilt(session, { type: knownTypes.disruptionBudget, object }, flags);
  },
});
