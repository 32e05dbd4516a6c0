// How large each ReplicaSet should be next: the heart of a rollout. Pure: from what is there to one step towards the goal.
// The steps are those of Kubernetes' deployment controller; the bounds hold after each of them.

import type { Deployment } from "../../api/apps/deployment.ts";
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import { rolloutBounds, type RolloutBounds } from "./bounds.ts";
import type { Canary } from "./canary.ts";
import { DESIRED_REPLICAS, replicasOf, type History } from "./history.ts";
import { planProportionalScale } from "./proportional-scale.ts";

/** New sizes by ReplicaSet name; what is absent keeps its size. */
export type Sizes = ReadonlyMap<string, number>;

export interface RolloutStep {
  readonly sizes: Sizes;
  /** The size of the current template's ReplicaSet if it is to be created now. */
  readonly create?: number;
}

export interface RolloutState extends History {
  /** Pods of old ReplicaSets are still running: Recreate waits for the last of them. */
  readonly oldPodsRunning: boolean;
}

const nothing: RolloutStep = { sizes: new Map() };

export function planRollout(deployment: Deployment, state: RolloutState): RolloutStep {
  const bounds = rolloutBounds(deployment);
  // 1. Paused, or scaled in the middle of a rollout: keep the proportions and start nothing new.
  if (deployment.spec.paused || wasScaled(deployment, state))
    return { sizes: planProportionalScale(bounds, deployment, state) };
  // 2. Recreate: everything old goes before anything new comes.
  if (deployment.spec.strategy.type === "Recreate") return planRecreate(bounds, state);
  // 3. Rolling update: grow the new one as far as surge allows; once it cannot grow, shrink the old ones.
  return planRollingUpdate(bounds, state);
}

/** The same for a canary: the new one and the stable one grow to their shares, then all shrink to them. Scaling moves the shares. */
export function planCanary(deployment: Deployment, { current, old }: History, canary: Canary): RolloutStep {
  const bounds = rolloutBounds(deployment);
  const { stable, limit, kept } = canary;
  let room = Math.max(0, bounds.desired + bounds.maxSurge - sum(current ? [...old, current] : old, replicasOf));
  const grown = (size: number, wanted: number) => {
    const added = Math.max(0, Math.min(room, wanted - size));
    room -= added;
    return size + added;
  };
  if (!current) return { ...nothing, create: grown(0, limit) };
  const shares = new Map([
    [current, limit],
    [stable, kept],
  ]);
  const sizes = [...shares].map(([each, share]) => [each, grown(replicasOf(each), share)] as const);
  const growing = sizes.filter(([each, size]) => size !== replicasOf(each));
  if (growing.length > 0) return { sizes: new Map(growing.map(([{ metadata }, size]) => [metadata.name, size])) };
  // Canaries beyond their share that serve nobody may be all that takes the others' room.
  const idle = Math.min(replicasOf(current) - limit, replicasOf(current) - available(current));
  if (idle > 0) return { sizes: new Map([[current.metadata.name, replicasOf(current) - idle]]) };
  return { sizes: planShrink(bounds, { current, old }, shares) };
}

/** The size that a ReplicaSet with pods was made for differs from the size wanted now. */
function wasScaled(deployment: Deployment, { current, old }: History): boolean {
  const active = [...old, ...(current ? [current] : [])].filter((each) => replicasOf(each) > 0);
  return active.some(({ metadata }) => {
    const desired = metadata.annotations?.[DESIRED_REPLICAS];
    return desired !== undefined && Number(desired) !== (deployment.spec.replicas ?? 1);
  });
}

function planRecreate({ desired }: RolloutBounds, { current, old, oldPodsRunning }: RolloutState): RolloutStep {
  const active = old.filter((each) => replicasOf(each) > 0);
  if (active.length > 0) return { sizes: new Map(active.map(({ metadata }) => [metadata.name, 0])) };
  if (oldPodsRunning) return nothing;
  if (!current) return { ...nothing, create: desired };
  return replicasOf(current) === desired ? nothing : { sizes: new Map([[current.metadata.name, desired]]) };
}

function planRollingUpdate(bounds: RolloutBounds, { current, old }: History): RolloutStep {
  const total = sum(old, replicasOf) + (current ? replicasOf(current) : 0);
  const size = sizeOfNew(bounds, total, current ? replicasOf(current) : 0);
  if (!current) return { ...nothing, create: size };
  if (size !== replicasOf(current)) return { sizes: new Map([[current.metadata.name, size]]) };
  return { sizes: planShrink(bounds, { current, old }) };
}

/** As many as are wanted, unless that would exceed the surge; never fewer than there are, unless more than wanted. */
function sizeOfNew({ desired, maxSurge }: RolloutBounds, total: number, size: number): number {
  if (size >= desired) return desired;
  const room = desired + maxSurge - total;
  return room <= 0 ? size : size + Math.min(room, desired - size);
}

/**
 * First the old pods that are not available anyway, then available ones, as long as enough remain. `shares`: what is not to become
 * smaller than so; the current one never does unless it is named.
 */
function planShrink(
  bounds: RolloutBounds,
  { current, old }: History & { readonly current: ReplicaSet },
  shares: ReadonlyMap<ReplicaSet, number> = new Map(),
): Sizes {
  const all = [...old, current];
  const sizes = new Map(all.map((each) => [each, replicasOf(each)]));
  const shareOf = (each: ReplicaSet) => shares.get(each) ?? (each === current ? replicasOf(current) : 0);
  const shrink = (each: ReplicaSet, count: number) => {
    const size = sizes.get(each) ?? 0;
    const taken = Math.max(0, Math.min(count, size - shareOf(each)));
    sizes.set(each, size - taken);
    return taken;
  };
  const minAvailable = bounds.desired - bounds.maxUnavailable;
  const newUnavailable = Math.max(0, Math.min(replicasOf(current), shareOf(current)) - available(current));
  let spare = sum(all, replicasOf) - minAvailable - newUnavailable;
  for (const each of all) spare -= shrink(each, Math.min(spare, Math.max(0, replicasOf(each) - available(each))));
  let surplus = Math.min(spare, sum(all, available) - minAvailable);
  for (const each of all) surplus -= shrink(each, surplus);
  return new Map(
    [...sizes].filter(([each, size]) => size !== replicasOf(each)).map(([{ metadata }, size]) => [metadata.name, size]),
  );
}

/** A ReplicaSet that was shrunk a moment ago may still report pods that it is about to delete. */
const available = (replicaSet: ReplicaSet): number =>
  Math.min(replicaSet.status.availableReplicas ?? 0, replicasOf(replicaSet));

export const sum = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0);
