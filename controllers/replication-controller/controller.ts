// Keeps as many pods running as a ReplicationController asks for.

import { replicationControllers, type ReplicationController } from "../../api/core/replication-controller.ts";
import { nothing, selectorOfLabels } from "../../api/meta/selector.ts";
import type { Controller } from "../../client/controller.ts";
import { replicatorController } from "../replicaset/replicator.ts";

export const replicationControllerController: Controller<ReplicationController> = replicatorController({
  name: "replication",
  resource: replicationControllers,
  // One without a selector, which the API refuses, must not take every pod.
  selectorOf: ({ spec: { selector = {} } }) =>
    Object.keys(selector).length > 0 ? selectorOfLabels(selector) : nothing,
});
