// The node has room for what the pod requests, and for one more pod; nodes are scored by what is left of them, as the
// configuration has it.

import { isExtendedResource } from "../../api/core/resource-names.ts";
import { defaultPluginArgs, type NodeResourcesFitArgs } from "../configuration/plugin-args.ts";
import type { SchedulerPlugin } from "../framework.ts";
import { NodeRoom } from "../node-room.ts";
import type { PodRequest } from "../pod-info.ts";
import type { ResourceColumns, Snapshot } from "../snapshot.ts";
import { resourceScorer } from "./resource-scores.ts";

export function buildResourcesFit(args: NodeResourcesFitArgs): SchedulerPlugin {
  return {
    name: "NodeResourcesFit",
    readsRequests: true,
    unblockedBy: ["NodeAdded", "NodeCapacity", "PodRemoved"],
    prepare({ request, role }, snapshot) {
      const wanted = withoutIgnored(request, args);
      const room = new NodeRoom();
      return {
        room: wanted,
        filter(node) {
          room.look(node, snapshot, role);
          return room.fits(wanted) ? undefined : room.shortages(wanted);
        },
        // Of what has no column each node has to be asked.
        ...(wanted.others.length === 0 && { markRefusals: (marks) => markShort(marks, wanted, snapshot) }),
        ...resourceScorer(args.scoringStrategy, request, snapshot),
      };
    },
  };
}

/** As it works where nothing is set. */
export const resourcesFit = buildResourcesFit(defaultPluginArgs.NodeResourcesFit);

/** Marks the rows that seem to have too little left; what is kept for the pod's role may still be enough. */
function markShort(marks: Uint8Array, wanted: PodRequest, snapshot: Snapshot): void {
  markBelow(marks, 1, snapshot.pods);
  markBelow(marks, wanted.cpuMillis, snapshot.cpuMillis);
  markBelow(marks, wanted.memoryBytes, snapshot.memoryBytes);
  markBelow(marks, wanted.ephemeralBytes, snapshot.ephemeralBytes);
}

function markBelow(marks: Uint8Array, wanted: number, { allocatable, requested }: ResourceColumns): void {
  if (wanted === 0) return;
  const [all, used] = [allocatable.rows(marks.length), requested.rows(marks.length)];
  for (let row = 0; row < marks.length; row++) if ((all[row] ?? 0) - (used[row] ?? 0) < wanted) marks[row] = 1;
}

/** Devices that somebody else looks after, such as an extender, need not suffice. */
function withoutIgnored(
  request: PodRequest,
  { ignoredResources, ignoredResourceGroups }: NodeResourcesFitArgs,
): PodRequest {
  if (ignoredResources.length + ignoredResourceGroups.length === 0) return request;
  const isIgnored = (name: string) =>
    isExtendedResource(name) &&
    (ignoredResources.includes(name) || ignoredResourceGroups.includes(name.slice(0, name.indexOf("/"))));
  return { ...request, others: request.others.filter(([name]) => !isIgnored(name)) };
}
