// Static partitions: pods of a namespace that is bound to a pool go to nodes of that pool, and other pods to nodes of none. The
// API server refuses what breaks this, whoever schedules; here it keeps pods from being sent there at all.

import { meetsDemand, poolDemand, poolOf } from "../../api/kctl-scheduling/pools.ts";
import { controllerOf } from "../../api/meta/owner.ts";
import { unresolvable, type SchedulerPlugin } from "../framework.ts";

const REJECTION = unresolvable("node(s) didn't belong to the namespace's pool");

export const nodePool: SchedulerPlugin = {
  name: "NodePool",
  unblockedBy: ["NodeAdded", "NodeLabels", "NamespaceLabels"],
  prepare({ pod, namespace }, snapshot) {
    const isDaemon = controllerOf(pod)?.kind === "DaemonSet";
    const demand = poolDemand({ namespace, namespaceLabels: snapshot.namespaceLabels(namespace), isDaemon });
    if (demand === "any") return undefined;
    return {
      ignoresPods: true,
      filter: ({ node }) => (meetsDemand(demand, poolOf(node.metadata.labels)) ? undefined : REJECTION),
    };
  },
};
