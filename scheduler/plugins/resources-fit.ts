// The node has room for what the pod requests, and for one more pod.

import type { SchedulerPlugin } from "../framework.ts";
import { NodeRoom } from "../node-room.ts";

export const resourcesFit: SchedulerPlugin = {
  name: "NodeResourcesFit",
  unblockedBy: ["NodeAdded", "NodeCapacity", "PodRemoved"],
  prepare({ request }, snapshot) {
    const room = new NodeRoom();
    return {
      room: request,
      filter(node) {
        room.look(node, snapshot);
        return room.fits(request) ? undefined : room.shortages(request);
      },
    };
  },
};
