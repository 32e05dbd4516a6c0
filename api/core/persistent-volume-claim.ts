// PersistentVolumeClaim: a wish for storage, which a volume is found or made for. Its rules are in validate-claim.ts.

import { renderAccessModes } from "./access-modes.ts";
import { persistentVolumeClaimSpec } from "./claim-spec.ts";
import { prepareClaim } from "./claim-strategy.ts";
import { classOf, phaseOf, UNSET } from "./persistent-volume-columns.ts";
import { warnOfClaim } from "./storage-warnings.ts";
import { validateClaim } from "./validate-claim.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn, wideColumn } from "../meta/standard-columns.ts";
import { keepSpec } from "../meta/status-write.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  completed,
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

export const persistentVolumeClaimCondition = object(
  "io.k8s.api.core.v1.PersistentVolumeClaimCondition",
  "One aspect of a claim's state.",
  {
    type: required(1, string(), "The name of the aspect, such as Resizing or FileSystemResizePending."),
    status: required(2, oneOf("True", "False", "Unknown"), "Whether the condition holds: True, False or Unknown."),
    lastProbeTime: optional(3, time(), "When it was last looked at."),
    lastTransitionTime: optional(4, time(), "When the status last changed from one value to another."),
    reason: optional(5, string(), "Why it changed, in one CamelCase word."),
    message: optional(6, string(), "Why it changed, in words."),
  },
);
export interface PersistentVolumeClaimCondition extends Infer<typeof persistentVolumeClaimCondition> {}

export const modifyVolumeStatus = object(
  "io.k8s.api.core.v1.ModifyVolumeStatus",
  "How far a change of the volume's attributes has come.",
  {
    targetVolumeAttributesClassName: optional(1, string(), "The class that the volume is to have."),
    status: required(
      2,
      oneOf("Pending", "InProgress", "Infeasible"),
      "Pending (something is missing, such as the class), InProgress, or Infeasible (the driver refused it).",
    ),
  },
);
export interface ModifyVolumeStatus extends Infer<typeof modifyVolumeStatus> {}

export const persistentVolumeClaimStatus = object(
  "io.k8s.api.core.v1.PersistentVolumeClaimStatus",
  "What a claim has been given.",
  {
    phase: optional(
      1,
      oneOf("Pending", "Bound", "Lost"),
      "Pending, Bound, or Lost (the volume that it was bound to is gone).",
    ),
    accessModes: optional(2, list(string(), { listType: "atomic" }), "How the volume can be mounted."),
    capacity: optional(3, map(quantity()), "How large the volume is."),
    conditions: optional(
      4,
      listMap(persistentVolumeClaimCondition, ["type"], { mergeKey: "type", strategy: "merge" }),
      "The claim's conditions, such as Resizing.",
    ),
    allocatedResources: optional(
      5,
      map(quantity()),
      "How large the volume is being made. It may be more than is asked for by now, after an enlargement that failed.",
    ),
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
      "How far an enlargement has come, by the name of the resource.",
    ),
    currentVolumeAttributesClassName: optional(8, string(), "The class of attributes that the volume has."),
    modifyVolumeStatus: optional(
      9,
      modifyVolumeStatus,
      "How far a change of the volume's attributes has come; absent if none is under way.",
    ),
  },
);
export interface PersistentVolumeClaimStatus extends Infer<typeof persistentVolumeClaimStatus> {}

export const persistentVolumeClaim = completed(
  kubeObject(
    "io.k8s.api.core.v1.PersistentVolumeClaim",
    "Asks for storage, and names it for pods once there is some.",
    {
      spec: present(2, persistentVolumeClaimSpec, "What the claim asks for. Once it is bound, only its size can grow."),
      status: present(3, persistentVolumeClaimStatus, "What the claim has been given. Controllers fill it in."),
    },
  ),
  ({ status }) => {
    status.phase ||= "Pending";
  },
);
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
  validate: validateClaim,
  warnings: warnOfClaim,
  columns: [
    nameColumn,
    column("Status", { description: "Whether the claim has a volume." }, (claim) => phaseOf(claim, claim.status.phase)),
    column("Volume", { description: "The volume that the claim is bound to." }, ({ spec }) => spec.volumeName ?? ""),
    column("Capacity", { description: "How large the volume is." }, ({ spec, status }) =>
      spec.volumeName ? (status.capacity?.storage ?? "0") : "",
    ),
    column("Access Modes", { description: "How the volume can be mounted." }, ({ spec, status }) =>
      spec.volumeName ? renderAccessModes(status.accessModes) : "",
    ),
    column("StorageClass", { description: "The storage class of the claim." }, (claim) =>
      classOf(claim, claim.spec.storageClassName),
    ),
    column(
      "VolumeAttributesClass",
      { description: "The class of changeable properties that the volume is to have." },
      ({ spec }) => spec.volumeAttributesClassName ?? UNSET,
    ),
    ageColumn,
    wideColumn(
      "VolumeMode",
      { description: "Whether the volume is a file system or a raw device." },
      ({ spec }) => spec.volumeMode ?? UNSET,
    ),
  ],
  prepare: prepareClaim,
  prepareStatus: keepSpec,
};
