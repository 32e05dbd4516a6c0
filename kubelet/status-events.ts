// The events that tell of waiting: recorded when a container begins to wait, not for as long as it does.

import type { Pod } from "../api/core/pod.ts";
import type { ContainerStatus, PodStatus } from "../api/core/pod-status.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import { containerSubject } from "./container-subject.ts";

export function recordStatusEvents(
  events: EventRecorder,
  pod: Pod,
  { before, after }: { readonly before: PodStatus; readonly after: PodStatus },
): void {
  const earlier = new Map(statusesOf(before).map(({ name, state }) => [name, state.waiting?.reason]));
  for (const { name, state } of statusesOf(after)) {
    const reason = state.waiting?.reason;
    if (reason === undefined || reason === earlier.get(name)) continue;
    recordWaiting(events, pod, { name, reason, message: state.waiting?.message ?? "" });
  }
}

const statusesOf = ({ initContainerStatuses = [], containerStatuses = [] }: PodStatus): readonly ContainerStatus[] => [
  ...initContainerStatuses,
  ...containerStatuses,
];

function recordWaiting(
  events: EventRecorder,
  pod: Pod,
  waiting: { readonly name: string; readonly reason: string; readonly message: string },
): void {
  const about = containerSubject(pod, waiting.name);
  const { name, namespace, uid } = pod.metadata;
  switch (waiting.reason) {
    case "CrashLoopBackOff": {
      const text = `Back-off restarting failed container ${waiting.name} in pod ${name}_${namespace}(${uid})`;
      return events.record(about, "Warning", "BackOff", text);
    }
    case "ImagePullBackOff": {
      const [text = ""] = waiting.message.split(": ErrImagePull: ");
      events.record(about, "Normal", "BackOff", text);
      return events.record(about, "Warning", "Failed", "Error: ImagePullBackOff");
    }
    case "ErrImagePull":
    case "ErrImageNeverPull":
    case "InvalidImageName":
      return events.record(about, "Warning", "Failed", `Error: ${waiting.reason}`);
    case "ContainerCreating":
    case "PodInitializing":
      return;
    default:
      return events.record(about, "Warning", "Failed", `Error: ${waiting.message}`);
  }
}
