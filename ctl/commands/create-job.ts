// kctl create job: a container that runs to its end, or a run of a cron job at once.

import type { AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { buildJob, buildJobFrom } from "../create/build-jobs.ts";
import { createBuilt, createFlags, knownTypes, onlyName } from "../create/create-object.ts";
import { textOr } from "../flags.ts";
import { parseResourceArguments } from "../resource-arguments.ts";
import { fetchObject } from "../select-objects.ts";
import type { Session } from "../session.ts";

export const createJob = defineCommand({
  usage: "create job NAME (--image=IMAGE [-- COMMAND ARG ...] | --from=cronjob/NAME) [flags]",
  examples: ["kctl create job once --image=busybox -- date", "kctl create job test --from=cronjob/nightly"],
  flags: {
    ...createFlags,
    image: textOr("", "The image to run.", { placeholder: "IMAGE" }),
    from: textOr("", "The cron job whose template is used.", { placeholder: "cronjob/NAME" }),
  },
  async run({ flags, args, rest = [], session }) {
    const { image, from } = flags;
    const name = onlyName(args, "job");
    if ((image === "") === (from === "")) throw new CommandError("either --image or --from must be specified");
    if (from !== "" && rest.length > 0) throw new CommandError("cannot specify --from and command");
    const object =
      from === "" ? buildJob(name, { image, command: rest }) : buildJobFrom(await readOrigin(session, from), name);
    await createBuilt(session, { type: knownTypes.job, object }, flags);
  },
});

async function readOrigin(session: Session, from: string): Promise<AnyObject> {
  const [origin] = await parseResourceArguments(await session.discovery(), [from]);
  if (!origin?.name) throw new CommandError(`--from=${from}: should be TYPE/NAME, such as cronjob/nightly`);
  return fetchObject(session, { ...origin, name: origin.name, namespace: await session.namespace() });
}
