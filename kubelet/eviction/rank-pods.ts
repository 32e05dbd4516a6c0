// Which pod goes first when a node is short of something: one that uses more than it asked for, then the less important one,
// then the one that uses the most beyond its request. In Kubernetes' order and words. Pure.

import type { Container } from "../../api/core/container.ts";
import { podRequests } from "../../api/core/pod-resources.ts";
import type { Pod } from "../../api/core/pod.ts";
import {
  canonicalQuantity,
  compareQuantities,
  parseQuantity,
  quantityOf,
  renderQuantity,
} from "../../api/meta/quantity.ts";
import { IMMEDIATE_GRACE_SECONDS, type Eviction } from "./eviction.ts";
import {
  amountOf,
  renderAmount,
  resourceOf,
  type EvictionSettings,
  type Observations,
  type StarvedResource,
  type Threshold,
} from "./thresholds.ts";

/** What a pod uses of the resource in question. */
export interface PodUse {
  readonly pod: Pod;
  /** Undefined: it could not be measured. */
  readonly used: number | undefined;
  /** By container. */
  readonly containers: ReadonlyMap<string, number>;
}

/** The first to go first. */
export function rankPods(resource: StarvedResource, uses: readonly PodUse[]): readonly PodUse[] {
  const byPriority = (a: PodUse, b: PodUse) => priorityOf(a) - priorityOf(b);
  const byUse = (a: PodUse, b: PodUse) => beyond(resource, b) - beyond(resource, a);
  const byExcess = (a: PodUse, b: PodUse) => Number(isExcessive(resource, b)) - Number(isExcessive(resource, a));
  const byGap = (a: PodUse, b: PodUse) => Number(b.used === undefined) - Number(a.used === undefined);
  const ordered = resource === "pids" ? [byPriority, byGap, byUse] : [byGap, byExcess, byPriority, byUse];
  return [...uses].sort((a, b) => ordered.reduce((verdict, compare) => verdict || compare(a, b), 0));
}

const priorityOf = ({ pod }: PodUse) => pod.spec.priority ?? 0;

function requestOf(resource: StarvedResource, pod: Pod): number {
  return resource === "pids" || resource === "inodes" ? 0 : (podRequests(pod)[resource] ?? 0);
}

const beyond = (resource: StarvedResource, { pod, used = 0 }: PodUse) => used - requestOf(resource, pod);

const isExcessive = (resource: StarvedResource, use: PodUse) => beyond(resource, use) > 0;

export interface Shortage {
  readonly reclaim: Threshold;
  /** All that is due now. */
  readonly due: readonly Threshold[];
  readonly observations: Observations;
}

/** How the pod is told. */
export function describeEviction(use: PodUse, shortage: Shortage, settings: EvictionSettings): Eviction {
  const { reclaim } = shortage;
  const resource = resourceOf(reclaim.signal);
  return {
    message: [
      `The node was low on resource: ${resource}. `,
      describeThreshold(resource, shortage),
      ...use.pod.spec.containers.map((each) => describeContainer(resource, each, use.containers.get(each.name))),
    ].join(""),
    graceSeconds: reclaim.graceMs === 0 ? IMMEDIATE_GRACE_SECONDS : settings.maxPodGraceSeconds,
    isDisruption: true,
  };
}

function describeThreshold(resource: StarvedResource, { due, observations }: Shortage): string {
  const found = due.find(({ signal }) => resourceOf(signal) === resource && observations[signal]);
  const seen = found && observations[found.signal];
  if (!seen) return "";
  const quantity = renderAmount(found.signal, amountOf(found.value, seen.capacity));
  return `Threshold quantity: ${quantity}, available: ${renderAmount(found.signal, seen.available)}. `;
}

/** Of memory and disk only, as Kubernetes does. */
function describeContainer(
  resource: StarvedResource,
  { name, resources }: Container,
  used: number | undefined,
): string {
  if (used === undefined || (resource !== "memory" && resource !== "ephemeral-storage")) return "";
  const request = resources?.requests?.[resource] ?? "0";
  const usage = quantityOf(used, "BinarySI");
  if (compareQuantities(usage, parseQuantity(request)) <= 0) return "";
  const figures = `was using ${renderQuantity(usage)}, request is ${canonicalQuantity(request)}`;
  return `Container ${name} ${figures}, has larger consumption of ${resource}. `;
}
