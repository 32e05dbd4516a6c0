// Pods: deleted gracefully by the kubelet of their node, and counted against that node from the transaction that places
// them to the one in which they finish or go.

import type { Pod } from "../../api/core/pod.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import type { NoRoom } from "../allocation/refusals.ts";
import { claimOf, type AllocationChange, type PodClaim, type Shortage } from "../allocation/plan-allocation.ts";
import type { Accompaniment, Change, KindRules } from "./kind-rules.ts";

export const podRules: KindRules = {
  returnsDeleted: true,
  graceSeconds: (object, requestedSeconds) => podGraceSeconds(object as Pod, requestedSeconds),
  accompany: ({ old, object }: Change): Accompaniment => {
    const changes = planPodAllocation(old?.object as Pod | undefined, object as Pod | undefined);
    return { allocations: changes };
  },
  whenNoRoom: (object, refusal) => refusePod(object as Pod, refusal),
};

/** Nothing runs of a pod that is unscheduled or has finished, so nothing needs time to stop. A negative period means one second. */
function podGraceSeconds({ spec, status }: Pod, requestedSeconds?: number): number {
  if (!spec.nodeName || status.phase === "Succeeded" || status.phase === "Failed") return 0;
  const seconds = requestedSeconds ?? spec.terminationGracePeriodSeconds ?? 30;
  return seconds < 0 ? 1 : seconds;
}

/** What a write of a pod changes in its node's record. Exported for its test. */
export function planPodAllocation(old: Pod | undefined, pod: Pod | undefined): readonly AllocationChange[] {
  // Most writes are of the status alone, and share the spec with the version before.
  const isOfStatus = old !== undefined && pod !== undefined && old.spec === pod.spec;
  if (isOfStatus && isFinished(old) === isFinished(pod) && !isGivenAmounts(old) && !isGivenAmounts(pod)) return [];
  return planClaims(claimOf(old), claimOf(pod));
}

function planClaims(release: PodClaim | undefined, reserve: PodClaim | undefined): readonly AllocationChange[] {
  if (!release && !reserve) return [];
  if (!release || !reserve) return [{ node: (release ?? reserve)?.node ?? "", release, reserve }];
  if (JSON.stringify(release) === JSON.stringify(reserve)) return [];
  if (release.node === reserve.node) return [{ node: release.node, release, reserve }];
  return [
    { node: release.node, release },
    { node: reserve.node, reserve },
  ];
}

/** Its node says what the containers have, which counts while they are being resized. */
const isGivenAmounts = ({ status: { containerStatuses = [], initContainerStatuses = [] } }: Pod) =>
  [...containerStatuses, ...initContainerStatuses].some(({ resources }) => resources !== undefined);

const isFinished = ({ status }: Pod) => status.phase === "Succeeded" || status.phase === "Failed";

/**
 * A pod created for a node that has no room is stored as failed. In Kubernetes the kubelet would refuse it and end up
 * here; deciding it at once keeps the node's record true.
 */
function refusePod(pod: Pod, { shortages }: NoRoom): KubeObject {
  const [first] = shortages;
  const reason = first ? `OutOf${first.resource}` : "OutOfcpu";
  const status: Pod["status"] = { ...pod.status, phase: "Failed", reason, message: first && renderRefusal(first) };
  const refused: Pod = { ...pod, status };
  return refused;
}

const renderRefusal = ({ resource, requested, used, capacity }: Shortage) =>
  `Pod was rejected: Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`;
