// What a StatefulSet's status says about its pods, and when a rolling update is over. Pure.

import type { StatefulSet, StatefulSetStatus } from "../../api/apps/stateful-set.ts";
import { isPodAvailable, isPodReady } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import { POD_REVISION } from "../revisions/revision.ts";
import { ordinalOf, replicasOf } from "./identity.ts";

export interface StatusParts {
  readonly pods: readonly Pod[];
  readonly currentRevision: string;
  readonly updateRevision: string;
  readonly collisionCount: number;
  readonly nowMs: number;
}

export function planStatus(set: StatefulSet, parts: StatusParts): StatefulSetStatus {
  const { collisionCount, nowMs, updateRevision } = parts;
  const pods = parts.pods.filter((pod) => ordinalOf(pod) >= 0);
  const ready = pods.filter((pod) => pod.status.phase === "Running" && isPodReady(pod));
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const ofRevision = (revision: string) =>
    pods.filter(({ metadata }) => !metadata.deletionTimestamp && metadata.labels?.[POD_REVISION] === revision).length;
  const counts = { replicas: pods.length, readyReplicas: ready.length, updatedReplicas: ofRevision(updateRevision) };
  const isComplete = isUpdated(set, counts);
  const { conditions } = set.status;
  return {
    observedGeneration: set.metadata.generation,
    replicas: counts.replicas,
    ...positive("readyReplicas", counts.readyReplicas),
    availableReplicas: ready.filter((pod) => isPodAvailable(pod, { minReadySeconds, nowMs })).length,
    ...positive("currentReplicas", isComplete ? counts.updatedReplicas : ofRevision(parts.currentRevision)),
    ...positive("updatedReplicas", counts.updatedReplicas),
    currentRevision: isComplete ? updateRevision : parts.currentRevision,
    updateRevision,
    collisionCount,
    ...(conditions && { conditions }),
  };
}

/** Go leaves zero counts out. */
const positive = (name: string, value: number) => (value > 0 ? { [name]: value } : {});

interface Counts {
  readonly replicas: number;
  readonly readyReplicas: number;
  readonly updatedReplicas: number;
}

/** All pods are of the update revision and ready: it becomes the current one. */
function isUpdated(set: StatefulSet, { replicas, readyReplicas, updatedReplicas }: Counts): boolean {
  if (set.spec.updateStrategy.type !== "RollingUpdate") return false;
  return [replicas, readyReplicas, updatedReplicas].every((count) => count === replicasOf(set));
}
