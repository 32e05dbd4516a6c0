// The columns of `kctl get persistentvolumes`, and what claims show in the same way.

import type { PersistentVolume } from "./persistent-volume.ts";
import { renderAccessModes } from "./access-modes.ts";
import type { KubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn, wideColumn } from "../meta/standard-columns.ts";
import type { Column } from "../resource.ts";

export const UNSET = "<unset>";
const CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";

/** Before there was a field for the class there was an annotation, which still comes first. */
export const classOf = ({ metadata }: KubeObject, storageClassName: string | undefined): string =>
  metadata.annotations?.[CLASS_ANNOTATION] ?? storageClassName ?? "";

export const phaseOf = ({ metadata }: KubeObject, phase: string | undefined): string =>
  metadata.deletionTimestamp ? "Terminating" : (phase ?? "");

export const persistentVolumeColumns: readonly Column<PersistentVolume>[] = [
  nameColumn,
  column("Capacity", { description: "How large the volume is." }, ({ spec }) => spec.capacity?.storage ?? "0"),
  column("Access Modes", { description: "How the volume can be mounted." }, ({ spec }) =>
    renderAccessModes(spec.accessModes),
  ),
  column(
    "Reclaim Policy",
    { description: "What becomes of the volume when its claim is deleted." },
    ({ spec }) => spec.persistentVolumeReclaimPolicy ?? "",
  ),
  column("Status", { description: "Whether the volume is free or in use." }, (volume) =>
    phaseOf(volume, volume.status.phase),
  ),
  column("Claim", { description: "The claim that the volume is bound to, with its namespace." }, ({ spec }) =>
    spec.claimRef ? `${spec.claimRef.namespace ?? ""}/${spec.claimRef.name ?? ""}` : "",
  ),
  column("StorageClass", { description: "The storage class of the volume." }, (volume) =>
    classOf(volume, volume.spec.storageClassName),
  ),
  column(
    "VolumeAttributesClass",
    { description: "The class of changeable properties that the volume has." },
    ({ spec }) => spec.volumeAttributesClassName ?? UNSET,
  ),
  column("Reason", { description: "Why reclaiming the volume failed." }, ({ status }) => status.reason ?? ""),
  ageColumn,
  wideColumn(
    "VolumeMode",
    { description: "Whether the volume is a file system or a raw device." },
    ({ spec }) => spec.volumeMode ?? UNSET,
  ),
];
