// HEADER

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
  object("io.k8s.api.apps.v1.ReplicaSetSpec", "", {
    replicas: optional(1, int32(), ""),
    selector: required(2, labelSelector, ""),
    template: present(3, podTemplateSpec, ""),
    minReadySeconds: optional(4, int32(), ""),
  }),
  (draft) => {
    draft.replicas ??= 1;
  },
);
export interface ReplicaSetSpec extends Infer<typeof replicaSetSpec> {}

export const replicaSetCondition = object("io.k8s.api.apps.v1.ReplicaSetCondition", "", {
  type: required(1, string(), ""),
  status: required(2, oneOf("True", "False", "Unknown"), ""),
  lastTransitionTime: optional(3, time(), ""),
  reason: optional(4, string(), ""),
  message: optional(5, string(), ""),
});
export interface ReplicaSetCondition extends Infer<typeof replicaSetCondition> {}

export const replicaSetStatus = object("io.k8s.api.apps.v1.ReplicaSetStatus", "", {
  replicas: required(1, int32(), ""),
  fullyLabeledReplicas: optional(2, int32(), ""),
  observedGeneration: optional(3, int64(), ""),
  readyReplicas: optional(4, int32(), ""),
  availableReplicas: optional(5, int32(), ""),
  conditions: optional(6, listMap(replicaSetCondition, ["type"], { mergeKey: "type", strategy: "merge" }), ""),
});
export interface ReplicaSetStatus extends Infer<typeof replicaSetStatus> {}

export const replicaSet = kubeObject("io.k8s.api.apps.v1.ReplicaSet", "", {
  spec: present(2, replicaSetSpec, ""),
  status: present(3, replicaSetStatus, ""),
});
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
