// What an event about one container of a pod names as its subject, as Kubernetes' kubelet does.

import type { Pod } from "../api/core/pod.ts";
import type { EventSubject } from "../client/event-recorder.ts";

export function containerSubject(pod: Pod, container: string): EventSubject {
  const lists = ["initContainers", "ephemeralContainers"] as const;
  const list = lists.find((each) => pod.spec[each]?.some(({ name }) => name === container)) ?? "containers";
  return { object: pod, fieldPath: `spec.${list}{${container}}` };
}
