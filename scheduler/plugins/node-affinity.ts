// The node's labels are what the pod's nodeSelector and required node affinity ask for; nodes that match more of the
// preferred terms, by weight, are better.

import { matchesNodeAffinity, nodeMatchesTerm } from "../../api/core/node-affinity.ts";
import { unresolvable, type SchedulerPlugin } from "../framework.ts";

const REJECTION = unresolvable("node(s) didn't match Pod's node affinity/selector");

export const nodeAffinity: SchedulerPlugin = {
  name: "NodeAffinity",
  weight: 2,
  unblockedBy: ["NodeAdded", "NodeLabels"],
  prepare({ pod }) {
    const affinity = pod.spec.affinity?.nodeAffinity;
    const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const required = pod.spec.nodeSelector ?? affinity?.requiredDuringSchedulingIgnoredDuringExecution;
    return {
      ignoresPods: true,
      ...(required && { filter: ({ node }) => (matchesNodeAffinity(pod, node) ? undefined : REJECTION) }),
      ...(preferred.length > 0 && {
        scale: "most is best",
        score: ({ node }) =>
          preferred.reduce((sum, { weight, preference }) => sum + (nodeMatchesTerm(preference, node) ? weight : 0), 0),
      }),
    };
  },
};
