// What is to be done about a volume: make it available, confirm that it is bound, take it back from a claim that has another
// one, or reclaim it after its claim. Pure; the numbered cases are those of Kubernetes' persistent volume controller.

import { posix } from "node:path";
import type { PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import type { PersistentVolume } from "../../api/core/persistent-volume.ts";
import { BOUND_BY_CONTROLLER, hasAnnotation, hasSameMode } from "../../api/core/volume-binding.ts";
import { definedFields } from "../../api/meta/defined-fields.ts";
import type { PlannedEvent } from "./plan-claim.ts";

type Phase = NonNullable<PersistentVolume["status"]["phase"]>;

export type VolumePlan =
  | { readonly kind: "set-phase"; readonly phase: Phase }
  /** The claim has another volume: this one is free again. */
  | { readonly kind: "unbind" }
  /** The claim is gone for good. */
  | { readonly kind: "reclaim" }
  /** The claim, which the volume waits for, can never have it. */
  | { readonly kind: "refuse"; readonly volumeEvent: PlannedEvent; readonly claimEvent: PlannedEvent }
  /** The claim will be bound next. */
  | { readonly kind: "wait" };

const PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";
const MIGRATED_TO = "pv.kubernetes.io/migrated-to";

/** `claim` is the very claim that the volume is bound to; undefined: it is gone. */
export function planVolume(volume: PersistentVolume, claim: PersistentVolumeClaim | undefined): VolumePlan {
  const { claimRef } = volume.spec;
  // Case 1: nobody has it, or it is kept for a claim that has not come yet.
  if (!claimRef?.uid) return { kind: "set-phase", phase: "Available" };
  // Case 2: its claim is gone.
  if (!claim) return { kind: "reclaim" };
  // Case 3: its claim knows nothing of it yet.
  if (!claim.spec.volumeName) {
    return hasSameMode(volume, claim) ? { kind: "wait" } : refuse(volume, claim);
  }
  // Case 4: both agree.
  if (claim.spec.volumeName === volume.metadata.name) return { kind: "set-phase", phase: "Bound" };
  // Case 5: its claim has another volume. One that was made for the claim is of no use to others.
  const wasMadeForClaim = hasAnnotation(volume, PROVISIONED_BY);
  const isDeleted = volume.spec.persistentVolumeReclaimPolicy === "Delete";
  return wasMadeForClaim && isDeleted ? { kind: "reclaim" } : { kind: "unbind" };
}

function refuse(volume: PersistentVolume, claim: PersistentVolumeClaim): VolumePlan {
  const event = (message: string): PlannedEvent => ({ type: "Warning", reason: "VolumeMismatch", message });
  const [volumeName, claimName] = [JSON.stringify(volume.metadata.name), JSON.stringify(claim.metadata.name)];
  return {
    kind: "refuse",
    volumeEvent: event(
      `Cannot bind PersistentVolume to requested PersistentVolumeClaim ${claimName} due to incompatible volumeMode.`,
    ),
    claimEvent: event(
      `Cannot bind PersistentVolume ${volumeName} to requested PersistentVolumeClaim due to incompatible volumeMode.`,
    ),
  };
}

/** The volume without its claim. What people have written into it themselves stays, except for the claim's identity. */
export function unbindVolume(volume: PersistentVolume): PersistentVolume {
  const { claimRef, ...spec } = volume.spec;
  if (!hasAnnotation(volume, BOUND_BY_CONTROLLER)) {
    return { ...volume, spec: { ...spec, claimRef: definedFields({ ...claimRef, uid: undefined }) } };
  }
  const kept = Object.entries(volume.metadata.annotations ?? {}).filter(([name]) => name !== BOUND_BY_CONTROLLER);
  return { ...volume, metadata: { ...volume.metadata, annotations: Object.fromEntries(kept) }, spec };
}

export type ReclaimPlan =
  /** Somebody else does it, or nobody is to. */
  | { readonly kind: "keep" }
  | { readonly kind: "fail"; readonly reason: string; readonly message: string }
  /** Remove the directory, then the volume. */
  | { readonly kind: "delete-host-path"; readonly path: string };

export function planReclaim(volume: PersistentVolume): ReclaimPlan {
  if (volume.metadata.annotations?.[MIGRATED_TO]) return { kind: "keep" };
  const { persistentVolumeReclaimPolicy: policy } = volume.spec;
  if (policy === "Recycle") {
    // Recycling is deprecated; no kind of volume is recycled here.
    return { kind: "fail", reason: "VolumeFailedRecycle", message: "No recycler plugin found for the volume!" };
  }
  return policy === "Delete" ? planDelete(volume) : { kind: "keep" };
}

/** Kinds of volumes that Kubernetes' controllers know and cannot delete. */
const UNDELETABLE = ["nfs", "local", "csi"] as const;

const DELETABLE_PATH = /^\/tmp\/[^/]/;

function planDelete({ metadata, spec }: PersistentVolume): ReclaimPlan {
  const provisioner = metadata.annotations?.[PROVISIONED_BY] ?? "";
  if (provisioner !== "" && !provisioner.startsWith("kubernetes.io/")) return { kind: "keep" };
  const fail = (message: string): ReclaimPlan => ({ kind: "fail", reason: "VolumeFailedDelete", message });
  if (!spec.hostPath) {
    const problem = UNDELETABLE.some((kind) => spec[kind])
      ? "no deletable volume plugin matched"
      : "no volume plugin matched";
    return fail(`error getting deleter volume plugin for volume ${JSON.stringify(metadata.name)}: ${problem}`);
  }
  const path = posix.normalize(spec.hostPath.path);
  if (DELETABLE_PATH.test(path)) return { kind: "delete-host-path", path };
  return fail(`host_path deleter only supports /tmp/.+ but received provided ${spec.hostPath.path}`);
}
