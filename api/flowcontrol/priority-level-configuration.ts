// PriorityLevelConfiguration: a share of what the API server can do at a time. Its rules are in validate-priority-level.ts;
// nothing is limited yet.

import { kubeObject } from "../meta/object.ts";
import { withGeneration } from "../meta/generation.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { keepSpecAndMetadata } from "../meta/status-write.ts";
import { validatePriorityLevel } from "./validate-priority-level.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  completed,
  int32,
  listMap,
  object,
  optional,
  present,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const queuingConfiguration = completed(
  object(
    "io.k8s.api.flowcontrol.v1.QueuingConfiguration",
    "The queues of a priority level. Each flow is dealt a hand of queues, and a request waits in the shortest of them.",
    {
      queues: optional(1, int32(), "How many queues there are; 64 unless given. 10000000 at most."),
      handSize: optional(
        2,
        int32(),
        "How many queues a flow is dealt; 8 unless given. Not more than there are queues.",
      ),
      queueLengthLimit: optional(
        3,
        int32(),
        "How many requests may wait in a queue; more are refused. 50 unless given.",
      ),
    },
  ),
  (draft) => {
    draft.queues ||= 64;
    draft.handSize ||= 8;
    draft.queueLengthLimit ||= 50;
  },
);
export interface QueuingConfiguration extends Infer<typeof queuingConfiguration> {}

export const limitResponse = completed(
  object("io.k8s.api.flowcontrol.v1.LimitResponse", "What happens to requests that cannot be served at once.", {
    type: required(1, string(), "Queue: they wait; Reject: they are refused."),
    queuing: optional(2, queuingConfiguration, "The queues, for the type Queue only."),
  }),
  (draft) => {
    draft.type ??= "";
  },
);
export interface LimitResponse extends Infer<typeof limitResponse> {}

export const limitedPriorityLevelConfiguration = completed(
  object(
    "io.k8s.api.flowcontrol.v1.LimitedPriorityLevelConfiguration",
    "How many requests a limited level serves at a time, and what happens to the rest.",
    {
      nominalConcurrencyShares: optional(
        1,
        int32(),
        "The level's share of what the server can do at a time, compared with those of the other levels; 30 unless given.",
      ),
      limitResponse: present(2, limitResponse, "What happens to requests that cannot be served at once."),
      lendablePercent: optional(3, int32(), "How much of its share other levels may borrow, 0 to 100; 0 unless given."),
      borrowingLimitPercent: optional(
        4,
        int32(),
        "How much it may borrow itself, in percent of its share. Absent, there is no limit.",
      ),
    },
  ),
  (draft) => {
    draft.nominalConcurrencyShares ??= 30;
    draft.lendablePercent ??= 0;
  },
);
export interface LimitedPriorityLevelConfiguration extends Infer<typeof limitedPriorityLevelConfiguration> {}

export const exemptPriorityLevelConfiguration = completed(
  object(
    "io.k8s.api.flowcontrol.v1.ExemptPriorityLevelConfiguration",
    "What an exempt level leaves to the others. It is never limited itself.",
    {
      nominalConcurrencyShares: optional(
        1,
        int32(),
        "The level's share, compared with those of the other levels; 0 unless given.",
      ),
      lendablePercent: optional(2, int32(), "How much of its share other levels may borrow, 0 to 100; 0 unless given."),
    },
  ),
  (draft) => {
    draft.nominalConcurrencyShares ??= 0;
    draft.lendablePercent ??= 0;
  },
);
export interface ExemptPriorityLevelConfiguration extends Infer<typeof exemptPriorityLevelConfiguration> {}

export const priorityLevelConfigurationSpec = completed(
  object("io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationSpec", "Whether a priority level is limited, and how.", {
    type: required(
      1,
      string(),
      "Exempt: its requests are always served at once; Limited: there are limits to how many.",
    ),
    limited: optional(
      2,
      limitedPriorityLevelConfiguration,
      "The limits. Required for the type Limited, not allowed for Exempt.",
    ),
    exempt: optional(3, exemptPriorityLevelConfiguration, "What the level leaves to others. Only for the type Exempt."),
  }),
  (draft) => {
    draft.type ??= "";
  },
);
export interface PriorityLevelConfigurationSpec extends Infer<typeof priorityLevelConfigurationSpec> {}

export const priorityLevelConfigurationCondition = object(
  "io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationCondition",
  "One aspect of a priority level's state.",
  {
    type: optional(1, string(), "The name of the aspect."),
    status: optional(2, string(), "Whether the condition holds: True, False or Unknown."),
    lastTransitionTime: optional(3, time(), "When the status last changed from one value to another."),
    reason: optional(4, string(), "Why it changed, in one CamelCase word."),
    message: optional(5, string(), "Why it changed, in words."),
  },
);
export interface PriorityLevelConfigurationCondition extends Infer<typeof priorityLevelConfigurationCondition> {}

export const priorityLevelConfigurationStatus = object(
  "io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationStatus",
  "The state of a priority level.",
  {
    conditions: optional(
      1,
      listMap(priorityLevelConfigurationCondition, ["type"], { mergeKey: "type", strategy: "merge" }),
      "The priority level's conditions.",
    ),
  },
);
export interface PriorityLevelConfigurationStatus extends Infer<typeof priorityLevelConfigurationStatus> {}

export const priorityLevelConfiguration = kubeObject(
  "io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration",
  "A priority level: a share of what the API server can do at a time, kept for the requests of some flow schemas.",
  {
    spec: present(2, priorityLevelConfigurationSpec, "Whether it is limited, and how."),
    status: present(3, priorityLevelConfigurationStatus, "The state of the priority level."),
  },
);
export interface PriorityLevelConfiguration extends Infer<typeof priorityLevelConfiguration> {}

export const priorityLevelConfigurations: ResourceDefinition<PriorityLevelConfiguration> = {
  group: "flowcontrol.apiserver.k8s.io",
  version: "v1",
  kind: "PriorityLevelConfiguration",
  plural: "prioritylevelconfigurations",
  scope: "Cluster",
  schema: priorityLevelConfiguration,
  subresources: ["status"],
  validate: validatePriorityLevel,
  columns: [
    nameColumn,
    column("Type", { description: "Whether the level is limited." }, ({ spec }) => spec.type),
    column(
      "NominalConcurrencyShares",
      { description: "The level's share." },
      ({ spec }) => (spec.limited ?? spec.exempt)?.nominalConcurrencyShares ?? "<none>",
    ),
    column("Queues", { description: "How many queues there are." }, (level) => queuingOf(level)?.queues ?? "<none>"),
    column(
      "HandSize",
      { description: "How many queues a flow is dealt." },
      (level) => queuingOf(level)?.handSize ?? "<none>",
    ),
    column(
      "QueueLengthLimit",
      { description: "How many requests may wait in a queue." },
      (level) => queuingOf(level)?.queueLengthLimit ?? "<none>",
    ),
    ageColumn,
  ],
  prepare: (level, old) => withGeneration({ ...level, status: old ? old.status : {} }, old, ({ spec }) => spec),
  prepareStatus: keepSpecAndMetadata,
};

const queuingOf = ({ spec }: PriorityLevelConfiguration) => spec.limited?.limitResponse.queuing;
