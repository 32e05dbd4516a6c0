// Puts sandboxes and containers together to pods, in the order that ContainerRuntime.list promises. Pure.

import type { PodIdentity, RuntimeContainer, RuntimePod, RuntimeSandbox } from "./runtime.ts";

interface Of<T> {
  readonly pod: PodIdentity;
  readonly state: T;
}

export function groupPods(
  sandboxes: readonly Of<RuntimeSandbox>[],
  containers: readonly Of<RuntimeContainer>[],
): RuntimePod[] {
  const pods = new Map<string, { pod: PodIdentity; sandboxes: RuntimeSandbox[]; containers: RuntimeContainer[] }>();
  const entry = (pod: PodIdentity) => {
    const found = pods.get(pod.uid) ?? { pod, sandboxes: [], containers: [] };
    pods.set(pod.uid, found);
    return found;
  };
  for (const { pod, state } of sandboxes) entry(pod).sandboxes.push(state);
  for (const { pod, state } of containers) entry(pod).containers.push(state);
  for (const pod of pods.values()) {
    pod.sandboxes.sort(newestFirst);
    pod.containers.sort(newestFirst);
  }
  return [...pods.values()];
}

function newestFirst(left: { attempt: number }, right: { attempt: number }): number {
  return right.attempt - left.attempt;
}
