// What a ReplicaSet or a ReplicationController wants: how many pods to create, which to delete, and the status that tells
// about it. Pure.

import { isPodActive, isPodAvailable, isPodReady, podCondition } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { ReplicaSetCondition, ReplicaSetStatus } from "../../api/apps/replica-set.ts";
import type { PodTemplateSpec } from "../../api/core/pod-template.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import { findCondition, removeCondition } from "../../api/meta/condition-list.ts";
import { formatTime } from "../../lib/clock.ts";
import { chooseVictims, type VictimContext } from "./victims.ts";

/** At most this many pods are created or deleted in one reconcile, so that one object cannot starve the others. */
const BURST_MAX = 500;

/** What ReplicaSets and ReplicationControllers have in common: all but the form of their selectors. */
export interface Replicator extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly minReadySeconds?: number;
    readonly template?: PodTemplateSpec;
  };
  readonly status: ReplicaSetStatus;
}

export interface ReplicaPlan {
  readonly create: number;
  readonly remove: readonly Pod[];
}

/** `pods`: what it owns, its own newest writes included. */
export function planReplicas(owner: Replicator, pods: readonly Pod[], context: VictimContext): ReplicaPlan {
  if (owner.metadata.deletionTimestamp) return { create: 0, remove: [] };
  const active = pods.filter(isPodActive);
  const missing = (owner.spec.replicas ?? 1) - active.length;
  if (missing >= 0) return { create: Math.min(missing, BURST_MAX), remove: [] };
  return { create: 0, remove: chooseVictims(active, Math.min(-missing, BURST_MAX), context) };
}

/** A failure to create or delete, to be shown as the condition ReplicaFailure. */
export interface ReplicaFailure {
  readonly reason: "FailedCreate" | "FailedDelete";
  readonly message: string;
}

/** `nowMs`: milliseconds since 1970. */
export function planStatus(
  owner: Replicator,
  pods: readonly Pod[],
  outcome: { readonly nowMs: number; readonly failure?: ReplicaFailure },
): ReplicaSetStatus {
  const active = pods.filter(isPodActive);
  const templateLabels = Object.entries(owner.spec.template?.metadata?.labels ?? {});
  const minReadySeconds = owner.spec.minReadySeconds ?? 0;
  const count = (holds: (pod: Pod) => boolean) => active.filter(holds).length;
  const conditions = planConditions(owner.status.conditions ?? [], outcome);
  return {
    replicas: active.length,
    ...positive(
      "fullyLabeledReplicas",
      count((pod) => templateLabels.every(([k, v]) => pod.metadata.labels?.[k] === v)),
    ),
    ...positive("readyReplicas", count(isPodReady)),
    ...positive(
      "availableReplicas",
      count((pod) => isPodAvailable(pod, { minReadySeconds, nowMs: outcome.nowMs })),
    ),
    observedGeneration: owner.metadata.generation,
    ...(conditions.length > 0 && { conditions }),
  };
}

/** Go leaves zero counts out. */
const positive = (name: string, value: number) => (value > 0 ? { [name]: value } : {});

function planConditions(
  current: readonly ReplicaSetCondition[],
  { nowMs, failure }: { readonly nowMs: number; readonly failure?: ReplicaFailure },
): readonly ReplicaSetCondition[] {
  if (!failure) return removeCondition(current, "ReplicaFailure");
  // The first failure is shown until it is over: a message that changed with each attempt would itself cause the next one.
  if (findCondition(current, "ReplicaFailure")) return current;
  return [...current, { type: "ReplicaFailure", status: "True", ...failure, lastTransitionTime: formatTime(nowMs) }];
}

/** When the next ready pod becomes available by waiting alone; undefined when none is waiting. */
export function nextAvailableMs(
  { spec }: { readonly spec: { readonly minReadySeconds?: number } },
  pods: readonly Pod[],
  nowMs: number,
): number | undefined {
  const minReadyMs = (spec.minReadySeconds ?? 0) * 1000;
  if (minReadyMs === 0) return undefined;
  const waits = pods
    .filter((pod) => isPodActive(pod) && isPodReady(pod))
    .map((pod) => Date.parse(podCondition(pod, "Ready")?.lastTransitionTime ?? "") + minReadyMs - nowMs)
    .filter((waitMs) => waitMs > 0);
  return waits.length > 0 ? Math.min(...waits) : undefined;
}
