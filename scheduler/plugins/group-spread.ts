// Prefers nodes with fewer pods of the same group, so that the loss of a node takes as few of them as possible. This is
// Kubernetes' default spreading over hosts, as a preference only.

import type { SchedulerPlugin } from "../framework.ts";

export const groupSpread: SchedulerPlugin = {
  name: "PodTopologySpread",
  weight: 2,
  prepare({ group }) {
    if (group === undefined) return undefined;
    return { scale: "least is best", score: ({ groups }) => groups.get(group) ?? 0 };
  },
};
