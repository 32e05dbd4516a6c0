// kctl create cronjob: a container that runs at the times of a schedule.

import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { buildCronJob } from "../create/build-jobs.ts";
import { createBuilt, createFlags, knownTypes, onlyName } from "../create/create-object.ts";
import { textOr } from "../flags.ts";

export const createCronJob = defineCommand({
  usage: "create cronjob NAME --image=IMAGE --schedule=SCHEDULE [-- COMMAND ARG ...] [flags]",
  examples: ["kctl create cronjob nightly --image=busybox --schedule='0 3 * * *' -- date"],
  flags: {
    ...createFlags,
    image: textOr("", "The image to run.", { placeholder: "IMAGE" }),
    schedule: textOr("", "When to run, as cron has it.", { placeholder: "SCHEDULE" }),
    restart: textOr("OnFailure", "What happens when the container fails: OnFailure or Never."),
  },
  async run({ flags, args, rest = [], session }) {
    const { image, schedule, restart: restartPolicy } = flags;
    const name = onlyName(args, "cronjob");
    const missing = (["image", "schedule"] as const).filter((flag) => flags[flag] === "");
    if (missing.length > 0) {
      throw new CommandError(`required flag(s) ${missing.map((flag) => `"${flag}"`).join(", ")} not set`);
    }
    const object = buildCronJob(name, { image, schedule, restartPolicy, command: rest });
    await createBuilt(session, { type: knownTypes.cronJob, object }, flags);
  },
});
