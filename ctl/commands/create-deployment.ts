// kctl create deployment: copies of a container, kept running.

import { defineCommand } from "../command.ts";
import { buildDeployment } from "../create/build-objects.ts";
import { createBuilt, createFlags, knownTypes, onlyName } from "../create/create-object.ts";
import { integer, integerOr, list } from "../flags.ts";

export const createDeployment = defineCommand({
  usage: "create deployment NAME --image=IMAGE [-- COMMAND ARG ...] [flags]",
  examples: ["kctl create deployment web --image=web:1 --replicas=3 --port=8080"],
  flags: {
    ...createFlags,
    image: list("The image to run; several make several containers.", { placeholder: "IMAGE" }),
    replicas: integerOr(1, "How many copies to run.", { short: "r" }),
    port: integer("The port that the container listens on."),
  },
  async run({ flags, args, rest = [], session }) {
    const { image: images, replicas, port } = flags;
    const object = buildDeployment(onlyName(args, "deployment"), { images, replicas, port, command: rest });
    await createBuilt(session, { type: knownTypes.deployment, object }, flags);
  },
});
