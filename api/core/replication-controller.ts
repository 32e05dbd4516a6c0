// HEADER: say what ReplicationController is and what it must never do.

import { podTemplateSpec } from "./pod-template.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  int32,
  int64,
  listMap,
  map,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const replicationControllerSpec = object("io.k8s.api.core.v1.ReplicationControllerSpec", "", {
  replicas: optional(1, int32(), ""),
  selector: optional(2, map(string(), { mapType: "atomic" }), ""),
  template: optional(3, podTemplateSpec, ""),
  minReadySeconds: optional(4, int32(), ""),
});
export interface ReplicationControllerSpec extends Infer<typeof replicationControllerSpec> {}

export const replicationControllerCondition = object("io.k8s.api.core.v1.ReplicationControllerCondition", "", {
  type: required(1, string(), ""),
  status: required(2, oneOf("True", "False", "Unknown"), ""),
  lastTransitionTime: optional(3, time(), ""),
  reason: optional(4, string(), ""),
  message: optional(5, string(), ""),
});
export interface ReplicationControllerCondition extends Infer<typeof replicationControllerCondition> {}

export const replicationControllerStatus = object("io.k8s.api.core.v1.ReplicationControllerStatus", "", {
  replicas: required(1, int32(), ""),
  fullyLabeledReplicas: optional(2, int32(), ""),
  observedGeneration: optional(3, int64(), ""),
  readyReplicas: optional(4, int32(), ""),
  availableReplicas: optional(5, int32(), ""),
  conditions: optional(
    6,
    listMap(replicationControllerCondition, ["type"], { mergeKey: "type", strategy: "merge" }),
    "",
  ),
});
export interface ReplicationControllerStatus extends Infer<typeof replicationControllerStatus> {}

export const replicationController = kubeObject("io.k8s.api.core.v1.ReplicationController", "", {
  spec: present(2, replicationControllerSpec, ""),
  status: present(3, replicationControllerStatus, ""),
});
export interface ReplicationController extends Infer<typeof replicationController> {}

export const replicationControllers: ResourceDefinition<ReplicationController> = {
  group: "",
  version: "v1",
  kind: "ReplicationController",
  plural: "replicationcontrollers",
  shortNames: ["rc"],
  categories: ["all"],
  scope: "Namespaced",
  schema: replicationController,
  subresources: ["status", "scale"],
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
