// Whether a change of a pod that has a node matters to the scheduler. Most are of its status, and do not.

import { isResizeInfeasible } from "../api/core/pod-resources.ts";
import type { ContainerStatus, PodStatus } from "../api/core/pod-status.ts";
import type { Pod } from "../api/core/pod.ts";
import { semanticEqual } from "../api/meta/semantic-equal.ts";

/** Nothing that the snapshot counts of a pod on a node has changed. */
export function isSamePlacement(before: Pod, after: Pod): boolean {
  return semanticEqual(countedIn(before), countedIn(after));
}

const countedIn = ({ metadata, spec, status }: Pod) => [
  spec.containers,
  spec.initContainers,
  metadata.labels,
  metadata.ownerReferences,
  metadata.deletionTimestamp === undefined,
  status.startTime,
  amountsOf(status.containerStatuses),
  amountsOf(status.initContainerStatuses),
  isResizeInfeasible({ status }),
];

/** What the containers have, which counts while they are being resized. */
const amountsOf = (statuses: PodStatus["containerStatuses"]) =>
  statuses?.map(({ resources, allocatedResources }: ContainerStatus) => [resources?.requests, allocatedResources]);
