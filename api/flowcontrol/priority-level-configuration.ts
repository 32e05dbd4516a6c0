// HEADER: say what PriorityLevelConfiguration is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  int32,
  listMap,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const queuingConfiguration = object("io.k8s.api.flowcontrol.v1.QueuingConfiguration", "", {
  queues: optional(1, int32(), ""),
  handSize: optional(2, int32(), ""),
  queueLengthLimit: optional(3, int32(), ""),
});
export interface QueuingConfiguration extends Infer<typeof queuingConfiguration> {}

export const limitResponse = object("io.k8s.api.flowcontrol.v1.LimitResponse", "", {
  type: required(1, oneOf("Queue", "Reject"), ""),
  queuing: optional(2, queuingConfiguration, ""),
});
export interface LimitResponse extends Infer<typeof limitResponse> {}

export const limitedPriorityLevelConfiguration = object(
  "io.k8s.api.flowcontrol.v1.LimitedPriorityLevelConfiguration",
  "",
  {
    nominalConcurrencyShares: optional(1, int32(), ""),
    limitResponse: optional(2, limitResponse, ""),
    lendablePercent: optional(3, int32(), ""),
    borrowingLimitPercent: optional(4, int32(), ""),
  },
);
export interface LimitedPriorityLevelConfiguration extends Infer<typeof limitedPriorityLevelConfiguration> {}

export const exemptPriorityLevelConfiguration = object(
  "io.k8s.api.flowcontrol.v1.ExemptPriorityLevelConfiguration",
  "",
  {
    nominalConcurrencyShares: optional(1, int32(), ""),
    lendablePercent: optional(2, int32(), ""),
  },
);
export interface ExemptPriorityLevelConfiguration extends Infer<typeof exemptPriorityLevelConfiguration> {}

export const priorityLevelConfigurationSpec = object("io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationSpec", "", {
  type: required(1, oneOf("Exempt", "Limited"), ""),
  limited: optional(2, limitedPriorityLevelConfiguration, ""),
  exempt: optional(3, exemptPriorityLevelConfiguration, ""),
});
export interface PriorityLevelConfigurationSpec extends Infer<typeof priorityLevelConfigurationSpec> {}

export const priorityLevelConfigurationCondition = object(
  "io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationCondition",
  "",
  {
    type: optional(1, string(), ""),
    status: optional(2, oneOf("True", "False", "Unknown"), ""),
    lastTransitionTime: optional(3, time(), ""),
    reason: optional(4, string(), ""),
    message: optional(5, string(), ""),
  },
);
export interface PriorityLevelConfigurationCondition extends Infer<typeof priorityLevelConfigurationCondition> {}

export const priorityLevelConfigurationStatus = object(
  "io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationStatus",
  "",
  {
    conditions: optional(
      1,
      listMap(priorityLevelConfigurationCondition, ["type"], { mergeKey: "type", strategy: "merge" }),
      "",
    ),
  },
);
export interface PriorityLevelConfigurationStatus extends Infer<typeof priorityLevelConfigurationStatus> {}

export const priorityLevelConfiguration = kubeObject("io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration", "", {
  spec: present(2, priorityLevelConfigurationSpec, ""),
  status: present(3, priorityLevelConfigurationStatus, ""),
});
export interface PriorityLevelConfiguration extends Infer<typeof priorityLevelConfiguration> {}

export const priorityLevelConfigurations: ResourceDefinition<PriorityLevelConfiguration> = {
  group: "flowcontrol.apiserver.k8s.io",
  version: "v1",
  kind: "PriorityLevelConfiguration",
  plural: "prioritylevelconfigurations",
  scope: "Cluster",
  schema: priorityLevelConfiguration,
  subresources: ["status"],
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
