// Keeps as many pods running as a ReplicaSet asks for.

import { replicaSets, type ReplicaSet } from "../../api/apps/replica-set.ts";
import { selectorOf } from "../../api/meta/selector.ts";
import type { Controller } from "../../client/controller.ts";
import { replicatorController } from "./replicator.ts";

export const replicaSetController: Controller<ReplicaSet> = replicatorController({
  name: "replicaset",
  resource: replicaSets,
  selectorOf: ({ spec }) => selectorOf(spec.selector),
});
