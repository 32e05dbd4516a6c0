// A Deployment that is scaled while several of its ReplicaSets have pods: each gets its share of the change, so that a
// broken rollout does not grow faster than the working one. Pure. Shares and rounding as in Kubernetes.

import type { Deployment } from "../../api/apps/deployment.ts";
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import type { RolloutBounds } from "./bounds.ts";
import { DESIRED_REPLICAS, MAX_REPLICAS, replicasOf, type History } from "./history.ts";

/** New sizes by ReplicaSet name. */
export function planProportionalScale(
  bounds: RolloutBounds,
  deployment: Deployment,
  { current, old }: History,
): ReadonlyMap<string, number> {
  const all = [...old, ...(current ? [current] : [])];
  const active = all.filter((each) => replicasOf(each) > 0);
  // 1. One ReplicaSet has all the pods, or none has any: the size is simply its size.
  const only = active.length === 1 ? active[0] : active.length === 0 ? (current ?? old.at(-1)) : undefined;
  if (only) return sizesOf([only], () => bounds.desired);
  // 2. The new one is complete: what is left of the old ones goes.
  if (current && isSaturated(bounds, current))
    return sizesOf(
      active.filter((each) => each !== current),
      () => 0,
    );
  // 3. Recreate never has two at once for long: it goes on once it is resumed.
  if (deployment.spec.strategy.type === "Recreate") return new Map();
  return shareOut(bounds, deployment, active);
}

function isSaturated({ desired }: RolloutBounds, replicaSet: ReplicaSet): boolean {
  const wanted = Number(replicaSet.metadata.annotations?.[DESIRED_REPLICAS]);
  return (
    wanted === desired && replicasOf(replicaSet) === desired && (replicaSet.status.availableReplicas ?? 0) === desired
  );
}

function sizesOf(replicaSets: readonly ReplicaSet[], size: (each: ReplicaSet) => number): ReadonlyMap<string, number> {
  return new Map(
    replicaSets.filter((each) => replicasOf(each) !== size(each)).map((each) => [each.metadata.name, size(each)]),
  );
}

function shareOut(
  bounds: RolloutBounds,
  deployment: Deployment,
  active: readonly ReplicaSet[],
): ReadonlyMap<string, number> {
  const total = active.reduce((count, each) => count + replicasOf(each), 0);
  const allowed = bounds.desired > 0 ? bounds.desired + bounds.maxSurge : 0;
  const toAdd = allowed - total;
  if (toAdd === 0) return new Map();
  const ordered = [...active].sort(toAdd > 0 ? newerFirst : olderFirst);
  let added = 0;
  const shares = ordered.map((each) => {
    const left = toAdd - added;
    if (left === 0) return 0;
    const share = shareOf(each, deployment, bounds);
    const taken = toAdd > 0 ? Math.min(share, left) : Math.max(share, left);
    added += taken;
    return taken;
  });
  // Rounding may leave a rest, which the first, largest one takes.
  const sizes = ordered.map((each, index) =>
    Math.max(0, replicasOf(each) + (shares[index] ?? 0) + (index === 0 ? toAdd - added : 0)),
  );
  return sizesOf(ordered, (each) => sizes[ordered.indexOf(each)] ?? 0);
}

const newerFirst = (a: ReplicaSet, b: ReplicaSet) =>
  replicasOf(b) - replicasOf(a) || b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp);
const olderFirst = (a: ReplicaSet, b: ReplicaSet) =>
  replicasOf(b) - replicasOf(a) || a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp);

/** The change that keeps the ReplicaSet's part of the whole. */
function shareOf(replicaSet: ReplicaSet, deployment: Deployment, { desired, maxSurge }: RolloutBounds): number {
  const size = replicasOf(replicaSet);
  if (desired === 0) return -size;
  const before = Number(replicaSet.metadata.annotations?.[MAX_REPLICAS]) || deployment.status.replicas || 0;
  if (before === 0) return 0;
  return Math.round((size * (desired + maxSurge)) / before) - size;
}
