// Which volumes a pod's claims would get on a node: those that are there, and those that would have to be made. Pure.

import { storageClassOf } from "../../api/core/claim-quota.ts";
import type { Node } from "../../api/core/node.ts";
import type { PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import type { PersistentVolume } from "../../api/core/persistent-volume.ts";
import { isReachableFrom } from "../../api/core/volume-binding.ts";
import { compareQuantities, parseQuantity } from "../../api/meta/quantity.ts";
import { matchesSelector, selectorOf } from "../../api/meta/selector.ts";
import type { CSIStorageCapacity } from "../../api/storage/csi-storage-capacity.ts";
import type { StorageClass } from "../../api/storage/storage-class.ts";
import type { DelayedClaim, PodClaims } from "./pod-claims.ts";
import type { StorageView } from "./storage-view.ts";

export interface VolumeMatch {
  readonly claim: PersistentVolumeClaim;
  readonly volume: PersistentVolume;
}

export interface NodeVolumes {
  readonly matches: readonly VolumeMatch[];
  /** The claims whose volumes are to be made. */
  readonly provisions: readonly PersistentVolumeClaim[];
}

export const NODE_CONFLICT = "node(s) had volume node affinity conflict";
export const BIND_CONFLICT = "node(s) didn't find available persistent volumes to bind";
export const NOT_ENOUGH_SPACE = "node(s) did not have enough free storage";
export const VOLUME_MISSING = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";

type Labels = Readonly<Record<string, string>>;

const NONE: readonly string[] = [];

/** What nothing makes volumes of. */
const NO_PROVISIONER = "kubernetes.io/no-provisioner";

/** Why the pod's claims keep it from the node, in Kubernetes' words; none: they do not. */
export function findProblems({ bound, delayed }: PodClaims, node: Node, storage: StorageView): readonly string[] {
  const problems = bound.length > 0 ? boundProblem(bound, node.metadata.labels, storage) : NONE;
  const found = delayed.length > 0 ? findVolumes(delayed, node, storage) : undefined;
  return typeof found === "string" ? [...problems, found] : problems;
}

function boundProblem(
  claims: readonly PersistentVolumeClaim[],
  labels: Labels | undefined,
  storage: StorageView,
): readonly string[] {
  for (const { spec } of claims) {
    const volume = storage.volume(spec.volumeName ?? "");
    if (!volume) return [VOLUME_MISSING];
    if (!isReachableFrom(volume, labels)) return [NODE_CONFLICT];
  }
  return NONE;
}

/** The volumes for claims that wait for their pod; or why the node has none for them. */
export function findVolumes(
  claims: readonly DelayedClaim[],
  { metadata: { name, labels } }: Pick<Node, "metadata">,
  storage: StorageView,
): NodeVolumes | string {
  const matches: VolumeMatch[] = [];
  const provisions: PersistentVolumeClaim[] = [];
  const taken = new Set<string>();
  for (const { claim, className, selectedNode, find } of claims) {
    if (selectedNode !== undefined && selectedNode !== name) return BIND_CONFLICT;
    const isOpen = selectedNode === undefined;
    const volume = isOpen ? find(storage.candidates(claim, className, labels), { labels, taken }) : undefined;
    if (volume) {
      taken.add(volume.metadata.name);
      matches.push({ claim, volume });
      continue;
    }
    const problem = provisionProblem(claim, labels, storage);
    if (problem !== undefined) return problem;
    provisions.push(claim);
  }
  return { matches, provisions };
}

function provisionProblem(
  claim: PersistentVolumeClaim,
  labels: Labels | undefined,
  storage: StorageView,
): string | undefined {
  const storageClass = storage.storageClass(storageClassOf(claim));
  if (!storageClass?.provisioner || storageClass.provisioner === NO_PROVISIONER) return BIND_CONFLICT;
  if (!allowsPlace(storageClass, labels)) return BIND_CONFLICT;
  return hasSpace({ claim, storageClass, labels }, storage) ? undefined : NOT_ENOUGH_SPACE;
}

/** Volumes may be made where one of the terms holds. */
function allowsPlace({ allowedTopologies = [] }: StorageClass, labels: Labels = {}): boolean {
  if (allowedTopologies.length === 0) return true;
  return allowedTopologies.some(
    ({ matchLabelExpressions = [] }) =>
      matchLabelExpressions.length > 0 &&
      matchLabelExpressions.every(({ key, values }) => values.includes(labels[key] ?? "") && key in labels),
  );
}

interface Wish {
  readonly claim: PersistentVolumeClaim;
  readonly storageClass: StorageClass;
  readonly labels: Labels | undefined;
}

/** Only drivers that say so tell how much room there is. */
function hasSpace({ claim, storageClass, labels }: Wish, storage: StorageView): boolean {
  const wanted = claim.spec.resources.requests?.storage;
  if (wanted === undefined || !storage.driver(storageClass.provisioner)?.spec.storageCapacity) return true;
  for (const capacity of storage.capacities()) {
    if (capacity.storageClassName !== storageClass.metadata.name) continue;
    if (isLargeEnough(capacity, wanted) && isAccessible(capacity, labels)) return true;
  }
  return false;
}

function isLargeEnough({ capacity, maximumVolumeSize }: CSIStorageCapacity, wanted: string): boolean {
  const limit = maximumVolumeSize ?? capacity;
  return limit !== undefined && compareQuantities(parseQuantity(limit), parseQuantity(wanted)) >= 0;
}

const isAccessible = ({ nodeTopology }: CSIStorageCapacity, labels: Labels | undefined) =>
  nodeTopology !== undefined && matchesSelector(selectorOf(nodeTopology), labels);
