// What a DaemonSet's status says: on how many nodes its pod is to be, is, and works. Pure.

import type { DaemonSet, DaemonSetStatus } from "../../api/apps/daemon-set.ts";
import { isPodAvailable, isPodReady } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { DaemonNode } from "./daemon-nodes.ts";
import { isUpToDate } from "./daemon-pod.ts";
import type { PlanContext } from "./plan.ts";

export interface StatusContext extends PlanContext {
  readonly collisionCount: number;
}

export function planStatus(
  daemonSet: DaemonSet,
  nodes: readonly DaemonNode[],
  { hash, nowMs, collisionCount }: StatusContext,
): DaemonSetStatus {
  const there = nodes.filter(({ exists }) => exists);
  const wanted = there.filter(({ isWanted }) => isWanted);
  // The oldest pod of a node stands for it.
  const pods = wanted.flatMap((node) => node.pods[0] ?? []);
  const minReadySeconds = daemonSet.spec.minReadySeconds ?? 0;
  const count = (holds: (pod: Pod) => boolean) => pods.filter(holds).length;
  const available = count((pod) => isPodAvailable(pod, { minReadySeconds, nowMs }));
  const { conditions } = daemonSet.status;
  return {
    currentNumberScheduled: pods.length,
    numberMisscheduled: there.filter((node) => !node.isWanted && node.pods.length > 0).length,
    desiredNumberScheduled: wanted.length,
    numberReady: count(isPodReady),
    observedGeneration: daemonSet.metadata.generation,
    ...positive(
      "updatedNumberScheduled",
      count((pod) => isUpToDate(daemonSet, pod, hash)),
    ),
    ...positive("numberAvailable", available),
    ...positive("numberUnavailable", wanted.length - available),
    ...positive("collisionCount", collisionCount),
    ...(conditions && { conditions }),
  };
}

/** Go leaves zero counts out. */
const positive = (name: string, value: number) => (value > 0 ? { [name]: value } : {});
