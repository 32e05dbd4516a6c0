// Rules for what a container mounts: every mount names a volume of the pod, and no two take the same place.

import type { Container, VolumeDevice, VolumeMount } from "./container.ts";
import { checkDescendingPath, checkNoBacksteps } from "./validate-path.ts";
import type { Volume } from "./volume.ts";
import { checkRequired, eachItem, when } from "../meta/field-checks.ts";
import { forbiddenField, invalidField, notFoundField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];
export type VolumesByName = ReadonlyMap<string, Volume>;
type Mounting = Pick<Container, "volumeMounts" | "volumeDevices" | "securityContext">;

export function validateMounts(container: Mounting, path: string, volumes: VolumesByName): Errors {
  const { volumeMounts, volumeDevices = [] } = container;
  const places = new Set<string>();
  return [
    ...eachItem(volumeMounts, `${path}.volumeMounts`, (mount, at) => {
      const isTaken = places.has(mount.mountPath);
      places.add(mount.mountPath);
      return [
        ...checkVolumeName(mount.name, at, volumes),
        ...checkRequired(`${at}.mountPath`, mount.mountPath),
        ...when(isTaken, invalidField(`${at}.mountPath`, mount.mountPath, "must be unique")),
        ...validateOverlap(mount, at, volumeDevices),
        ...validateSubPath(mount, at),
        ...validatePropagation(mount, at, container),
      ];
    }),
    ...validateDevices(volumeDevices, `${path}.volumeDevices`, volumes),
  ];
}

function checkVolumeName(name: string, path: string, volumes: VolumesByName): Errors {
  return [
    ...checkRequired(`${path}.name`, name),
    ...when(name && !volumes.has(name), notFoundField(`${path}.name`, name)),
  ];
}

function validateOverlap({ name, mountPath }: VolumeMount, path: string, devices: readonly VolumeDevice[]): Errors {
  return [
    ...when(
      devices.some((device) => device.name === name),
      invalidField(`${path}.name`, name, "must not already exist in volumeDevices"),
    ),
    ...when(
      devices.some((device) => device.devicePath === mountPath),
      invalidField(`${path}.mountPath`, mountPath, "must not already exist as a path in volumeDevices"),
    ),
  ];
}

function validateSubPath({ subPath, subPathExpr }: VolumeMount, path: string): Errors {
  const both = "subPathExpr and subPath are mutually exclusive";
  return [
    ...(subPath ? checkDescendingPath(`${path}.subPath`, subPath) : []),
    ...when(subPath && subPathExpr, invalidField(`${path}.subPathExpr`, subPathExpr, both)),
    ...(subPathExpr ? checkDescendingPath(`${path}.subPathExpr`, subPathExpr) : []),
  ];
}

function validatePropagation(mount: VolumeMount, path: string, { securityContext }: Mounting): Errors {
  const { mountPropagation, recursiveReadOnly, readOnly } = mount;
  const isStrict = recursiveReadOnly !== undefined && recursiveReadOnly !== "Disabled";
  return [
    ...when(
      mountPropagation === "Bidirectional" && !securityContext?.privileged,
      forbiddenField(
        `${path}.mountPropagation`,
        "Bidirectional mount propagation is available only to privileged containers",
      ),
    ),
    ...when(
      isStrict && !readOnly,
      forbiddenField(`${path}.recursiveReadOnly`, "may only be specified when readOnly is true"),
    ),
    ...when(
      isStrict && mountPropagation !== undefined && mountPropagation !== "None",
      forbiddenField(
        `${path}.recursiveReadOnly`,
        "may only be specified when mountPropagation is None or not specified",
      ),
    ),
  ];
}

function validateDevices(devices: readonly VolumeDevice[], path: string, volumes: VolumesByName): Errors {
  const places = new Set<string>();
  return eachItem(devices, path, ({ name, devicePath }, at) => {
    const isTaken = places.has(devicePath);
    places.add(devicePath);
    const volume = volumes.get(name);
    const isBlock = !volume || volume.persistentVolumeClaim || volume.ephemeral;
    const sort = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
    return [
      ...checkVolumeName(name, at, volumes),
      ...when(!isBlock, invalidField(`${at}.name`, name, sort)),
      ...checkRequired(`${at}.devicePath`, devicePath),
      ...when(isTaken, invalidField(`${at}.devicePath`, devicePath, "must be unique")),
      ...checkNoBacksteps(`${at}.devicePath`, devicePath ?? ""),
    ];
  });
}
