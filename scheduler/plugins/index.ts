// The scheduling rules, in the order in which their filters are asked: cheap and often decisive ones first, as in Kubernetes.

import { defaultPluginArgs, type PluginArgs } from "../configuration/plugin-args.ts";
import type { SchedulerPlugin } from "../framework.ts";
import { buildBalancedAllocation } from "./balanced-allocation.ts";
import { crashAvoidance } from "./crash-avoidance.ts";
import { dynamicResources } from "./dynamic-resources.ts";
import { hostPortsFree } from "./host-ports-free.ts";
import { imageLocality } from "./image-locality.ts";
import { buildInterPodAffinity } from "./inter-pod-affinity.ts";
import { buildNodeAffinity } from "./node-affinity.ts";
import { nodeName } from "./node-name.ts";
import { nodePool } from "./node-pool.ts";
import { nodeVolumeLimits } from "./node-volume-limits.ts";
import { nodeUnschedulable } from "./node-unschedulable.ts";
import { buildPodTopologySpread } from "./pod-topology-spread.ts";
import { buildResourcesFit } from "./resources-fit.ts";
import { taintToleration } from "./taint-toleration.ts";
import { volumeBinding } from "./volume-binding.ts";
import { volumeRestrictions } from "./volume-restrictions.ts";
import { volumeZone } from "./volume-zone.ts";

/** All of them. Those of Kubernetes have its names; a profile chooses among them. Our own do nothing unless they are used. */
export const buildPlugins = (args: PluginArgs): readonly SchedulerPlugin[] => [
  nodeUnschedulable,
  nodeName,
  nodePool,
  taintToleration,
  buildNodeAffinity(args.NodeAffinity),
  hostPortsFree,
  buildResourcesFit(args.NodeResourcesFit),
  volumeRestrictions,
  nodeVolumeLimits,
  volumeBinding,
  volumeZone,
  buildPodTopologySpread(args.PodTopologySpread),
  buildInterPodAffinity(args.InterPodAffinity),
  dynamicResources,
  buildBalancedAllocation(args.NodeResourcesBalancedAllocation),
  imageLocality,
  crashAvoidance,
];

/** As they work where nothing is set. */
export const schedulerPlugins = buildPlugins(defaultPluginArgs);
