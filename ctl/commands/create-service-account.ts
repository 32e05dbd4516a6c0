// kctl create serviceaccount.

import { defineCommand } from "../command.ts";
import { buildServiceAccount } from "../create/build-objects.ts";
import { createBuilt, createFlags, knownTypes, onlyName } from "../create/create-object.ts";

export const createServiceAccount = defineCommand({
  usage: "create serviceaccount NAME [flags]",
  flags: createFlags,
  async run({ flags, args, session }) {
    const object = buildServiceAccount(onlyName(args, "serviceaccount"));
    await createBuilt(session, { type: knownTypes.serviceAccount, object }, flags);
  },
});
