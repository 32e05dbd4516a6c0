// kctl create namespace.

import { defineCommand } from "../command.ts";
import { buildNamespace } from "../create/build-objects.ts";
import { createBuilt, createFlags, knownTypes, onlyName } from "../create/create-object.ts";

export const createNamespace = defineCommand({
  usage: "create namespace NAME [flags]",
  flags: createFlags,
  run: ({ flags, args, session }) =>
    createBuilt(session, { type: knownTypes.namespace, object: buildNamespace(onlyName(args, "namespace")) }, flags),
});
