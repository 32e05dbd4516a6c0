// What an event about one container of a pod names as its subject, as Kubernetes' kubelet does.

import type { Pod } from "../api/core/pod.ts";
import type { EventSubject } from "../client/event-recorder.ts";

export function containerSubject(pod: Pod, container: string): EventSubject {
  const isInit = pod.spec.initContainers?.some(({ name }) => name === container) ?? false;
  return { object: pod, fieldPath: `spec.${isInit ? "initContainers" : "containers"}{${container}}` };
}
