// What is to be done about a claim: bind it to a volume, wait, or admit that its volume is lost. Pure; the numbered cases are
// those of Kubernetes' persistent volume controller.

import { saysStorageClass, storageClassOf } from "../../api/core/claim-quota.ts";
import type { PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import type { PersistentVolume } from "../../api/core/persistent-volume.ts";
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  findVolume,
  hasAnnotation,
  isReservedFor,
  mismatchOf,
  SELECTED_NODE,
} from "../../api/core/volume-binding.ts";
import { isDefaultClass, type StorageClass } from "../../api/storage/storage-class.ts";
import { provisionerOf } from "./provisioner.ts";

export interface PlannedEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

export type ClaimPlan =
  | { readonly kind: "bind"; readonly volume: PersistentVolume }
  /** The claim names no class, and there is one for such claims by now. */
  | { readonly kind: "set-class"; readonly className: string }
  /** Whoever makes volumes of the claim's class is asked for one; `provisioner` undefined: nobody does. */
  | { readonly kind: "provision"; readonly provisioner?: string; readonly event: PlannedEvent }
  | { readonly kind: "wait"; readonly event?: PlannedEvent }
  | { readonly kind: "lose"; readonly event: PlannedEvent };

/** What the plan may look at. */
export interface ClaimWorld {
  volume(name: string): PersistentVolume | undefined;
  /** The volumes that are free, of the class, and those that are reserved for the claim. */
  candidates(claim: PersistentVolumeClaim, className: string): readonly PersistentVolume[];
  storageClass(name: string): StorageClass | undefined;
  storageClasses(): readonly StorageClass[];
  /** The names of the pods that use the claim and have no node yet. */
  unscheduledPods(claim: PersistentVolumeClaim): readonly string[];
}

export function planClaim(claim: PersistentVolumeClaim, world: ClaimWorld): ClaimPlan {
  const { volumeName } = claim.spec;
  if (hasAnnotation(claim, BIND_COMPLETED)) return planBound(claim, volumeName ? world.volume(volumeName) : undefined);
  return volumeName ? planNamed(claim, world.volume(volumeName)) : planOpen(claim, world);
}

/** The claim has been bound before: it gets no other volume than the one it had. */
function planBound(claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): ClaimPlan {
  // Case 1: somebody has taken the volume's name out of the claim.
  if (!claim.spec.volumeName) {
    return lost("ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!");
  }
  // Case 2: the volume is gone.
  if (!volume) return lost("ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
  // Case 3: the volume is the claim's, or nobody's. Binding again puts right whatever is missing.
  const { claimRef } = volume.spec;
  if (!claimRef || claimRef.uid === claim.metadata.uid) return { kind: "bind", volume };
  // Case 4: the volume belongs to another claim.
  return lost("ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly");
}

/** Somebody has written into the claim which volume it is to have. */
function planNamed(claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): ClaimPlan {
  // Case 5: there is no such volume, yet.
  if (!volume) return { kind: "wait" };
  // Case 6: the volume waits for the claim.
  if (isReservedFor(volume, claim)) return { kind: "bind", volume };
  // Case 7: the volume is another claim's.
  const { name } = volume.metadata;
  if (volume.spec.claimRef) {
    if (hasAnnotation(claim, BOUND_BY_CONTROLLER)) throw new Error(describeInvalid(claim, volume));
    return waiting("Warning", "FailedBinding", `volume ${JSON.stringify(name)} already bound to a different claim.`);
  }
  // Case 8: the volume is free; it has to suit all the same.
  const mismatch = mismatchOf(volume, claim);
  if (mismatch === undefined) return { kind: "bind", volume };
  const message = `Cannot bind to requested volume ${JSON.stringify(name)}: ${mismatch}`;
  return waiting("Warning", "VolumeMismatch", message);
}

/** Any volume that suits will do. */
function planOpen(claim: PersistentVolumeClaim, world: ClaimWorld): ClaimPlan {
  const className = storageClassOf(claim);
  const storageClass = world.storageClass(className);
  const waitsForPod = storageClass?.volumeBindingMode === "WaitForFirstConsumer";
  // Case 9: a volume is there. Where it matters which node it is on, the scheduler chooses, and reserves it.
  const volume = findVolume(claim, world.candidates(claim, className), { reservedOnly: waitsForPod });
  if (volume) return { kind: "bind", volume };
  // Case 10: the claim says nothing of classes, and there is a default by now.
  const byDefault = saysStorageClass(claim) ? undefined : defaultOf(world.storageClasses());
  if (byDefault) return { kind: "set-class", className: byDefault.metadata.name };
  // Case 11: the scheduler has not chosen a node yet.
  if (waitsForPod && !hasAnnotation(claim, SELECTED_NODE)) return waitForPods(world.unscheduledPods(claim));
  // Case 12: a volume would have to be made.
  if (className !== "") return planProvisioning(className, storageClass);
  // Case 13: nobody makes volumes without a class.
  return waiting(
    "Normal",
    "FailedBinding",
    "no persistent volumes available for this claim and no storage class is set",
  );
}

function waitForPods(pods: readonly string[]): ClaimPlan {
  if (pods.length === 0) {
    return waiting("Normal", "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
  }
  const noun = pods.length > 1 ? "pods" : "pod";
  return waiting("Normal", "WaitForPodScheduled", `waiting for ${noun} ${pods.join(",")} to be scheduled`);
}

function planProvisioning(className: string, storageClass: StorageClass | undefined): ClaimPlan {
  const failed = (message: string): ClaimPlan => ({
    kind: "provision",
    event: { type: "Warning", reason: "ProvisioningFailed", message },
  });
  if (!storageClass) return failed(`storageclass.storage.k8s.io ${JSON.stringify(className)} not found`);
  const { name, problem } = provisionerOf(storageClass);
  if (problem !== undefined) return failed(problem);
  const message =
    `Waiting for a volume to be created either by the external provisioner '${name}' or manually by the system ` +
    "administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.";
  return { kind: "provision", provisioner: name, event: { type: "Normal", reason: "ExternalProvisioning", message } };
}

/** The newest, and by name among those of the same second. */
function defaultOf(classes: readonly StorageClass[]): StorageClass | undefined {
  const ageOf = ({ metadata }: StorageClass) => Date.parse(metadata.creationTimestamp);
  return classes
    .filter(isDefaultClass)
    .sort((a, b) => ageOf(b) - ageOf(a) || (a.metadata.name < b.metadata.name ? -1 : 1))[0];
}

const waiting = (type: PlannedEvent["type"], reason: string, message: string): ClaimPlan => ({
  kind: "wait",
  event: { type, reason, message },
});

const lost = (reason: string, message: string): ClaimPlan => ({
  kind: "lose",
  event: { type: "Warning", reason, message },
});

function describeInvalid({ metadata }: PersistentVolumeClaim, volume: PersistentVolume): string {
  const { namespace, name } = volume.spec.claimRef ?? {};
  const claim = `${metadata.namespace ?? ""}/${metadata.name}`;
  return (
    `invalid binding of claim ${JSON.stringify(claim)} to volume ${JSON.stringify(volume.metadata.name)}: ` +
    `volume already claimed by "${namespace ?? ""}/${name ?? ""}"`
  );
}
