// The pod tolerates the node's taints; nodes with fewer PreferNoSchedule taints that it does not tolerate are better.

import { findUntoleratedTaint, toleratesAny } from "../../api/core/taints.ts";
import { unresolvable, type SchedulerPlugin } from "../framework.ts";

export const taintToleration: SchedulerPlugin = {
  name: "TaintToleration",
  weight: 3,
  unblockedBy: ["NodeAdded", "NodeTaints"],
  prepare: ({ pod: { spec } }) => ({
    ignoresPods: true,
    filter({ node }) {
      const taint = findUntoleratedTaint(node.spec.taints, spec.tolerations, ["NoSchedule", "NoExecute"]);
      return taint && unresolvable(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`);
    },
    scale: "least is best",
    score: ({ node }) =>
      (node.spec.taints ?? []).filter(
        (taint) => taint.effect === "PreferNoSchedule" && !toleratesAny(spec.tolerations, taint),
      ).length,
  }),
};
