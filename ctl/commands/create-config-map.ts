// kctl create configmap: entries from files and literals.

import { defineCommand } from "../command.ts";
import { buildConfigMap } from "../create/build-objects.ts";
import { createBuilt, createFlags, knownTypes, onlyName } from "../create/create-object.ts";
import { entryFlags, readEntries } from "../create/read-entries.ts";

export const createConfigMap = defineCommand({
  usage: "create configmap NAME [--from-file=[KEY=]FILE] [--from-literal=KEY=VALUE] [--from-env-file=FILE] [flags]",
  examples: ["kctl create configmap settings --from-literal=mode=fast --from-file=app.conf"],
  flags: { ...createFlags, ...entryFlags },
  async run({ flags, args, session }) {
    const name = onlyName(args, "configmap");
    const object = buildConfigMap(name, await readEntries(session.io, flags));
    await createBuilt(session, { type: knownTypes.configMap, object }, flags);
  },
});
