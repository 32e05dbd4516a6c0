// ReplicaSet: keeps a number of equal pods running. Its rules are in validate-workload.ts.

import { validateReplicaSet } from "./validate-workload.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { templateColumns } from "../core/template-columns.ts";
import { withGeneration } from "../meta/generation.ts";
import { keepSpec } from "../meta/status-write.ts";
import { podTemplateSpec } from "../core/pod-template.ts";
import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  completed,
  int32,
  int64,
  listMap,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const replicaSetSpec = completed(
  object("io.k8s.api.apps.v1.ReplicaSetSpec", "How many pods there are to be, and from which template.", {
    replicas: optional(1, int32(), "How many pods are wanted; 1 unless given."),
    selector: required(
      2,
      labelSelector,
      "Selects the pods that belong to the replica set. It must match the template's labels and cannot be changed.",
    ),
    template: present(3, podTemplateSpec, "What missing pods are made from."),
    minReadySeconds: optional(
      4,
      int32(),
      "How many seconds a new pod must be ready, with no container failing, to count as available. 0 unless given.",
    ),
  }),
  (draft) => {
    draft.replicas ??= 1;
  },
);
export interface ReplicaSetSpec extends Infer<typeof replicaSetSpec> {}

export const replicaSetCondition = object(
  "io.k8s.api.apps.v1.ReplicaSetCondition",
  "One aspect of a replica set's state.",
  {
    type: required(1, string(), "The name of the aspect, such as ReplicaFailure."),
    status: required(2, oneOf("True", "False", "Unknown"), "Whether the condition holds: True, False or Unknown."),
    lastTransitionTime: optional(3, time(), "When the status last changed from one value to another."),
    reason: optional(4, string(), "Why it changed, in one CamelCase word."),
    message: optional(5, string(), "Why it changed, in words."),
  },
);
export interface ReplicaSetCondition extends Infer<typeof replicaSetCondition> {}

export const replicaSetStatus = object("io.k8s.api.apps.v1.ReplicaSetStatus", "How many pods a replica set has.", {
  replicas: required(1, int32(), "How many pods there are."),
  fullyLabeledReplicas: optional(2, int32(), "How many of them have all labels of the template."),
  observedGeneration: optional(3, int64(), "The generation that the controller has acted on."),
  readyReplicas: optional(4, int32(), "How many of them are ready."),
  availableReplicas: optional(5, int32(), "How many of them are available."),
  conditions: optional(
    6,
    listMap(replicaSetCondition, ["type"], { mergeKey: "type", strategy: "merge" }),
    "The replica set's conditions, such as ReplicaFailure.",
  ),
});
export interface ReplicaSetStatus extends Infer<typeof replicaSetStatus> {}

export const replicaSet = kubeObject(
  "io.k8s.api.apps.v1.ReplicaSet",
  "Keeps a number of equal pods running. Deployments make and scale replica sets; users rarely do.",
  {
    spec: present(2, replicaSetSpec, "What the replica set is to be."),
    status: present(3, replicaSetStatus, "How many pods it has."),
  },
);
export interface ReplicaSet extends Infer<typeof replicaSet> {}

export const replicaSets: ResourceDefinition<ReplicaSet> = {
  group: "apps",
  version: "v1",
  kind: "ReplicaSet",
  plural: "replicasets",
  shortNames: ["rs"],
  categories: ["all"],
  scope: "Namespaced",
  schema: replicaSet,
  validate: validateReplicaSet,
  subresources: ["status", "scale"],
  columns: [
    nameColumn,
    column("Desired", { type: "integer", description: "How many pods are wanted." }, ({ spec }) => spec.replicas ?? 0),
    column("Current", { type: "integer", description: "How many pods there are." }, ({ status }) => status.replicas),
    column(
      "Ready",
      { type: "integer", description: "How many pods are ready." },
      ({ status }) => status.readyReplicas ?? 0,
    ),
    ageColumn,
    ...templateColumns,
  ],
  selectableFields: ({ status }) => ({ "status.replicas": String(status.replicas) }),
  prepare: (replicaSet, old) =>
    withGeneration({ ...replicaSet, status: old ? old.status : { replicas: 0 } }, old, ({ spec }) => spec),
  prepareStatus: keepSpec,
};
