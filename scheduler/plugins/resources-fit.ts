// The node has room for what the pod requests, and for one more pod; nodes are scored by what is left of them, as the
// configuration has it.

import { isExtendedResource } from "../../api/core/resource-names.ts";
import { defaultPluginArgs, type NodeResourcesFitArgs } from "../configuration/plugin-args.ts";
import type { SchedulerPlugin } from "../framework.ts";
import { NodeRoom } from "../node-room.ts";
import type { PodRequest } from "../pod-info.ts";
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
        score: resourceScorer(args.scoringStrategy, request, snapshot),
      };
    },
  };
}

/** As it works where nothing is set. */
export const resourcesFit = buildResourcesFit(defaultPluginArgs.NodeResourcesFit);

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
