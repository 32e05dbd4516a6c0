// The node has room for what the pod requests, and for one more pod.

import type { SchedulerPlugin } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodRequest } from "../pod-info.ts";
import type { ResourceColumns, Snapshot } from "../snapshot.ts";

/** A pod that requests nothing of a resource fits however little is left of it, as in Kubernetes. */
export const resourcesFit: SchedulerPlugin = {
  name: "NodeResourcesFit",
  unblockedBy: ["NodeAdded", "NodeCapacity", "PodRemoved"],
  prepare: ({ request }, snapshot) => ({
    filter: (node) => (fits(request, snapshot, node) ? undefined : shortages(request, snapshot, node)),
  }),
};

const lacks = ({ allocatable, requested }: ResourceColumns, { row }: NodeInfo, amount: number) =>
  amount > 0 && amount > allocatable.get(row) - requested.get(row);

const lacksOther = ({ allocatable, otherRequests }: NodeInfo, resource: string, amount: number) =>
  amount > (allocatable[resource] ?? 0) - (otherRequests.get(resource) ?? 0);

function fits(request: PodRequest, snapshot: Snapshot, node: NodeInfo): boolean {
  return (
    !lacks(snapshot.pods, node, 1) &&
    !lacks(snapshot.cpuMillis, node, request.cpuMillis) &&
    !lacks(snapshot.memoryBytes, node, request.memoryBytes) &&
    !lacks(snapshot.ephemeralBytes, node, request.ephemeralBytes) &&
    request.others.every(([resource, amount]) => !lacksOther(node, resource, amount))
  );
}

function shortages(request: PodRequest, snapshot: Snapshot, node: NodeInfo): readonly string[] {
  const reasons: string[] = [];
  if (lacks(snapshot.pods, node, 1)) reasons.push("Too many pods");
  if (lacks(snapshot.cpuMillis, node, request.cpuMillis)) reasons.push("Insufficient cpu");
  if (lacks(snapshot.memoryBytes, node, request.memoryBytes)) reasons.push("Insufficient memory");
  if (lacks(snapshot.ephemeralBytes, node, request.ephemeralBytes)) reasons.push("Insufficient ephemeral-storage");
  for (const [resource, amount] of request.others) {
    if (lacksOther(node, resource, amount)) reasons.push(`Insufficient ${resource}`);
  }
  return reasons;
}
