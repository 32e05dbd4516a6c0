// Rules for claims, and for the claims in the templates of other kinds, from Kubernetes' validation.

import { validateAccessModes } from "./access-modes.ts";
import type { PersistentVolumeClaimSpec } from "./claim-spec.ts";
import { withBothSources } from "./claim-strategy.ts";
import type { PersistentVolumeClaim, PersistentVolumeClaimStatus } from "./persistent-volume-claim.ts";
import type { TypedObjectReference } from "./reference.ts";
import { isNativeResource } from "./resource-names.ts";
import { checkPositiveAmount, checkResourceAmount } from "./validate-persistent-volume.ts";
import { readQuantity } from "./validate-resources.ts";
import { checkFormat, checkRequired, checkUnchanged, when } from "../meta/field-checks.ts";
import { qualifiedNameProblems } from "../meta/label-syntax.ts";
import { labelProblems, subdomainProblems } from "../meta/names.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { validateLabelSelector } from "../meta/validate-labels.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import {
  forbiddenField,
  invalidField,
  requiredField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validateClaim(claim: PersistentVolumeClaim, old?: PersistentVolumeClaim): FieldError[] {
  return [
    ...validateMetadata(claim, old, { name: subdomainProblems }),
    ...validateClaimSpec(claim.spec, "spec", old?.spec),
    ...validateStatus(claim.status),
    ...(old ? validateChange(claim, old) : []),
  ];
}

export function validateClaimSpec(
  spec: PersistentVolumeClaimSpec,
  path: string,
  old?: PersistentVolumeClaimSpec,
): Errors {
  const { accessModes = [], resources, dataSource, dataSourceRef } = spec;
  // An old claim may refer to a group that would not be taken today.
  const isOldGroup = (old?.dataSource ?? old?.dataSourceRef)?.apiGroup !== undefined;
  return [
    ...when(accessModes.length === 0, requiredField(`${path}.accessModes`, "at least 1 access mode is required")),
    ...validateLabelSelector(spec.selector, `${path}.selector`),
    ...validateAccessModes(accessModes, `${path}.accessModes`),
    ...checkSize(resources?.requests?.storage, `${path}.resources[storage]`),
    ...checkFormat(`${path}.storageClassName`, spec.storageClassName, subdomainProblems),
    ...(dataSource ? validateSource(dataSource, { path: `${path}.dataSource`, isOldGroup }) : []),
    ...(dataSourceRef ? validateSource(dataSourceRef, { path: `${path}.dataSourceRef`, isOldGroup }) : []),
    ...validateBothSources(spec, path),
    ...checkFormat(`${path}.volumeAttributesClassName`, spec.volumeAttributesClassName, subdomainProblems),
  ];
}

const checkSize = (storage: string | undefined, path: string): Errors =>
  storage === undefined ? [requiredField(path)] : checkPositiveAmount(path, storage);

interface SourcePlace {
  readonly path: string;
  readonly isOldGroup: boolean;
}

function validateSource(source: TypedObjectReference, { path, isOldGroup }: SourcePlace): Errors {
  const { name, kind, apiGroup, namespace } = source;
  const problem = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
  return [
    ...checkRequired(`${path}.name`, name),
    ...checkRequired(`${path}.kind`, kind),
    ...when(!apiGroup && kind !== "PersistentVolumeClaim", invalidField(path, kind ?? "", problem)),
    ...(isOldGroup ? [] : checkFormat(`${path}.apiGroup`, apiGroup, subdomainProblems)),
    ...checkFormat(`${path}.namespace`, namespace, labelProblems),
  ];
}

function validateBothSources({ dataSource, dataSourceRef }: PersistentVolumeClaimSpec, path: string): Errors {
  if (!dataSource || !dataSourceRef) return [];
  const at = `${path}.dataSource`;
  if (dataSourceRef.namespace) {
    return [invalidField(path, at, "may not be specified when dataSourceRef.namespace is specified")];
  }
  const isSame = (["apiGroup", "kind", "name"] as const).every((name) => dataSource[name] === dataSourceRef[name]);
  return when(!isSame, invalidField(path, at, "must match dataSourceRef"));
}

const RESIZE_STATUSES = [
  "ControllerResizeInProgress",
  "ControllerResizeInfeasible",
  "NodeResizePending",
  "NodeResizeInProgress",
  "NodeResizeInfeasible",
].sort();

function validateStatus({
  capacity,
  allocatedResources,
  allocatedResourceStatuses,
}: PersistentVolumeClaimStatus): Errors {
  const statusPath = "status.allocatedResourceStatus";
  return [
    ...Object.entries(capacity ?? {}).flatMap(([name, amount]) =>
      checkResourceAmount(`status.capacity[${name}]`, amount),
    ),
    ...Object.entries(allocatedResourceStatuses ?? {}).flatMap(([name, status]) => [
      ...checkStorageName(statusPath, name),
      ...when(!RESIZE_STATUSES.includes(status), unsupportedField(statusPath, name, RESIZE_STATUSES)),
    ]),
    ...Object.entries(allocatedResources ?? {}).flatMap(([name, amount]) => {
      const errors = checkStorageName("status.allocatedResources", name);
      return errors.length > 0 ? errors : checkResourceAmount(`status.allocatedResources[${name}]`, amount);
    }),
  ];
}

/** Of Kubernetes' own resources a claim has storage only. */
function checkStorageName(path: string, name: string): Errors {
  const malformed = checkFormat(path, name, qualifiedNameProblems);
  if (malformed.length > 0) return malformed;
  return when(isNativeResource(name) && name !== "storage", unsupportedField(path, name, ["storage"]));
}

const CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";
const IMMUTABLE =
  "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";

function validateChange(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): Errors {
  const { spec, metadata } = claim;
  const annotation = metadata.annotations?.[CLASS_ANNOTATION];
  const oldAnnotation = old.metadata.annotations?.[CLASS_ANNOTATION];
  const isMoved = isClassMoved(claim, old);
  const changed = changedFields(claim, old);
  return [
    ...(isMoved
      ? []
      : checkUnchanged(`metadata.annotations.${CLASS_ANNOTATION}`, annotation ?? "", oldAnnotation ?? "")),
    ...when(changed.length > 0, forbiddenField("spec", `${IMMUTABLE}\nchanged: ${changed.join(", ")}`)),
    ...checkNotShrunk(spec, old),
    ...checkUnchanged("volumeMode", spec.volumeMode, old.spec.volumeMode),
    ...checkAttributesClass(spec.volumeAttributesClassName, old.spec.volumeAttributesClassName),
  ];
}

/** The class was named by an annotation once, and may be moved to its field. */
function isClassMoved(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const oldAnnotation = old.metadata.annotations?.[CLASS_ANNOTATION];
  const annotation = claim.metadata.annotations?.[CLASS_ANNOTATION] ?? oldAnnotation;
  if (oldAnnotation === undefined || old.spec.storageClassName !== undefined) return false;
  return claim.spec.storageClassName === oldAnnotation && annotation === oldAnnotation;
}

/** What differs besides that which may: the class once it is known, the volume once it is found, the size of what is bound. */
function changedFields(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): readonly string[] {
  const before = withBothSources(old.spec);
  const isBound = claim.status.phase === "Bound";
  const allowed: PersistentVolumeClaimSpec = {
    ...claim.spec,
    ...(old.spec.volumeName ? {} : { volumeName: undefined }),
    ...(isClassSet(claim, old) && { storageClassName: undefined }),
    ...(isBound && claim.spec.resources.requests && { resources: withSizeOf(claim.spec, old.spec) }),
    ...(isBound &&
      claim.spec.volumeAttributesClassName !== undefined && {
        volumeAttributesClassName: before.volumeAttributesClassName,
      }),
  };
  const expected: PersistentVolumeClaimSpec = { ...before, ...(before.volumeName === "" && { volumeName: undefined }) };
  const names = [
    ...new Set([...Object.keys(expected), ...Object.keys(allowed)]),
  ] as (keyof PersistentVolumeClaimSpec)[];
  return names.filter((name) => !semanticEqual(allowed[name], expected[name]));
}

/** A claim made while there was no default class gets the class later. */
function isClassSet({ spec }: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const annotation = old.metadata.annotations?.[CLASS_ANNOTATION];
  if (spec.storageClassName === undefined || old.spec.storageClassName !== undefined) return false;
  return annotation === undefined || annotation === spec.storageClassName;
}

const withSizeOf = ({ resources }: PersistentVolumeClaimSpec, old: PersistentVolumeClaimSpec) => ({
  ...resources,
  requests: { ...resources.requests, storage: old.resources?.requests?.storage ?? "" },
});

/** A claim may ask for less only to recover from an enlargement that failed, and for more than there is. */
function checkNotShrunk(spec: PersistentVolumeClaimSpec, old: PersistentVolumeClaim): Errors {
  const sizeOf = (amounts: Readonly<Record<string, string>> | undefined) =>
    readQuantity(amounts?.storage ?? "0")?.nanos ?? 0n;
  const size = sizeOf(spec.resources.requests);
  const isRefused = size < sizeOf(old.spec.resources?.requests) && size <= sizeOf(old.status.capacity);
  const problem = "field can not be less than status.capacity";
  return when(isRefused, forbiddenField("spec.resources.requests.storage", problem));
}

function checkAttributesClass(name: string | undefined, old: string | undefined): Errors {
  if (old === undefined || name) return [];
  const what = name === undefined ? "nil" : "an empty string";
  return [forbiddenField("spec.volumeAttributesClassName", `update from non-nil value to ${what} is forbidden`)];
}
