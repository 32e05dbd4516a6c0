// A pod that names its node goes there only.

import type { SchedulerPlugin } from "../framework.ts";

const REJECTION = ["node(s) didn't match the requested node name"];

export const nodeName: SchedulerPlugin = {
  name: "NodeName",
  unblockedBy: ["NodeAdded"],
  prepare({ pod }) {
    const wanted = pod.spec.nodeName;
    return wanted ? { filter: ({ name }) => (name === wanted ? undefined : REJECTION) } : undefined;
  },
};
