// What clients should know about volumes and claims that are valid but use what has been given up.

import { warnOfLabels } from "./node-label-names.ts";
import type { PersistentVolume } from "./persistent-volume.ts";
import type { PersistentVolumeClaim } from "./persistent-volume-claim.ts";
import type { PersistentVolumeSource } from "./persistent-volume-source.ts";
import { readQuantity } from "./validate-resources.ts";
import type { KubeObject } from "../meta/object.ts";

/** Annotations that became fields. */
const CLASS = ["volume.beta.kubernetes.io/storage-class", "v1.8", "storageClassName"] as const;
const MOUNT_OPTIONS = ["volume.beta.kubernetes.io/mount-options", "v1.31", "mountOptions"] as const;

/** Storage systems that were built in once, since when they should not be used, and since when they cannot. */
const GIVEN_UP: Readonly<Partial<Record<keyof PersistentVolumeSource, readonly [deprecated: string, gone: string]>>> = {
  cephfs: ["v1.28", "v1.31"],
  photonPersistentDisk: ["v1.11", "v1.16"],
  scaleIO: ["v1.16", "v1.22"],
  storageos: ["v1.22", "v1.25"],
  glusterfs: ["v1.25", "v1.26"],
  rbd: ["v1.28", "v1.31"],
};

const RECYCLE =
  "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.";

export function warnOfVolume(volume: PersistentVolume): readonly string[] {
  const { spec } = volume;
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return [
    ...warnOfAnnotation(volume, CLASS),
    ...warnOfAnnotation(volume, MOUNT_OPTIONS),
    ...(spec.persistentVolumeReclaimPolicy === "Recycle" ? [RECYCLE] : []),
    ...terms.flatMap(({ matchExpressions }, index) =>
      warnOfLabels(matchExpressions, `spec.nodeAffinity.required.nodeSelectorTerms[${index}].matchExpressions`),
    ),
    ...Object.entries(GIVEN_UP).flatMap(([name, [deprecated, gone]]) =>
      spec[name as keyof PersistentVolumeSource] === undefined
        ? []
        : [`spec.${name}: deprecated in ${deprecated}, non-functional in ${gone}+`],
    ),
  ];
}

export function warnOfClaim(claim: PersistentVolumeClaim): readonly string[] {
  const { requests, limits } = claim.spec.resources ?? {};
  return [
    ...warnOfAnnotation(claim, CLASS),
    ...warnOfFraction(requests?.storage, "spec.resources.requests[storage]"),
    ...warnOfFraction(limits?.storage, "spec.resources.limits[storage]"),
  ];
}

type Replaced = readonly [annotation: string, since: string, field: string];

function warnOfAnnotation({ metadata }: KubeObject, [annotation, since, field]: Replaced): readonly string[] {
  if (metadata.annotations?.[annotation] === undefined) return [];
  return [`metadata.annotations[${annotation}]: deprecated since ${since}; use "${field}" attribute instead`];
}

const NANOS_PER_UNIT = 1_000_000_000n;

function warnOfFraction(amount: string | undefined, path: string): readonly string[] {
  const quantity = amount === undefined ? undefined : readQuantity(amount);
  if (!quantity || quantity.nanos % NANOS_PER_UNIT === 0n) return [];
  return [`${path}: fractional byte value "${amount}" is invalid, must be an integer`];
}
