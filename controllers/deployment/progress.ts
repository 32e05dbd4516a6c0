// The condition Progressing: is the rollout getting on, done, or stuck? Pure. Cases, reasons and messages as in Kubernetes.

import type { Deployment, DeploymentCondition, DeploymentStatus } from "../../api/apps/deployment.ts";
import { findCondition } from "../../api/meta/condition-list.ts";
import { REVISION_HISTORY, revisionOf, type History } from "./history.ts";

/** Kubernetes' way of saying "no deadline". */
const NO_DEADLINE = 2 ** 31 - 1;

export const COMPLETE = "NewReplicaSetAvailable";
const TIMED_OUT = "ProgressDeadlineExceeded";
const PAUSED = "DeploymentPaused";
const CANARY_WAITS = "CanaryWaits";
export const CREATE_FAILED = "ReplicaSetCreateError";
/** The one reason whose time moves although its text stays: each step of a rollout renews the deadline. */
export const MOVED = "ReplicaSetUpdated";

/** A condition without its times. */
export type ConditionFacts = Pick<DeploymentCondition, "type" | "status" | "reason" | "message">;

export interface Progress {
  readonly deployment: Deployment;
  /** The counts as they are now; the Deployment's status has those of the last look. */
  readonly counts: DeploymentStatus;
  readonly history: History;
  readonly known: DeploymentCondition | undefined;
  readonly nowMs: number;
  /** All canaries are available, and nobody has promoted them yet. */
  readonly canaryWaits?: boolean;
}

/** Each case in turn; where none applies, what was known still holds. Absent where no deadline is set. */
export function progressingCondition(progress: Progress): ConditionFacts | undefined {
  const { deployment, known } = progress;
  if (!hasDeadline(deployment)) return undefined;
  return (
    pausing(progress) ??
    canary(progress) ??
    completion(progress) ??
    beginning(progress) ??
    movement(progress) ??
    expiry(progress) ??
    known
  );
}

/** 1. Paused: time does not count. Resumed: it starts anew. */
function pausing({ deployment, known }: Progress): ConditionFacts | undefined {
  if (deployment.spec.paused) {
    // That a rollout is stuck stays known while it is paused.
    return known?.reason === TIMED_OUT ? known : progressing("Unknown", PAUSED, "Deployment is paused");
  }
  return known?.reason === PAUSED ? progressing("Unknown", "DeploymentResumed", "Deployment is resumed") : undefined;
}

/** A canary that waits: time does not count either. Kubernetes has no such case. */
function canary(progress: Progress): ConditionFacts | undefined {
  if (!progress.canaryWaits) return undefined;
  return progressing("Unknown", CANARY_WAITS, `${subject(progress)} waits to be promoted.`);
}

/** 2. Complete, and it stays so until pods of another template appear: scaling is no rollout. */
function completion(progress: Progress): ConditionFacts | undefined {
  const { deployment, counts, known, history } = progress;
  if (isComplete(deployment, counts)) {
    return progressing("True", COMPLETE, `${subject(progress)} has successfully progressed.`);
  }
  const allUpdated = history.current !== undefined && counts.replicas === counts.updatedReplicas;
  return known?.reason === COMPLETE && allUpdated ? known : undefined;
}

/**
 * 3. A rollout has begun: the current ReplicaSet has a revision that the Deployment has not reported yet. One that was there
 * before is said to be found only where nothing else is known; otherwise what its pods do tells about progress.
 */
function beginning({ deployment, known, history: { current } }: Progress): ConditionFacts | undefined {
  if (!current || revisionOf(current) <= revisionOf(deployment)) return undefined;
  const { name, annotations, creationTimestamp } = current.metadata;
  const isFound =
    annotations?.[REVISION_HISTORY] !== undefined || creationTimestamp < deployment.metadata.creationTimestamp;
  if (!isFound) return progressing("True", "NewReplicaSetCreated", `Created new replica set "${name}"`);
  return known ? undefined : progressing("True", "FoundNewReplicaSet", `Found new replica set "${name}"`);
}

/** 4. Something moved since the last look, or a canary waits no longer. */
function movement(progress: Progress): ConditionFacts | undefined {
  const { deployment, counts, known } = progress;
  if (known && known.reason !== CANARY_WAITS && !hasMoved(deployment.status, counts)) return undefined;
  return progressing("True", MOVED, `${subject(progress)} is progressing.`);
}

/** 5. Nothing moved for too long. */
function expiry(progress: Progress): ConditionFacts | undefined {
  const { deployment, known, nowMs } = progress;
  if (!known || known.reason === COMPLETE || known.reason === TIMED_OUT) return undefined;
  if (deadlineMs(deployment, known) >= nowMs) return undefined;
  return progressing("False", TIMED_OUT, timedOut(progress));
}

const timedOut = (progress: Pick<Progress, "deployment" | "history">) =>
  `${subject(progress)} has timed out progressing.`;

/** The deadline has passed for the current template: the condition of an earlier one stays until something moves. */
export function hasTimedOut(deployment: Deployment, history: History): boolean {
  const known = findCondition(deployment.status.conditions, "Progressing");
  return known?.reason === TIMED_OUT && known.message === timedOut({ deployment, history });
}

const progressing = (status: DeploymentCondition["status"], reason: string, message: string): ConditionFacts => ({
  type: "Progressing",
  status,
  reason,
  message,
});

const subject = ({ deployment, history: { current } }: Pick<Progress, "deployment" | "history">) =>
  current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;

/** Whether the Deployment asks for a progress deadline at all: only then it has the condition Progressing. */
export const hasDeadline = ({ spec }: Deployment) => (spec.progressDeadlineSeconds ?? NO_DEADLINE) !== NO_DEADLINE;

/** All pods run the current template, all are available, nothing else is left, and the counts are of this generation. */
export function isComplete(deployment: Deployment, counts: DeploymentStatus): boolean {
  if ((counts.observedGeneration ?? 0) < (deployment.metadata.generation ?? 0)) return false;
  const desired = deployment.spec.replicas ?? 1;
  return [counts.updatedReplicas, counts.replicas, counts.availableReplicas].every((count) => (count ?? 0) === desired);
}

function hasMoved(before: DeploymentStatus, now: DeploymentStatus): boolean {
  const outdated = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus) => replicas - updatedReplicas;
  return (
    (now.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    outdated(now) < outdated(before) ||
    (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

const deadlineMs = (deployment: Deployment, known: DeploymentCondition) =>
  (Date.parse(known.lastUpdateTime ?? "") || 0) + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000;

/** How long until the progress deadline can expire; undefined when nothing is waiting for it. */
export function deadlineAfterMs(deployment: Deployment, status: DeploymentStatus, nowMs: number): number | undefined {
  const known = findCondition(status.conditions, "Progressing");
  if (!hasDeadline(deployment) || !known || deployment.spec.paused) return undefined;
  if ([TIMED_OUT, COMPLETE, CANARY_WAITS].includes(known.reason ?? "")) return undefined;
  return Math.max(0, deadlineMs(deployment, known) - nowMs) + 1000;
}

/** The new ReplicaSet was refused: shown at once, whatever the deadline. */
export const failedCreate = (message: string): ConditionFacts => progressing("False", CREATE_FAILED, message);
