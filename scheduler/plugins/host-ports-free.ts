// The host ports that the pod asks for are free on the node.

import type { SchedulerPlugin } from "../framework.ts";

const REJECTION = ["node(s) didn't have free ports for the requested pod ports"];

export const hostPortsFree: SchedulerPlugin = {
  name: "NodePorts",
  unblockedBy: ["NodeAdded", "PodRemoved"],
  prepare({ ports }) {
    if (ports.length === 0) return undefined;
    return { filter: (node) => (ports.some((port) => node.ports.conflictsWith(port)) ? REJECTION : undefined) };
  },
};
