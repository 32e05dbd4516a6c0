// Where a pod may and should run: affinity to nodes and pods, tolerations, and spreading.

import { labelSelector } from "../meta/label-selector.ts";
import {
  type Infer,
  atomic,
  int32,
  int64,
  list,
  object,
  oneOf,
  optional,
  presentRequired,
  required,
  string,
} from "../schema/schema.ts";

export const nodeSelectorRequirement = object(
  "io.k8s.api.core.v1.NodeSelectorRequirement",
  "One condition on a node.",
  {
    key: required(1, string(), "The label or field that the condition is about."),
    operator: required(
      2,
      oneOf("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"),
      "How it relates to the values: In, NotIn, Exists, DoesNotExist, Gt or Lt.",
    ),
    values: optional(
      3,
      list(string(), { listType: "atomic" }),
      "The values for In and NotIn; one whole number for Gt and Lt; none for the others.",
    ),
  },
);
export interface NodeSelectorRequirement extends Infer<typeof nodeSelectorRequirement> {}

export const nodeSelectorTerm = atomic(
  object(
    "io.k8s.api.core.v1.NodeSelectorTerm",
    "Conditions on a node, all of which must hold. Without conditions it matches no node.",
    {
      matchExpressions: optional(
        1,
        list(nodeSelectorRequirement, { listType: "atomic" }),
        "Conditions on the node's labels.",
      ),
      matchFields: optional(
        2,
        list(nodeSelectorRequirement, { listType: "atomic" }),
        "Conditions on the node's fields; only metadata.name can be used.",
      ),
    },
  ),
);
export interface NodeSelectorTerm extends Infer<typeof nodeSelectorTerm> {}

export const nodeSelector = atomic(
  object("io.k8s.api.core.v1.NodeSelector", "Selects nodes. They must match one of the terms.", {
    nodeSelectorTerms: required(
      1,
      list(nodeSelectorTerm, { listType: "atomic" }),
      "The terms, of which one must match.",
    ),
  }),
);
export interface NodeSelector extends Infer<typeof nodeSelector> {}

export const preferredSchedulingTerm = object(
  "io.k8s.api.core.v1.PreferredSchedulingTerm",
  "A preference about nodes.",
  {
    weight: required(1, int32(), "How much it counts, from 1 to 100."),
    preference: presentRequired(2, nodeSelectorTerm, "The nodes that it is about. An empty one matches all nodes."),
  },
);
export interface PreferredSchedulingTerm extends Infer<typeof preferredSchedulingTerm> {}

export const nodeAffinity = object("io.k8s.api.core.v1.NodeAffinity", "Rules about the node that a pod runs on.", {
  requiredDuringSchedulingIgnoredDuringExecution: optional(
    1,
    nodeSelector,
    "Nodes must match it. Changes of nodes later on have no effect.",
  ),
  preferredDuringSchedulingIgnoredDuringExecution: optional(
    2,
    list(preferredSchedulingTerm, { listType: "atomic" }),
    "Nodes that match are preferred; the weights of those that match are added up.",
  ),
});
export interface NodeAffinity extends Infer<typeof nodeAffinity> {}

export const podAffinityTerm = object(
  "io.k8s.api.core.v1.PodAffinityTerm",
  "Describes pods, and how near counts as together.",
  {
    labelSelector: optional(1, labelSelector, "Selects the pods by their labels. Absent, it selects none."),
    namespaces: optional(
      2,
      list(string(), { listType: "atomic" }),
      "The namespaces that pods are looked for in, besides those of namespaceSelector.",
    ),
    topologyKey: required(
      3,
      string(),
      "The label of nodes whose equal value means together, such as kubernetes.io/hostname.",
    ),
    namespaceSelector: optional(
      4,
      labelSelector,
      "Selects namespaces that pods are looked for in. If this and namespaces are absent, it is the pod's own.",
    ),
    matchLabelKeys: optional(
      5,
      list(string(), { listType: "atomic" }),
      "Labels in which the pods must equal this one. Added to labelSelector when the pod is made.",
    ),
    mismatchLabelKeys: optional(
      6,
      list(string(), { listType: "atomic" }),
      "Labels in which the pods must differ from this one. Added to labelSelector when the pod is made.",
    ),
  },
);
export interface PodAffinityTerm extends Infer<typeof podAffinityTerm> {}

export const weightedPodAffinityTerm = object(
  "io.k8s.api.core.v1.WeightedPodAffinityTerm",
  "A preference about other pods.",
  {
    weight: required(1, int32(), "How much it counts, from 1 to 100."),
    podAffinityTerm: presentRequired(2, podAffinityTerm, "The pods that it is about."),
  },
);
export interface WeightedPodAffinityTerm extends Infer<typeof weightedPodAffinityTerm> {}

export const podAffinity = object("io.k8s.api.core.v1.PodAffinity", "Pods that a pod wants to be near to.", {
  requiredDuringSchedulingIgnoredDuringExecution: optional(
    1,
    list(podAffinityTerm, { listType: "atomic" }),
    "The pod runs only where all of these are met. Changes later on have no effect.",
  ),
  preferredDuringSchedulingIgnoredDuringExecution: optional(
    2,
    list(weightedPodAffinityTerm, { listType: "atomic" }),
    "Nodes that meet these are preferred; the weights of those that are met are added up.",
  ),
});
export interface PodAffinity extends Infer<typeof podAffinity> {}

export const podAntiAffinity = object("io.k8s.api.core.v1.PodAntiAffinity", "Pods that a pod wants to be far from.", {
  requiredDuringSchedulingIgnoredDuringExecution: optional(
    1,
    list(podAffinityTerm, { listType: "atomic" }),
    "The pod does not run where any of these is met. Changes later on have no effect.",
  ),
  preferredDuringSchedulingIgnoredDuringExecution: optional(
    2,
    list(weightedPodAffinityTerm, { listType: "atomic" }),
    "Nodes that meet these are avoided; the weights of those that are met are added up.",
  ),
});
export interface PodAntiAffinity extends Infer<typeof podAntiAffinity> {}

export const affinity = object("io.k8s.api.core.v1.Affinity", "Rules about where a pod runs.", {
  nodeAffinity: optional(1, nodeAffinity, "Rules about the node."),
  podAffinity: optional(2, podAffinity, "Pods that this one wants to be near to."),
  podAntiAffinity: optional(3, podAntiAffinity, "Pods that this one wants to be far from."),
});
export interface Affinity extends Infer<typeof affinity> {}

export const toleration = object("io.k8s.api.core.v1.Toleration", "Lets a pod run on nodes with a matching taint.", {
  key: optional(1, string(), "The taint's key. Empty, with operator Exists, it matches all taints."),
  operator: optional(
    2,
    oneOf("Exists", "Equal"),
    "Equal, which compares the value too, or Exists. Equal unless given.",
  ),
  value: optional(3, string(), "The taint's value, for Equal."),
  effect: optional(
    4,
    oneOf("NoSchedule", "PreferNoSchedule", "NoExecute"),
    "The taint's effect; all effects if empty.",
  ),
  tolerationSeconds: optional(
    5,
    int64(),
    "How many seconds a taint with the effect NoExecute is tolerated for. For good unless given; 0 or less means not at all.",
  ),
});
export interface Toleration extends Infer<typeof toleration> {}

export const topologySpreadConstraint = object(
  "io.k8s.api.core.v1.TopologySpreadConstraint",
  "Says how evenly pods are spread over groups of nodes.",
  {
    maxSkew: required(1, int32(), "How many more pods one group may hold than the group with the fewest."),
    topologyKey: required(2, string(), "The label of nodes whose value names the group."),
    whenUnsatisfiable: required(
      3,
      oneOf("DoNotSchedule", "ScheduleAnyway"),
      "What to do if it cannot be kept: DoNotSchedule, or ScheduleAnyway with the lesser evil preferred.",
    ),
    labelSelector: optional(4, labelSelector, "Selects the pods that are counted."),
    minDomains: optional(
      5,
      int32(),
      "How many groups there must be at least; while there are fewer, the smallest count is taken as 0.",
    ),
    nodeAffinityPolicy: optional(
      6,
      oneOf("Ignore", "Honor"),
      "Whether nodes that the pod's own rules exclude count: Honor leaves them out (the default), Ignore counts them.",
    ),
    nodeTaintsPolicy: optional(
      7,
      oneOf("Ignore", "Honor"),
      "Whether nodes with taints that the pod does not tolerate count: Ignore counts them (the default), Honor leaves them out.",
    ),
    matchLabelKeys: optional(
      8,
      list(string(), { listType: "atomic" }),
      "Labels in which counted pods must equal this one, besides labelSelector.",
    ),
  },
);
export interface TopologySpreadConstraint extends Infer<typeof topologySpreadConstraint> {}
