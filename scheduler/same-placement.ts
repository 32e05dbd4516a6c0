// Whether a change of a pod that has a node matters to the scheduler. Most are of its status, and do not.

import { isResizeInfeasible } from "../api/core/pod-resources.ts";
import type { ContainerStatus, PodStatus } from "../api/core/pod-status.ts";
import type { Pod } from "../api/core/pod.ts";
import { semanticEqual } from "../api/meta/semantic-equal.ts";
import type { Change } from "../client/informer.ts";

/** Nothing that the snapshot counts has changed. */
export function isSamePlacement(change: Change<Pod>): boolean {
  if (change.type !== "updated") return false;
  return semanticEqual(placementOf(change.before), placementOf(change.object));
}

const placementOf = ({ metadata, spec, status }: Pod) => [
  spec.nodeName,
  spec.containers,
  metadata.labels,
  metadata.deletionTimestamp === undefined,
  status.startTime,
  amountsOf(status.containerStatuses),
  amountsOf(status.initContainerStatuses),
  isResizeInfeasible({ status }),
];

/** What the containers have, which counts while they are being resized. */
const amountsOf = (statuses: PodStatus["containerStatuses"]) =>
  statuses?.map(({ resources, allocatedResources }: ContainerStatus) => [resources?.requests, allocatedResources]);
