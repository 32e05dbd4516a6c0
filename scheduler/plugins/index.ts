// The scheduling rules, in the order in which their filters are asked: cheap and often decisive ones first, as in Kubernetes.

import type { SchedulerPlugin } from "../framework.ts";
import { balancedAllocation } from "./balanced-allocation.ts";
import { groupSpread } from "./group-spread.ts";
import { hostPortsFree } from "./host-ports-free.ts";
import { imageLocality } from "./image-locality.ts";
import { leastAllocated } from "./least-allocated.ts";
import { nodeAffinity } from "./node-affinity.ts";
import { nodeName } from "./node-name.ts";
import { nodeUnschedulable } from "./node-unschedulable.ts";
import { resourcesFit } from "./resources-fit.ts";
import { taintToleration } from "./taint-toleration.ts";

export const schedulerPlugins: readonly SchedulerPlugin[] = [
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinity,
  hostPortsFree,
  resourcesFit,
  leastAllocated,
  balancedAllocation,
  groupSpread,
  imageLocality,
];
