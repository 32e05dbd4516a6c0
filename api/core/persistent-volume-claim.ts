// HEADER: say what PersistentVolumeClaim is and what it must never do.

import { persistentVolumeClaimSpec } from "./claim-spec.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  list,
  listMap,
  map,
  object,
  oneOf,
  optional,
  present,
  quantity,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const persistentVolumeClaimCondition = object("io.k8s.api.core.v1.PersistentVolumeClaimCondition", "", {
  type: required(1, string(), ""),
  status: required(2, oneOf("True", "False", "Unknown"), ""),
  lastProbeTime: optional(3, time(), ""),
  lastTransitionTime: optional(4, time(), ""),
  reason: optional(5, string(), ""),
  message: optional(6, string(), ""),
});
export interface PersistentVolumeClaimCondition extends Infer<typeof persistentVolumeClaimCondition> {}

export const modifyVolumeStatus = object("io.k8s.api.core.v1.ModifyVolumeStatus", "", {
  targetVolumeAttributesClassName: optional(1, string(), ""),
  status: required(2, oneOf("Pending", "InProgress", "Infeasible"), ""),
});
export interface ModifyVolumeStatus extends Infer<typeof modifyVolumeStatus> {}

export const persistentVolumeClaimStatus = object("io.k8s.api.core.v1.PersistentVolumeClaimStatus", "", {
  phase: optional(1, oneOf("Pending", "Bound", "Lost"), ""),
  accessModes: optional(
    2,
    list(oneOf("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"), { listType: "atomic" }),
    "",
  ),
  capacity: optional(3, map(quantity()), ""),
  conditions: optional(
    4,
    listMap(persistentVolumeClaimCondition, ["type"], { mergeKey: "type", strategy: "merge" }),
    "",
  ),
  allocatedResources: optional(5, map(quantity()), ""),
  allocatedResourceStatuses: optional(
    7,
    map(
      oneOf(
        "ControllerResizeInProgress",
        "ControllerResizeInfeasible",
        "NodeResizePending",
        "NodeResizeInProgress",
        "NodeResizeInfeasible",
      ),
      { mapType: "granular" },
    ),
    "",
  ),
  currentVolumeAttributesClassName: optional(8, string(), ""),
  modifyVolumeStatus: optional(9, modifyVolumeStatus, ""),
});
export interface PersistentVolumeClaimStatus extends Infer<typeof persistentVolumeClaimStatus> {}

export const persistentVolumeClaim = kubeObject("io.k8s.api.core.v1.PersistentVolumeClaim", "", {
  spec: present(2, persistentVolumeClaimSpec, ""),
  status: present(3, persistentVolumeClaimStatus, ""),
});
export interface PersistentVolumeClaim extends Infer<typeof persistentVolumeClaim> {}

export const persistentVolumeClaims: ResourceDefinition<PersistentVolumeClaim> = {
  group: "",
  version: "v1",
  kind: "PersistentVolumeClaim",
  plural: "persistentvolumeclaims",
  shortNames: ["pvc"],
  scope: "Namespaced",
  schema: persistentVolumeClaim,
  subresources: ["status"],
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
