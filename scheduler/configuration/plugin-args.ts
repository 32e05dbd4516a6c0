// What can be set about the plugins of a scheduler, by plugin: the `args` in the profiles of a KubeSchedulerConfiguration, with
// Kubernetes' defaults.

import { nodeAffinity, topologySpreadConstraint } from "../../api/core/affinity.ts";
import { applyDefaults } from "../../api/schema/default.ts";
import {
  boolean,
  byDefault,
  completed,
  type Field,
  type Infer,
  int32,
  int64,
  lenient,
  list,
  object,
  type ObjectSchema,
  oneOf,
  optional,
  required,
  string,
} from "../../api/schema/schema.ts";

/** The field is never absent, and not merely zero where nothing was given. */
export const filled = <F extends Field>(value: unknown, field: F): F => ({ ...field, default: value });

export const typeMeta = {
  apiVersion: optional(1, string(), "The version of the schema."),
  kind: optional(2, string(), "What it describes."),
};

/** Weights that are 0 count as not given, as in Kubernetes. */
const resourceSpec = completed(
  object("kubescheduler.config.k8s.io.v1.ResourceSpec", "A resource, and how much it counts.", {
    name: lenient(required(1, string(), "The name of the resource.")),
    weight: required(2, int64(), "How much it counts, from 1 to 100; 1 unless given."),
  }),
  (draft) => {
    draft.weight ||= 1;
  },
);
export interface ResourceSpec extends Infer<typeof resourceSpec> {}

const utilizationShapePoint = object(
  "kubescheduler.config.k8s.io.v1.UtilizationShapePoint",
  "The score for a share of a resource that is in use.",
  {
    utilization: required(1, int32(), "The share in use, in percent."),
    score: required(2, int32(), "The score, from 0 to 10."),
  },
);
export interface UtilizationShapePoint extends Infer<typeof utilizationShapePoint> {}

const CPU_AND_MEMORY = [
  { name: "cpu", weight: 1 },
  { name: "memory", weight: 1 },
];

const scoringStrategy = completed(
  object("kubescheduler.config.k8s.io.v1.ScoringStrategy", "How nodes are scored by what is left of their resources.", {
    type: lenient(required(1, string(), "LeastAllocated, MostAllocated or RequestedToCapacityRatio.")),
    resources: filled(
      CPU_AND_MEMORY,
      required(2, list(resourceSpec), "The resources that count; CPU and memory alike unless given."),
    ),
    requestedToCapacityRatio: optional(
      3,
      object("kubescheduler.config.k8s.io.v1.RequestedToCapacityRatioParam", "For the strategy of that name.", {
        shape: filled([], required(1, list(utilizationShapePoint), "The scores; between two points it is a line.")),
      }),
      "The scores for the strategy of that name.",
    ),
  }),
  (draft) => {
    if (draft.resources.length === 0) draft.resources = structuredClone(CPU_AND_MEMORY);
  },
);
export interface ScoringStrategy extends Infer<typeof scoringStrategy> {}

export const nodeResourcesFitArgs = object(
  "kubescheduler.config.k8s.io.v1.NodeResourcesFitArgs",
  "Which resources must suffice, and how nodes are scored by them.",
  {
    ...typeMeta,
    ignoredResources: filled([], required(3, list(string()), "Extended resources that others look after.")),
    ignoredResourceGroups: filled([], required(4, list(string()), "The same, by what is before the slash.")),
    scoringStrategy: filled(
      { type: "LeastAllocated" },
      required(5, scoringStrategy, "How nodes are scored; LeastAllocated unless given."),
    ),
  },
);
export interface NodeResourcesFitArgs extends Infer<typeof nodeResourcesFitArgs> {}

export const balancedAllocationArgs = completed(
  object("kubescheduler.config.k8s.io.v1.NodeResourcesBalancedAllocationArgs", "Which resources are balanced.", {
    ...typeMeta,
    resources: filled(
      CPU_AND_MEMORY,
      required(3, list(resourceSpec), "The resources; CPU and memory unless given. Their weight is 1."),
    ),
  }),
  (draft) => {
    if (draft.resources.length === 0) draft.resources = structuredClone(CPU_AND_MEMORY);
  },
);
export interface BalancedAllocationArgs extends Infer<typeof balancedAllocationArgs> {}

export const interPodAffinityArgs = object(
  "kubescheduler.config.k8s.io.v1.InterPodAffinityArgs",
  "What pods that are there count.",
  {
    ...typeMeta,
    hardPodAffinityWeight: filled(
      1,
      required(3, int32(), "What a required affinity of a pod that is there counts as a preference, from 0 to 100."),
    ),
    ignorePreferredTermsOfExistingPods: required(
      4,
      boolean(),
      "Whether pods without preferences of their own are free of those of pods that are there.",
    ),
  },
);
export interface InterPodAffinityArgs extends Infer<typeof interPodAffinityArgs> {}

export const podTopologySpreadArgs = completed(
  object("kubescheduler.config.k8s.io.v1.PodTopologySpreadArgs", "How pods without constraints are spread.", {
    ...typeMeta,
    defaultConstraints: filled(
      [],
      required(3, list(topologySpreadConstraint), "Without labelSelector: that is found out for each pod."),
    ),
    defaultingType: byDefault(
      "System",
      optional(4, oneOf("System", "List"), "Where the default constraints come from: System, or List: from here."),
    ),
  }),
  (draft) => {
    draft.defaultingType ??= "System";
  },
);
export interface PodTopologySpreadArgs extends Infer<typeof podTopologySpreadArgs> {}

export const nodeAffinityArgs = object(
  "kubescheduler.config.k8s.io.v1.NodeAffinityArgs",
  "Rules about nodes for all pods.",
  {
    ...typeMeta,
    addedAffinity: optional(3, nodeAffinity, "Holds for all pods, beside their own."),
  },
);
export interface NodeAffinityArgs extends Infer<typeof nodeAffinityArgs> {}

export const defaultPreemptionArgs = object(
  "kubescheduler.config.k8s.io.v1.DefaultPreemptionArgs",
  "How many nodes are looked at to find the best victims.",
  {
    ...typeMeta,
    minCandidateNodesPercentage: filled(10, required(3, int32(), "At least so many percent of the nodes.")),
    minCandidateNodesAbsolute: filled(100, required(4, int32(), "At least so many nodes.")),
  },
);
export interface DefaultPreemptionArgs extends Infer<typeof defaultPreemptionArgs> {}

export const volumeBindingArgs = object(
  "kubescheduler.config.k8s.io.v1.VolumeBindingArgs",
  "How long binding volumes may take.",
  {
    ...typeMeta,
    bindTimeoutSeconds: filled(600, required(3, int64(), "After so many seconds the pod is tried again; 0: at once.")),
    shape: optional(4, list(utilizationShapePoint), "Not supported."),
  },
);
export interface VolumeBindingArgs extends Infer<typeof volumeBindingArgs> {}

/** By plugin. Other plugins have none. */
export const pluginArgs = {
  DefaultPreemption: defaultPreemptionArgs,
  InterPodAffinity: interPodAffinityArgs,
  NodeAffinity: nodeAffinityArgs,
  NodeResourcesBalancedAllocation: balancedAllocationArgs,
  NodeResourcesFit: nodeResourcesFitArgs,
  PodTopologySpread: podTopologySpreadArgs,
  VolumeBinding: volumeBindingArgs,
} as const satisfies Readonly<Record<string, ObjectSchema<unknown>>>;

export type PluginWithArgs = keyof typeof pluginArgs;
/** All that can be set, in full. */
export type PluginArgs = { readonly [P in PluginWithArgs]: Infer<(typeof pluginArgs)[P]> };

export const isPluginWithArgs = (name: string): name is PluginWithArgs => Object.hasOwn(pluginArgs, name);

/** What holds where nothing is set. */
export const defaultPluginArgs = Object.fromEntries(
  Object.entries(pluginArgs).map(([name, schema]) => [name, applyDefaults(schema as ObjectSchema<object>, {})]),
) as unknown as PluginArgs;
