// kctl create quota: limits for all objects of a namespace together.

import { defineCommand } from "../command.ts";
import { buildQuota } from "../create/build-limits.ts";
import { createBuilt, createFlags, knownTypes, onlyName } from "../create/create-object.ts";
import { list } from "../flags.ts";

export const createQuota = defineCommand({
  usage: "create quota NAME [--hard=RESOURCE=AMOUNT,...] [--scopes=SCOPE,...] [flags]",
  examples: ["kctl create quota small --hard=pods=10,requests.cpu=4"],
  flags: {
    ...createFlags,
    hard: list("The most that there may be of each resource.", { placeholder: "RESOURCE=AMOUNT" }),
    scopes: list("What pods must be to count, such as BestEffort.", { placeholder: "SCOPE" }),
  },
  async run({ flags, args, session }) {
    const object = buildQuota(onlyName(args, "quota"), flags);
    await createBuilt(session, { type: knownTypes.resourceQuota, object }, flags);
  },
});
