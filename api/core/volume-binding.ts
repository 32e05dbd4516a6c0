// How claims and volumes find each other: which volume suits a claim, and what both look like once they are bound. The
// controller that binds and the scheduler, which binds where a pod is to run, must agree on it to the letter. Pure.

import { storageClassOf } from "./claim-quota.ts";
import { nodeMatchesSelector } from "./node-affinity.ts";
import type { PersistentVolumeClaim } from "./persistent-volume-claim.ts";
import { classOf } from "./persistent-volume-columns.ts";
import type { PersistentVolume } from "./persistent-volume.ts";
import type { KubeObject } from "../meta/object.ts";
import { compareQuantities, parseQuantity, type Quantity } from "../meta/quantity.ts";
import { matchesSelector, selectorOf } from "../meta/selector.ts";

/** On a claim: it has been bound once, for good. */
export const BIND_COMPLETED = "pv.kubernetes.io/bind-completed";
/** On a claim or a volume: it was not people who chose the other one, so the choice may be taken back. */
export const BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";
/** On a claim: the node where the scheduler wants the pod that uses it. */
export const SELECTED_NODE = "volume.kubernetes.io/selected-node";

type Labels = Readonly<Record<string, string>>;

export const volumeClassOf = (volume: PersistentVolume): string => classOf(volume, volume.spec.storageClassName);

export const hasAnnotation = ({ metadata }: KubeObject, name: string): boolean =>
  metadata.annotations?.[name] !== undefined;

/** Whether the volume names this claim, or one of its name whose identity is still open. */
export function isReservedFor({ spec: { claimRef } }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  if (claimRef?.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return !claimRef.uid || claimRef.uid === metadata.uid;
}

export const isFullyBound = (claim: PersistentVolumeClaim): boolean =>
  Boolean(claim.spec.volumeName) && hasAnnotation(claim, BIND_COMPLETED);

/** Whether pods on nodes with these labels can reach the volume. */
export function isReachableFrom({ spec }: PersistentVolume, labels: Labels | undefined): boolean {
  const required = spec.nodeAffinity?.required;
  return required === undefined || nodeMatchesSelector(required, { metadata: { name: "", labels } });
}

/** Why the volume that a claim asks for by name cannot serve it, in Kubernetes' words. */
export function mismatchOf(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp)
    return `the volume is marked for deletion ${JSON.stringify(volume.metadata.name)}`;
  if (compareQuantities(sizeOf(volume), requestOf(claim)) < 0) return "requested PV is too small";
  if (volumeClassOf(volume) !== storageClassOf(claim)) return "storageClassName does not match";
  if (!hasSameAttributes(volume, claim)) return "volumeAttributesClassName does not match";
  if (!hasSameMode(volume, claim)) return "incompatible volumeMode";
  return hasModes(volume, claim) ? undefined : "incompatible accessMode";
}

export interface VolumeSearch {
  /** Only volumes that are reserved for the claim: the rest is the scheduler's to choose from. */
  readonly reservedOnly?: boolean;
}

/**
 * The volume to bind a claim to wherever its pods will be: of those with the fewest access modes the one that is reserved for
 * the claim, or else the smallest.
 */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  { reservedOnly = false }: VolumeSearch = {},
): PersistentVolume | undefined {
  const isFree = freeVolumeTest(claim);
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (!hasModes(volume, claim) || !canHold(volume, claim)) continue;
    if (!isReservedFor(volume, claim) && (reservedOnly || !isFree(volume))) continue;
    if (!best || isBetter(volume, best, claim)) best = volume;
  }
  return best;
}

export interface VolumePlace {
  /** Those of the node. */
  readonly labels: Labels | undefined;
  /** Volumes that the pod's other claims will have. */
  readonly taken: ReadonlySet<string>;
}

/**
 * Finds the volume for a claim whose pod is to run on a node; none if one is reserved that cannot be reached from there. For
 * looking at many nodes: what is to be known of the claim is worked out once.
 */
export function volumeFinder(
  claim: PersistentVolumeClaim,
): (volumes: Iterable<PersistentVolume>, place: VolumePlace) => PersistentVolume | undefined {
  const isFree = freeVolumeTest(claim);
  return (volumes, { labels, taken }) => {
    let smallest: PersistentVolume | undefined;
    for (const volume of volumes) {
      if (taken.has(volume.metadata.name) || !canHold(volume, claim)) continue;
      if (isReservedFor(volume, claim)) return isReachableFrom(volume, labels) ? volume : undefined;
      if (smallest && !isSmaller(volume, smallest)) continue;
      if (isFree(volume) && hasModes(volume, claim) && isReachableFrom(volume, labels)) smallest = volume;
    }
    return smallest;
  };
}

/** The volume as it is once it is bound to the claim; the same object if it is that already. */
export function bindVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const isReserved = isReservedFor(volume, claim);
  if (isReserved && volume.spec.claimRef?.uid === uid) return volume;
  const claimRef = { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name, uid, resourceVersion };
  const bound = { ...volume, spec: { ...volume.spec, claimRef } };
  return isReserved ? bound : withAnnotation(bound, BOUND_BY_CONTROLLER);
}

/** The claim as it is once it is bound to the volume; the same object if it is that already. */
export function bindClaim(
  claim: PersistentVolumeClaim,
  { metadata: { name } }: PersistentVolume,
): PersistentVolumeClaim {
  const isChosen = claim.spec.volumeName === name;
  const chosen = { ...claim, spec: { ...claim.spec, volumeName: name } };
  const named = isChosen ? claim : withAnnotation(chosen, BOUND_BY_CONTROLLER);
  return withAnnotation(named, BIND_COMPLETED);
}

function withAnnotation<T extends KubeObject>(object: T, name: string, value = "yes"): T {
  if (hasAnnotation(object, name)) return object;
  const annotations = { ...object.metadata.annotations, [name]: value };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** Whether both are file systems, or both are devices. */
export const hasSameMode = ({ spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (spec.volumeMode ?? "Filesystem") === (claim.spec.volumeMode ?? "Filesystem");

const hasSameAttributes = ({ spec }: PersistentVolume, claim: PersistentVolumeClaim) =>
  (spec.volumeAttributesClassName ?? "") === (claim.spec.volumeAttributesClassName ?? "");

const hasModes = ({ spec }: PersistentVolume, claim: PersistentVolumeClaim) =>
  (claim.spec.accessModes ?? []).every((mode) => spec.accessModes?.includes(mode));

/** What even a volume that is reserved for the claim must be. */
const canHold = (volume: PersistentVolume, claim: PersistentVolumeClaim) =>
  compareQuantities(sizeOf(volume), requestOf(claim)) >= 0 &&
  hasSameMode(volume, claim) &&
  hasSameAttributes(volume, claim) &&
  !volume.metadata.deletionTimestamp;

function freeVolumeTest(claim: PersistentVolumeClaim): (volume: PersistentVolume) => boolean {
  const className = storageClassOf(claim);
  const selector = claim.spec.selector ? selectorOf(claim.spec.selector) : undefined;
  return (volume) =>
    volume.spec.claimRef === undefined &&
    volume.status.phase === "Available" &&
    volumeClassOf(volume) === className &&
    (!selector || matchesSelector(selector, volume.metadata.labels));
}

function isBetter(volume: PersistentVolume, best: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const modes = (volume.spec.accessModes?.length ?? 0) - (best.spec.accessModes?.length ?? 0);
  if (modes !== 0) return modes < 0;
  if (isReservedFor(best, claim)) return false;
  return isReservedFor(volume, claim) || isSmaller(volume, best);
}

/** Among equals the name decides, so that the choice is the same each time. */
function isSmaller(a: PersistentVolume, b: PersistentVolume): boolean {
  const order = compareQuantities(sizeOf(a), sizeOf(b));
  return order !== 0 ? order < 0 : a.metadata.name < b.metadata.name;
}

/** Reading quantities is most of what a search costs, and objects never change. */
const sizes = new WeakMap<PersistentVolume | PersistentVolumeClaim, Quantity>();

const sizeOf = (volume: PersistentVolume): Quantity =>
  sizes.get(volume) ?? remember(volume, volume.spec.capacity?.storage);

const requestOf = (claim: PersistentVolumeClaim): Quantity =>
  sizes.get(claim) ?? remember(claim, claim.spec.resources.requests?.storage);

function remember(object: PersistentVolume | PersistentVolumeClaim, amount = "0"): Quantity {
  const size = parseQuantity(amount);
  sizes.set(object, size);
  return size;
}

/** Claims that ask for less come first, so that each gets the smallest volume that is left. */
export const byRequest = (a: PersistentVolumeClaim, b: PersistentVolumeClaim): number =>
  compareQuantities(requestOf(a), requestOf(b));
