// HEADER

import { labelSelector } from "../meta/label-selector.ts";
import { type Infer, atomic, int32, int64, list, object, oneOf, optional, required, string } from "../schema/schema.ts";

export const nodeSelectorRequirement = object("io.k8s.api.core.v1.NodeSelectorRequirement", "", {
  key: required(1, string(), ""),
  operator: required(2, oneOf("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"), ""),
  values: optional(3, list(string(), { listType: "atomic" }), ""),
});
export interface NodeSelectorRequirement extends Infer<typeof nodeSelectorRequirement> {}

export const nodeSelectorTerm = atomic(
  object("io.k8s.api.core.v1.NodeSelectorTerm", "", {
    matchExpressions: optional(1, list(nodeSelectorRequirement, { listType: "atomic" }), ""),
    matchFields: optional(2, list(nodeSelectorRequirement, { listType: "atomic" }), ""),
  }),
);
export interface NodeSelectorTerm extends Infer<typeof nodeSelectorTerm> {}

export const nodeSelector = atomic(
  object("io.k8s.api.core.v1.NodeSelector", "", {
    nodeSelectorTerms: required(1, list(nodeSelectorTerm, { listType: "atomic" }), ""),
  }),
);
export interface NodeSelector extends Infer<typeof nodeSelector> {}

export const preferredSchedulingTerm = object("io.k8s.api.core.v1.PreferredSchedulingTerm", "", {
  weight: required(1, int32(), ""),
  preference: required(2, nodeSelectorTerm, ""),
});
export interface PreferredSchedulingTerm extends Infer<typeof preferredSchedulingTerm> {}

export const nodeAffinity = object("io.k8s.api.core.v1.NodeAffinity", "", {
  requiredDuringSchedulingIgnoredDuringExecution: optional(1, nodeSelector, ""),
  preferredDuringSchedulingIgnoredDuringExecution: optional(
    2,
    list(preferredSchedulingTerm, { listType: "atomic" }),
    "",
  ),
});
export interface NodeAffinity extends Infer<typeof nodeAffinity> {}

export const podAffinityTerm = object("io.k8s.api.core.v1.PodAffinityTerm", "", {
  labelSelector: optional(1, labelSelector, ""),
  namespaces: optional(2, list(string(), { listType: "atomic" }), ""),
  topologyKey: required(3, string(), ""),
  namespaceSelector: optional(4, labelSelector, ""),
  matchLabelKeys: optional(5, list(string(), { listType: "atomic" }), ""),
  mismatchLabelKeys: optional(6, list(string(), { listType: "atomic" }), ""),
});
export interface PodAffinityTerm extends Infer<typeof podAffinityTerm> {}

export const weightedPodAffinityTerm = object("io.k8s.api.core.v1.WeightedPodAffinityTerm", "", {
  weight: required(1, int32(), ""),
  podAffinityTerm: required(2, podAffinityTerm, ""),
});
export interface WeightedPodAffinityTerm extends Infer<typeof weightedPodAffinityTerm> {}

export const podAffinity = object("io.k8s.api.core.v1.PodAffinity", "", {
  requiredDuringSchedulingIgnoredDuringExecution: optional(1, list(podAffinityTerm, { listType: "atomic" }), ""),
  preferredDuringSchedulingIgnoredDuringExecution: optional(
    2,
    list(weightedPodAffinityTerm, { listType: "atomic" }),
    "",
  ),
});
export interface PodAffinity extends Infer<typeof podAffinity> {}

export const podAntiAffinity = object("io.k8s.api.core.v1.PodAntiAffinity", "", {
  requiredDuringSchedulingIgnoredDuringExecution: optional(1, list(podAffinityTerm, { listType: "atomic" }), ""),
  preferredDuringSchedulingIgnoredDuringExecution: optional(
    2,
    list(weightedPodAffinityTerm, { listType: "atomic" }),
    "",
  ),
});
export interface PodAntiAffinity extends Infer<typeof podAntiAffinity> {}

export const affinity = object("io.k8s.api.core.v1.Affinity", "", {
  nodeAffinity: optional(1, nodeAffinity, ""),
  podAffinity: optional(2, podAffinity, ""),
  podAntiAffinity: optional(3, podAntiAffinity, ""),
});
export interface Affinity extends Infer<typeof affinity> {}

export const toleration = object("io.k8s.api.core.v1.Toleration", "", {
  key: optional(1, string(), ""),
  operator: optional(2, oneOf("Exists", "Equal"), ""),
  value: optional(3, string(), ""),
  effect: optional(4, oneOf("NoSchedule", "PreferNoSchedule", "NoExecute"), ""),
  tolerationSeconds: optional(5, int64(), ""),
});
export interface Toleration extends Infer<typeof toleration> {}

export const topologySpreadConstraint = object("io.k8s.api.core.v1.TopologySpreadConstraint", "", {
  maxSkew: required(1, int32(), ""),
  topologyKey: required(2, string(), ""),
  whenUnsatisfiable: required(3, oneOf("DoNotSchedule", "ScheduleAnyway"), ""),
  labelSelector: optional(4, labelSelector, ""),
  minDomains: optional(5, int32(), ""),
  nodeAffinityPolicy: optional(6, oneOf("Ignore", "Honor"), ""),
  nodeTaintsPolicy: optional(7, oneOf("Ignore", "Honor"), ""),
  matchLabelKeys: optional(8, list(string(), { listType: "atomic" }), ""),
});
export interface TopologySpreadConstraint extends Infer<typeof topologySpreadConstraint> {}
