// Builders of pod groups and queues, and of the pods in them, as clients send them.

import type { Pod } from "../api/core/pod.ts";
import { POD_GROUP_LABEL, type PodGroup, type PodGroupSpec } from "../api/kctl-scheduling/pod-group.ts";
import { QUEUE_LABEL, type Queue, type QueueSpec } from "../api/kctl-scheduling/queue.ts";
import type { NewObject } from "../api/meta/object.ts";
import { newPod } from "./builders.ts";

type PodOptions = Parameters<typeof newPod>[1];

export const newPodGroup = (name: string, spec: PodGroupSpec): NewObject<PodGroup> => ({
  apiVersion: "scheduling.kctl.dev/v1",
  kind: "PodGroup",
  metadata: { name, namespace: "default" },
  spec,
  status: {},
});

export const newQueue = (name: string, spec: QueueSpec = {}): NewObject<Queue> => ({
  apiVersion: "scheduling.kctl.dev/v1",
  kind: "Queue",
  metadata: { name },
  spec,
  status: {},
});

/** A pod of one core, unless it says otherwise, that leaves at once when it is deleted. */
function newWorker(name: string, label: string, options: PodOptions & { readonly value: string }): NewObject<Pod> {
  const { value, ...rest } = options;
  return newPod(name, {
    cpu: "1",
    ...rest,
    labels: { ...rest.labels, [label]: value },
    spec: { terminationGracePeriodSeconds: 0, ...rest.spec },
  });
}

export const newMember = (name: string, group: string, options: PodOptions = {}): NewObject<Pod> =>
  newWorker(name, POD_GROUP_LABEL, { ...options, value: group });

/** `<group>-0` and so on. */
export const newMembers = (group: string, count: number, options: PodOptions = {}): NewObject<Pod>[] =>
  Array.from({ length: count }, (_, index) => newMember(`${group}-${index}`, group, options));

export const newQueued = (name: string, queue: string, options: PodOptions = {}): NewObject<Pod> =>
  newWorker(name, QUEUE_LABEL, { ...options, value: queue });

/** `<queue>-0` and so on. */
export const newQueuedPods = (queue: string, count: number, options: PodOptions = {}): NewObject<Pod>[] =>
  Array.from({ length: count }, (_, index) => newQueued(`${queue}-${index}`, queue, options));
