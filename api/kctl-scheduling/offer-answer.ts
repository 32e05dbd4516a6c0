// How a framework answers an offer, and how it asks for new ones: the bodies of the subresources accept, decline and revive.
// Nothing of them is stored.

import {
  any,
  boolean,
  byDefault,
  int32,
  list,
  object,
  optional,
  required,
  string,
  type Infer,
} from "../schema/schema.ts";
import { podSpec } from "../core/pod.ts";
import { objectMeta } from "../meta/object-meta.ts";

const FILTER_SECONDS = 5;
/** A day. */
export const FILTER_SECONDS_MAX = 86_400;
/** The tasks of one acceptance are one transaction. */
export const TASKS_MAX = 50;

const typeMeta = {
  apiVersion: optional(101, string(), "scheduling.kctl.dev/v1, or nothing."),
  kind: optional(102, string(), "The kind of the answer, or nothing."),
};

const filterSeconds = (proto: number, what: string) =>
  byDefault(FILTER_SECONDS, optional(proto, int32(), `${what} ${FILTER_SECONDS} unless given, 0 for no time at all.`));

const task = object("dev.kctl.scheduling.v1.OfferedTask", "A pod to start on the offer's node.", {
  metadata: required(
    1,
    objectMeta,
    "The pod's name and namespace, labels and annotations. The name is what tells that a task was started already.",
  ),
  spec: required(2, podSpec, "What runs. The node is the offer's."),
});

const taskResult = object("dev.kctl.scheduling.v1.TaskResult", "What became of one task.", {
  namespace: optional(1, string(), "The pod's namespace."),
  name: optional(2, string(), "The pod's name."),
  uid: optional(3, string(), "The pod's uid, where it was created."),
  started: required(4, boolean(), "Whether the pod was created and bound."),
  status: optional(5, any(), "Why not, as a Status."),
});
export interface TaskResult extends Infer<typeof taskResult> {}

export const offerAcceptance = object(
  "dev.kctl.scheduling.v1.OfferAcceptance",
  "Starts tasks on what an offer holds. They are created and bound in one transaction; those that find no room are left out.",
  {
    ...typeMeta,
    tasks: required(1, list(task), `The pods to start, ${TASKS_MAX} at most. They go in the order given.`),
    filterSeconds: filterSeconds(2, "For how long what is left of the node is not offered to the framework again."),
    results: optional(3, list(taskResult), "The answer, from the server: in the order of the tasks."),
  },
);

export const offerRefusal = object("dev.kctl.scheduling.v1.OfferRefusal", "Declines an offer.", {
  ...typeMeta,
  filterSeconds: filterSeconds(1, "For how long the node is not offered to the framework again."),
});

export const frameworkRevival = object(
  "dev.kctl.scheduling.v1.FrameworkRevival",
  "Says that the framework is there and wants offers: of all nodes, whatever it has declined before.",
  { ...typeMeta },
);

const kindOf = (kind: string) => ({ group: "scheduling.kctl.dev", version: "v1", kind });

export const acceptanceKind = kindOf("OfferAcceptance");
export const refusalKind = kindOf("OfferRefusal");
export const revivalKind = kindOf("FrameworkRevival");
