// Cordoned nodes take no pods but those that tolerate the taint that goes with it.

import { toleratesAny } from "../../api/core/taints.ts";
import { unresolvable, type SchedulerPlugin } from "../framework.ts";

const REJECTION = unresolvable("node(s) were unschedulable");
const TAINT = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" } as const;

export const nodeUnschedulable: SchedulerPlugin = {
  name: "NodeUnschedulable",
  unblockedBy: ["NodeAdded", "NodeTaints"],
  prepare({ pod }) {
    if (toleratesAny(pod.spec.tolerations, TAINT)) return undefined;
    return { ignoresPods: true, filter: ({ node }) => (node.spec.unschedulable ? REJECTION : undefined) };
  },
};
