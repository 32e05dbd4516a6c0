// Rules for persistent volumes, and for those described within a VolumeAttachment, from Kubernetes' validation.

import { posix } from "node:path";
import { validateAccessModes } from "./access-modes.ts";
import type { NodeSelector } from "./affinity.ts";
import { newerLabel } from "./node-label-names.ts";
import type { PersistentVolume, PersistentVolumeSpec, VolumeNodeAffinity } from "./persistent-volume.ts";
import type { PersistentVolumeSource } from "./persistent-volume-source.ts";
import { validateNodeSelector } from "./validate-affinity.ts";
import { readQuantity } from "./validate-resources.ts";
import { sourceOf, validateVolumeSource } from "./validate-volume-source.ts";
import { checkFormat, checkUnchanged, when } from "../meta/field-checks.ts";
import { subdomainProblems } from "../meta/names.ts";
import { quantityValue } from "../meta/quantity.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import {
  forbiddenField,
  invalidField,
  requiredField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validatePersistentVolume(volume: PersistentVolume, old?: PersistentVolume): FieldError[] {
  const { spec, metadata } = volume;
  return [
    ...validateMetadata(volume, old, { name: subdomainProblems, scope: "Cluster" }),
    ...when(!spec.accessModes?.length, requiredField("spec.accessModes")),
    ...validateAccessModes(spec.accessModes, "spec.accessModes"),
    ...validateCapacity(spec, "spec.capacity"),
    ...(spec.nodeAffinity ? validateNodeAffinity(spec.nodeAffinity, "spec.nodeAffinity") : []),
    ...validatePlace(spec, "spec", metadata.name),
    ...checkFormat("spec.storageClassName", spec.storageClassName, subdomainProblems),
    ...validateAttributesClass(spec, "spec"),
    ...(old ? validateChange(spec, old.spec) : []),
  ];
}

const INLINE = "in the context of inline volumes";

/** A volume that is described where it is used: in place of an object of its own, so nothing of its life applies. */
export function validateInlineVolume(spec: PersistentVolumeSpec, path: string): Errors {
  const refuse = (name: keyof PersistentVolumeSpec, isSet: unknown) =>
    when(isSet, forbiddenField(`${path}.${name}`, `may not be specified ${INLINE}`));
  const { persistentVolumeReclaimPolicy: policy, volumeMode: mode } = spec;
  return [
    ...refuse("claimRef", spec.claimRef),
    ...refuse("capacity", Object.keys(spec.capacity ?? {}).length),
    ...when(!spec.csi, requiredField(`${path}.csi`, `has to be specified ${INLINE}`)),
    ...when(!spec.accessModes?.length, requiredField(`${path}.accessModes`)),
    ...validateAccessModes(spec.accessModes, `${path}.accessModes`),
    ...when(
      policy && policy !== "Retain",
      forbiddenField(`${path}.persistentVolumeReclaimPolicy`, `may only be Retain ${INLINE}`),
    ),
    ...refuse("nodeAffinity", spec.nodeAffinity),
    ...validatePlace(spec, path, ""),
    ...refuse("storageClassName", spec.storageClassName),
    ...when(
      mode && mode !== "Filesystem",
      forbiddenField(`${path}.volumeMode`, `may not specify volumeMode other than Filesystem ${INLINE}`),
    ),
    ...validateAttributesClass(spec, path),
  ];
}

function validateCapacity({ capacity }: PersistentVolumeSpec, path: string): Errors {
  const names = Object.keys(capacity ?? {});
  return [
    ...when(names.length === 0, requiredField(path)),
    ...when(!names.includes("storage") || names.length > 1, unsupportedField(path, capacity ?? null, ["storage"])),
    ...Object.entries(capacity ?? {}).flatMap(([name, amount]) => [
      ...checkResourceAmount(`${path}[${name}]`, amount),
      ...checkPositiveAmount(`${path}[${name}]`, amount),
    ]),
  ];
}

export function checkResourceAmount(path: string, amount: string): Errors {
  const quantity = readQuantity(amount);
  const isNegative = quantity && quantity.nanos < 0n;
  return isNegative ? [invalidField(path, quantityValue(quantity), "must be a valid resource quantity")] : [];
}

export const checkPositiveAmount = (path: string, amount: string): Errors =>
  when((readQuantity(amount)?.nanos ?? 0n) <= 0n, invalidField(path, amount, "must be greater than zero"));

const validateNodeAffinity = ({ required }: VolumeNodeAffinity, path: string): Errors =>
  required
    ? validateNodeSelector(required, `${path}.required`)
    : [requiredField(`${path}.required`, "must specify required node constraints")];

function validatePlace(spec: PersistentVolumeSpec, path: string, name: string): Errors {
  const { hostPath, local, nodeAffinity, persistentVolumeReclaimPolicy: policy } = spec;
  const isRoot = hostPath?.path !== undefined && posix.normalize(hostPath.path) === "/";
  const recycle = "may not be 'recycle' for a hostPath mount of '/'";
  return [
    ...validateVolumeSource(spec, path, name),
    ...when(local && !nodeAffinity, requiredField(`${path}.nodeAffinity`, "Local volume requires node affinity")),
    ...when(isRoot && policy === "Recycle", forbiddenField(`${path}.persistentVolumeReclaimPolicy`, recycle)),
  ];
}

function validateAttributesClass({ volumeAttributesClassName: name, csi }: PersistentVolumeSpec, path: string): Errors {
  if (name === undefined) return [];
  const at = `${path}.volumeAttributesClassName`;
  return [
    ...when(name === "", requiredField(at, "an empty string is disallowed")),
    ...checkFormat(at, name, subdomainProblems),
    ...when(!csi, requiredField(`${path}.csi`, "has to be specified when using volumeAttributesClassName")),
  ];
}

function validateChange(spec: PersistentVolumeSpec, old: PersistentVolumeSpec): Errors {
  const isLeft = old.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined;
  return [
    ...validateSourceChange(sourceOf(spec), sourceOf(old)),
    ...checkUnchanged("volumeMode", spec.volumeMode, old.volumeMode),
    ...(old.nodeAffinity ? validateAffinityChange(spec.nodeAffinity, old.nodeAffinity) : []),
    ...when(isLeft, forbiddenField("spec.volumeAttributesClassName", "update from non-nil value to nil is forbidden")),
  ];
}

/** The secret for enlarging may be added, as volumes that are older than it lack it. */
function validateSourceChange(source: PersistentVolumeSource, old: PersistentVolumeSource): Errors {
  const added = old.csi && !old.csi.controllerExpandSecretRef && source.csi?.controllerExpandSecretRef;
  const before = added ? { ...old, csi: { ...old.csi, controllerExpandSecretRef: added } } : old;
  const names = [...new Set([...Object.keys(before), ...Object.keys(source)])] as (keyof PersistentVolumeSource)[];
  const changed = names.filter((name) => !semanticEqual(source[name], before[name]));
  const problem = `spec.persistentvolumesource is immutable after creation\nchanged: ${changed.join(", ")}`;
  return when(changed.length > 0, forbiddenField("spec.persistentvolumesource", problem));
}

/** Only the older names of nodes' labels may be replaced by the newer ones. */
function validateAffinityChange(affinity: VolumeNodeAffinity | undefined, old: VolumeNodeAffinity): Errors {
  const renamed = { ...old, ...(old.required && { required: withNewerLabels(old.required, affinity?.required) }) };
  return checkUnchanged("nodeAffinity", affinity, renamed);
}

/** The old selector, with the newer name of a label wherever the new selector has that in the same place. */
function withNewerLabels(old: NodeSelector, next: NodeSelector | undefined): NodeSelector {
  const nodeSelectorTerms = old.nodeSelectorTerms?.map((term, at) => ({
    ...term,
    ...(term.matchExpressions && {
      matchExpressions: term.matchExpressions.map((expression, index) => {
        const newer = newerLabel(expression.key);
        const key = next?.nodeSelectorTerms?.[at]?.matchExpressions?.[index]?.key;
        return newer !== undefined && newer === key ? { ...expression, key } : expression;
      }),
    }),
  }));
  return { ...old, nodeSelectorTerms };
}
