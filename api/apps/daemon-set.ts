// HEADER: say what DaemonSet is and what it must never do.

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
  listMap,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const rollingUpdateDaemonSet = object("io.k8s.api.apps.v1.RollingUpdateDaemonSet", "", {
  maxUnavailable: optional(1, intOrString(), ""),
  maxSurge: optional(2, intOrString(), ""),
});
export interface RollingUpdateDaemonSet extends Infer<typeof rollingUpdateDaemonSet> {}

export const daemonSetUpdateStrategy = object("io.k8s.api.apps.v1.DaemonSetUpdateStrategy", "", {
  type: optional(1, oneOf("RollingUpdate", "OnDelete"), ""),
  rollingUpdate: optional(2, rollingUpdateDaemonSet, ""),
});
export interface DaemonSetUpdateStrategy extends Infer<typeof daemonSetUpdateStrategy> {}

export const daemonSetSpec = object("io.k8s.api.apps.v1.DaemonSetSpec", "", {
  selector: required(1, labelSelector, ""),
  template: required(2, podTemplateSpec, ""),
  updateStrategy: optional(3, daemonSetUpdateStrategy, ""),
  minReadySeconds: optional(4, int32(), ""),
  revisionHistoryLimit: optional(6, int32(), ""),
});
export interface DaemonSetSpec extends Infer<typeof daemonSetSpec> {}

export const daemonSetCondition = object("io.k8s.api.apps.v1.DaemonSetCondition", "", {
  type: required(1, string(), ""),
  status: required(2, oneOf("True", "False", "Unknown"), ""),
  lastTransitionTime: optional(3, time(), ""),
  reason: optional(4, string(), ""),
  message: optional(5, string(), ""),
});
export interface DaemonSetCondition extends Infer<typeof daemonSetCondition> {}

export const daemonSetStatus = object("io.k8s.api.apps.v1.DaemonSetStatus", "", {
  currentNumberScheduled: required(1, int32(), ""),
  numberMisscheduled: required(2, int32(), ""),
  desiredNumberScheduled: required(3, int32(), ""),
  numberReady: required(4, int32(), ""),
  observedGeneration: optional(5, int64(), ""),
  updatedNumberScheduled: optional(6, int32(), ""),
  numberAvailable: optional(7, int32(), ""),
  numberUnavailable: optional(8, int32(), ""),
  collisionCount: optional(9, int32(), ""),
  conditions: optional(10, listMap(daemonSetCondition, ["type"], { mergeKey: "type", strategy: "merge" }), ""),
});
export interface DaemonSetStatus extends Infer<typeof daemonSetStatus> {}

export const daemonSet = kubeObject("io.k8s.api.apps.v1.DaemonSet", "", {
  spec: present(2, daemonSetSpec, ""),
  status: present(3, daemonSetStatus, ""),
});
export interface DaemonSet extends Infer<typeof daemonSet> {}

export const daemonSets: ResourceDefinition<DaemonSet> = {
  group: "apps",
  version: "v1",
  kind: "DaemonSet",
  plural: "daemonsets",
  shortNames: ["ds"],
  categories: ["all"],
  scope: "Namespaced",
  schema: daemonSet,
  subresources: ["status"],
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
