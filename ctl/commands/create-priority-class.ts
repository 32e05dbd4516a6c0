// kctl create priorityclass: a priority of pods, by name.

import { defineCommand } from "../command.ts";
import { buildPriorityClass } from "../create/build-limits.ts";
import { createBuilt, createFlags, knownTypes, onlyName } from "../create/create-object.ts";
import { integerOr, onOff, text, textOr } from "../flags.ts";

export const createPriorityClass = defineCommand({
  usage: "create priorityclass NAME --value=NUMBER [flags]",
  examples: ["kctl create priorityclass high --value=1000 --description='before all others'"],
  flags: {
    ...createFlags,
    value: integerOr(0, "The priority: pods with a higher one come first."),
    "global-default": onOff("Whether pods that name no class have this one."),
    description: text("What the class is for."),
    "preemption-policy": textOr("PreemptLowerPriority", "Whether pods of the class may displace others, or Never."),
  },
  async run({ flags, args, session }) {
    const object = buildPriorityClass(onlyName(args, "priorityclass"), {
      value: flags.value,
      globalDefault: flags["global-default"],
      description: flags.description,
      preemptionPolicy: flags["preemption-policy"],
    });
    await createBuilt(session, { type: knownTypes.priorityClass, object }, flags);
  },
});
