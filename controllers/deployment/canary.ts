// A canary: a new template gets only so many pods, until somebody promotes its revision. Pure. The bounds of a rolling update hold
// meanwhile, and so does the number of pods, whatever the Deployment is scaled to.

import type { Deployment } from "../../api/apps/deployment.ts";
import { canaryCount, PROMOTED_REVISION } from "../../api/apps/deployment-options.ts";
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import { rolloutBounds, type RolloutBounds } from "./bounds.ts";
import { lastComplete, wasComplete } from "./complete.ts";
import { nextRevision, replicasOf, revisionOf, type History } from "./history.ts";

export interface Canary {
  /** The revision to be promoted. */
  readonly revision: bigint;
  /** How many pods it may have until then. */
  readonly limit: number;
  /** What has the other pods. */
  readonly stable: ReplicaSet;
  /** How many those are. */
  readonly kept: number;
}

/**
 * Undefined where the current template may have all pods: no canary is asked for, the revision is promoted, it ran before, or
 * there is nothing that could keep the other pods.
 */
export function readCanary(deployment: Deployment, history: History): Canary | undefined {
  const bounds = rolloutBounds(deployment);
  const wanted = canaryCount(deployment, bounds.desired);
  if (wanted === undefined || deployment.spec.strategy.type === "Recreate") return undefined;
  const { current, old } = history;
  const stable = lastComplete(old);
  if (!stable || (current && wasComplete(current))) return undefined;
  const revision = current ? revisionOf(current) : nextRevision(history);
  if (current && deployment.metadata.annotations?.[PROMOTED_REVISION] === String(revision)) return undefined;
  // While paused nothing new is started.
  const size = deployment.spec.paused ? Math.min(wanted, current ? replicasOf(current) : 0) : wanted;
  return { revision, stable, ...shares(bounds, size) };
}

/** One pod of the old template stays in any case: a canary takes nothing over. Without surge that is one canary fewer. */
function shares({ desired, maxSurge }: RolloutBounds, wanted: number): Pick<Canary, "limit" | "kept"> {
  const limit = Math.min(wanted, desired, Math.max(0, desired + maxSurge - 1));
  return { limit, kept: Math.max(Math.min(1, desired), desired - limit) };
}

/** All canaries are there and available: what is missing is the word of somebody. */
export function isWaiting(canary: Canary, { current, old }: History): boolean {
  if (!current || replicasOf(current) !== canary.limit) return false;
  const { replicas = 0, availableReplicas = 0 } = current.status;
  const isSettled = (each: ReplicaSet) => replicasOf(each) === (each === canary.stable ? canary.kept : 0);
  return replicas === canary.limit && availableReplicas === canary.limit && old.every(isSettled);
}
