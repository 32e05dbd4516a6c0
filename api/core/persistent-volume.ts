// PersistentVolume: a piece of storage of the cluster, which a claim in a namespace can be bound to. Its rules are in
// validate-persistent-volume.ts.

import { nodeSelector } from "./affinity.ts";
import { persistentVolumeColumns } from "./persistent-volume-columns.ts";
import { persistentVolumeSource } from "./persistent-volume-source.ts";
import { objectReference } from "./reference.ts";
import { validatePersistentVolume } from "./validate-persistent-volume.ts";
import { warnOfVolume } from "./storage-warnings.ts";
import { definedFields } from "../meta/defined-fields.ts";
import { kubeObject } from "../meta/object.ts";
import { keepSpec } from "../meta/status-write.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  completed,
  granular,
  inlined,
  list,
  map,
  object,
  oneOf,
  optional,
  present,
  quantity,
  string,
  time,
} from "../schema/schema.ts";

export const volumeNodeAffinity = object(
  "io.k8s.api.core.v1.VolumeNodeAffinity",
  "The nodes that a volume can be reached from.",
  {
    required: optional(1, nodeSelector, "What a node must be for pods on it to use the volume."),
  },
);
export interface VolumeNodeAffinity extends Infer<typeof volumeNodeAffinity> {}

export const persistentVolumeSpec = object(
  "io.k8s.api.core.v1.PersistentVolumeSpec",
  "What a persistent volume is, and whom it is for.",
  {
    ...inlined(2, persistentVolumeSource),
    capacity: optional(1, map(quantity()), "How large the volume is: the amount of the resource storage."),
    accessModes: optional(
      3,
      list(string(), { listType: "atomic" }),
      "How the volume can be mounted: ReadWriteOnce, ReadOnlyMany, ReadWriteMany, or ReadWriteOncePod alone.",
    ),
    claimRef: granular(
      optional(4, objectReference, "The claim that the volume is bound to, or kept for. Binding fills it in."),
    ),
    persistentVolumeReclaimPolicy: optional(
      5,
      oneOf("Recycle", "Delete", "Retain"),
      "What becomes of the volume when its claim is deleted: Retain keeps it (the default), Delete deletes it with its storage, Recycle empties it (deprecated).",
    ),
    storageClassName: optional(6, string(), "The storage class that the volume belongs to; none unless given."),
    mountOptions: optional(
      7,
      list(string(), { listType: "atomic" }),
      "Options for mounting, such as ro or soft. They are not checked: mounting fails where one is wrong.",
    ),
    volumeMode: optional(8, oneOf("Block", "Filesystem"), "Filesystem (the default), or Block for a raw device."),
    nodeAffinity: optional(
      9,
      volumeNodeAffinity,
      "The nodes that the volume can be reached from; all of them unless given. It can be set later, but not changed.",
    ),
    volumeAttributesClassName: optional(
      10,
      string(),
      "The class of changeable properties that the volume has. Only for CSI.",
    ),
  },
);
export interface PersistentVolumeSpec extends Infer<typeof persistentVolumeSpec> {}

export const persistentVolumeStatus = object(
  "io.k8s.api.core.v1.PersistentVolumeStatus",
  "How far a persistent volume has come.",
  {
    phase: optional(
      1,
      oneOf("Pending", "Available", "Bound", "Released", "Failed"),
      "Pending, Available (no claim yet), Bound, Released (its claim is gone), or Failed (it could not be reclaimed).",
    ),
    message: optional(2, string(), "Why it is in this phase, in words."),
    reason: optional(3, string(), "Why reclaiming failed, in one CamelCase word."),
    lastPhaseTransitionTime: optional(4, time(), "When the phase last changed."),
  },
);
export interface PersistentVolumeStatus extends Infer<typeof persistentVolumeStatus> {}

export const persistentVolume = completed(
  kubeObject(
    "io.k8s.api.core.v1.PersistentVolume",
    "A piece of storage of the cluster, made by an administrator or by a storage class, which a claim can be bound to.",
    {
      spec: present(2, persistentVolumeSpec, "What the volume is."),
      status: present(3, persistentVolumeStatus, "How far the volume has come. Controllers fill it in."),
    },
  ),
  ({ spec, status }) => {
    spec.persistentVolumeReclaimPolicy ??= "Retain";
    spec.volumeMode ??= "Filesystem";
    status.phase ||= "Pending";
  },
);
export interface PersistentVolume extends Infer<typeof persistentVolume> {}

/** The phase is the controller's; the server only keeps the time since which it holds. */
function preparePersistentVolume(volume: PersistentVolume, old?: PersistentVolume): PersistentVolume {
  const status = old?.status ?? { phase: "Pending", lastPhaseTransitionTime: volume.metadata.creationTimestamp };
  return { ...volume, status };
}

function prepareVolumeStatus(volume: PersistentVolume, old: PersistentVolume, now: string): PersistentVolume {
  const { phase, lastPhaseTransitionTime: sent } = volume.status;
  const before = old.status.lastPhaseTransitionTime;
  const isSame = phase === old.status.phase;
  const since = isSame ? (sent ?? before) : sent === before || sent === undefined ? now : sent;
  const status = definedFields({ ...volume.status, lastPhaseTransitionTime: since });
  return { ...keepSpec(volume, old), status };
}

export const persistentVolumes: ResourceDefinition<PersistentVolume> = {
  group: "",
  version: "v1",
  kind: "PersistentVolume",
  plural: "persistentvolumes",
  shortNames: ["pv"],
  scope: "Cluster",
  schema: persistentVolume,
  subresources: ["status"],
  validate: validatePersistentVolume,
  warnings: warnOfVolume,
  columns: persistentVolumeColumns,
  prepare: preparePersistentVolume,
  prepareStatus: prepareVolumeStatus,
};
