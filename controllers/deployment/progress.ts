// The condition Progressing: is the rollout getting on, done, or stuck? Pure. Cases, reasons and messages as in Kubernetes.

import type { Deployment, DeploymentCondition, DeploymentStatus } from "../../api/apps/deployment.ts";
import { findCondition } from "../../api/meta/condition-list.ts";
import { formatTime } from "../../lib/clock.ts";
import { REVISION_HISTORY, revisionOf, type History } from "./history.ts";

/** Kubernetes' way of saying "no deadline". */
const NO_DEADLINE = 2 ** 31 - 1;

const COMPLETE = "NewReplicaSetAvailable";
const TIMED_OUT = "ProgressDeadlineExceeded";
const PAUSED = "DeploymentPaused";
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
}

/** Each case in turn; where none applies, what was known still holds. Absent where no deadline is set. */
export function progressingCondition(progress: Progress): ConditionFacts | undefined {
  const { deployment, known } = progress;
  if (!hasDeadline(deployment)) return known?.reason === PAUSED ? known : undefined;
  return (
    pausing(progress) ?? completion(progress) ?? beginning(progress) ?? movement(progress) ?? expiry(progress) ?? known
  );
}

/** 1. Paused: time does not count. Resumed: it starts anew. */
function pausing({ deployment, known }: Progress): ConditionFacts | undefined {
  if (deployment.spec.paused) return progressing("Unknown", PAUSED, "Deployment is paused");
  return known?.reason === PAUSED ? progressing("Unknown", "DeploymentResumed", "Deployment is resumed") : undefined;
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

/** 3. A rollout has begun: the current ReplicaSet has a revision that the Deployment has not reported yet. */
function beginning({ deployment, history: { current } }: Progress): ConditionFacts | undefined {
  if (!current || revisionOf(current) <= revisionOf(deployment)) return undefined;
  const { name, annotations } = current.metadata;
  return annotations?.[REVISION_HISTORY] === undefined
    ? progressing("True", "NewReplicaSetCreated", `Created new replica set "${name}"`)
    : progressing("True", "FoundNewReplicaSet", `Found new replica set "${name}"`);
}

/** 4. Something moved since the last look. */
function movement(progress: Progress): ConditionFacts | undefined {
  const { deployment, counts, known } = progress;
  if (known && !hasMoved(deployment.status, counts)) return undefined;
  return progressing("True", MOVED, `${subject(progress)} is progressing.`);
}

/** 5. Nothing moved for too long. */
function expiry(progress: Progress): ConditionFacts | undefined {
  const { deployment, known, nowMs } = progress;
  if (!known || known.reason === COMPLETE || known.reason === TIMED_OUT) return undefined;
  if (deadlineMs(deployment, known) >= nowMs) return undefined;
  return progressing("False", TIMED_OUT, `${subject(progress)} has timed out progressing.`);
}

const progressing = (status: DeploymentCondition["status"], reason: string, message: string): ConditionFacts => ({
  type: "Progressing",
  status,
  reason,
  message,
});

const subject = ({ deployment, history: { current } }: Progress) =>
  current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;

const hasDeadline = ({ spec }: Deployment) => (spec.progressDeadlineSeconds ?? NO_DEADLINE) !== NO_DEADLINE;

/** All pods run the current template, all are available, and nothing else is left. */
export function isComplete(deployment: Deployment, counts: DeploymentStatus): boolean {
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
  Date.parse(known.lastUpdateTime ?? "") + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000;

/** How long until the progress deadline can expire; undefined when nothing is waiting for it. */
export function deadlineAfterMs(deployment: Deployment, status: DeploymentStatus, nowMs: number): number | undefined {
  const known = findCondition(status.conditions, "Progressing");
  if (!hasDeadline(deployment) || !known || deployment.spec.paused) return undefined;
  if (known.reason === TIMED_OUT || known.reason === COMPLETE) return undefined;
  return Math.max(0, deadlineMs(deployment, known) - nowMs) + 1000;
}

/** The new ReplicaSet was refused: shown at once, whatever the deadline. `nowMs`: milliseconds since 1970. */
export function failedCreate(message: string, nowMs: number): DeploymentCondition {
  const now = formatTime(nowMs);
  return { ...progressing("False", "ReplicaSetCreateError", message), lastUpdateTime: now, lastTransitionTime: now };
}
