// Questions about a pod that every component asks, answered in one place from its spec and status.

import type { Container } from "./container.ts";
import type { ContainerStatus, PodCondition, PodStatus } from "./pod-status.ts";
import type { Pod } from "./pod.ts";
import { findCondition } from "../meta/condition-list.ts";

/** The pod will never run again. */
export function isPodTerminal(pod: { readonly status: Pick<PodStatus, "phase"> }): boolean {
  return pod.status.phase === "Succeeded" || pod.status.phase === "Failed";
}

/** Neither at its end nor being deleted: a controller counts on it. */
export function isPodActive(pod: Pick<Pod, "metadata" | "status">): boolean {
  return !isPodTerminal(pod) && !pod.metadata.deletionTimestamp;
}

export function podCondition(pod: { readonly status: PodStatus }, type: string): PodCondition | undefined {
  return findCondition(pod.status.conditions, type);
}

/** The pod may receive traffic. */
export function isPodReady(pod: { readonly status: PodStatus }): boolean {
  return podCondition(pod, "Ready")?.status === "True";
}

export interface Availability {
  readonly minReadySeconds: number;
  readonly nowMs: number;
}

/** Ready, and for at least `minReadySeconds` without a break. */
export function isPodAvailable(pod: { readonly status: PodStatus }, { minReadySeconds, nowMs }: Availability): boolean {
  const ready = podCondition(pod, "Ready");
  if (ready?.status !== "True") return false;
  if (minReadySeconds === 0) return true;
  return (
    ready.lastTransitionTime !== undefined && Date.parse(ready.lastTransitionTime) + minReadySeconds * 1000 <= nowMs
  );
}

/** A sidecar: an init container that runs as long as the pod does. */
export function isSidecar(container: Pick<Container, "restartPolicy"> | undefined): boolean {
  return container?.restartPolicy === "Always";
}

/** The status of a container, an init container or an ephemeral container by its name. */
export function containerStatusOf(pod: { readonly status: PodStatus }, name: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status;
  const lists = [containerStatuses, initContainerStatuses, ephemeralContainerStatuses];
  for (const list of lists) {
    const found = list.find((status) => status.name === name);
    if (found) return found;
  }
  return undefined;
}
