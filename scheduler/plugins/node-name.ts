// A pod that names its node goes there only.

import { unresolvable, type SchedulerPlugin } from "../framework.ts";

const REJECTION = unresolvable("node(s) didn't match the requested node name");

export const nodeName: SchedulerPlugin = {
  name: "NodeName",
  unblockedBy: ["NodeAdded"],
  prepare({ pod }) {
    const wanted = pod.spec.nodeName;
    if (!wanted) return undefined;
    return { ignoresPods: true, filter: ({ name }) => (name === wanted ? undefined : REJECTION) };
  },
};
