// The scheduling rules, in the order in which their filters are asked: cheap and often decisive ones first, as in Kubernetes.

import type { SchedulerPlugin } from "../framework.ts";
import { balancedAllocation } from "./balanced-allocation.ts";
import { dynamicResources } from "./dynamic-resources.ts";
import { hostPortsFree } from "./host-ports-free.ts";
import { imageLocality } from "./image-locality.ts";
import { interPodAffinity } from "./inter-pod-affinity.ts";
import { leastAllocated } from "./least-allocated.ts";
import { nodeAffinity } from "./node-affinity.ts";
import { nodeName } from "./node-name.ts";
import { nodePool } from "./node-pool.ts";
import { nodeUnschedulable } from "./node-unschedulable.ts";
import { podTopologySpread } from "./pod-topology-spread.ts";
import { resourcesFit } from "./resources-fit.ts";
import { taintToleration } from "./taint-toleration.ts";
import { volumeBinding } from "./volume-binding.ts";

export const schedulerPlugins: readonly SchedulerPlugin[] = [
  nodeUnschedulable,
  nodeName,
  nodePool,
  taintToleration,
  nodeAffinity,
  hostPortsFree,
  resourcesFit,
  volumeBinding,
  dynamicResources,
  podTopologySpread,
  interPodAffinity,
  leastAllocated,
  balancedAllocation,
  imageLocality,
];
