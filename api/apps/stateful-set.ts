// HEADER: say what StatefulSet is and what it must never do.

import { persistentVolumeClaim } from "../core/persistent-volume-claim.ts";
import { podTemplateSpec } from "../core/pod-template.ts";
import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  int32,
  int64,
  intOrString,
  list,
  listMap,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const rollingUpdateStatefulSetStrategy = object("io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy", "", {
  partition: optional(1, int32(), ""),
  maxUnavailable: optional(2, intOrString(), ""),
});
export interface RollingUpdateStatefulSetStrategy extends Infer<typeof rollingUpdateStatefulSetStrategy> {}

export const statefulSetUpdateStrategy = object("io.k8s.api.apps.v1.StatefulSetUpdateStrategy", "", {
  type: optional(1, oneOf("RollingUpdate", "OnDelete"), ""),
  rollingUpdate: optional(2, rollingUpdateStatefulSetStrategy, ""),
});
export interface StatefulSetUpdateStrategy extends Infer<typeof statefulSetUpdateStrategy> {}

export const statefulSetPersistentVolumeClaimRetentionPolicy = object(
  "io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy",
  "",
  {
    whenDeleted: optional(1, oneOf("Retain", "Delete"), ""),
    whenScaled: optional(2, oneOf("Retain", "Delete"), ""),
  },
);
export interface StatefulSetPersistentVolumeClaimRetentionPolicy extends Infer<
  typeof statefulSetPersistentVolumeClaimRetentionPolicy
> {}

export const statefulSetOrdinals = object("io.k8s.api.apps.v1.StatefulSetOrdinals", "", {
  start: optional(1, int32(), ""),
});
export interface StatefulSetOrdinals extends Infer<typeof statefulSetOrdinals> {}

export const statefulSetSpec = object("io.k8s.api.apps.v1.StatefulSetSpec", "", {
  replicas: optional(1, int32(), ""),
  selector: required(2, labelSelector, ""),
  template: required(3, podTemplateSpec, ""),
  volumeClaimTemplates: optional(4, list(persistentVolumeClaim, { listType: "atomic" }), ""),
  serviceName: required(5, string(), ""),
  podManagementPolicy: optional(6, oneOf("OrderedReady", "Parallel"), ""),
  updateStrategy: optional(7, statefulSetUpdateStrategy, ""),
  revisionHistoryLimit: optional(8, int32(), ""),
  minReadySeconds: optional(9, int32(), ""),
  persistentVolumeClaimRetentionPolicy: optional(10, statefulSetPersistentVolumeClaimRetentionPolicy, ""),
  ordinals: optional(11, statefulSetOrdinals, ""),
});
export interface StatefulSetSpec extends Infer<typeof statefulSetSpec> {}

export const statefulSetCondition = object("io.k8s.api.apps.v1.StatefulSetCondition", "", {
  type: required(1, string(), ""),
  status: required(2, oneOf("True", "False", "Unknown"), ""),
  lastTransitionTime: optional(3, time(), ""),
  reason: optional(4, string(), ""),
  message: optional(5, string(), ""),
});
export interface StatefulSetCondition extends Infer<typeof statefulSetCondition> {}

export const statefulSetStatus = object("io.k8s.api.apps.v1.StatefulSetStatus", "", {
  observedGeneration: optional(1, int64(), ""),
  replicas: required(2, int32(), ""),
  readyReplicas: optional(3, int32(), ""),
  currentReplicas: optional(4, int32(), ""),
  updatedReplicas: optional(5, int32(), ""),
  currentRevision: optional(6, string(), ""),
  updateRevision: optional(7, string(), ""),
  collisionCount: optional(9, int32(), ""),
  conditions: optional(10, listMap(statefulSetCondition, ["type"], { mergeKey: "type", strategy: "merge" }), ""),
  availableReplicas: optional(11, int32(), ""),
});
export interface StatefulSetStatus extends Infer<typeof statefulSetStatus> {}

export const statefulSet = kubeObject("io.k8s.api.apps.v1.StatefulSet", "", {
  spec: present(2, statefulSetSpec, ""),
  status: present(3, statefulSetStatus, ""),
});
export interface StatefulSet extends Infer<typeof statefulSet> {}

export const statefulSets: ResourceDefinition<StatefulSet> = {
  group: "apps",
  version: "v1",
  kind: "StatefulSet",
  plural: "statefulsets",
  shortNames: ["sts"],
  categories: ["all"],
  scope: "Namespaced",
  schema: statefulSet,
  subresources: ["status", "scale"],
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
