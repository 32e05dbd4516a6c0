// HEADER: say what HorizontalPodAutoscaler is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  atomic,
  int32,
  int64,
  object,
  optional,
  present,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const crossVersionObjectReference = atomic(
  object("io.k8s.api.autoscaling.v1.CrossVersionObjectReference", "", {
    kind: required(1, string(), ""),
    name: required(2, string(), ""),
    apiVersion: optional(3, string(), ""),
  }),
);
export interface CrossVersionObjectReference extends Infer<typeof crossVersionObjectReference> {}

export const horizontalPodAutoscalerSpec = object("io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec", "", {
  scaleTargetRef: required(1, crossVersionObjectReference, ""),
  minReplicas: optional(2, int32(), ""),
  maxReplicas: required(3, int32(), ""),
  targetCPUUtilizationPercentage: optional(4, int32(), ""),
});
export interface HorizontalPodAutoscalerSpec extends Infer<typeof horizontalPodAutoscalerSpec> {}

export const horizontalPodAutoscalerStatus = object("io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerStatus", "", {
  observedGeneration: optional(1, int64(), ""),
  lastScaleTime: optional(2, time(), ""),
  currentReplicas: required(3, int32(), ""),
  desiredReplicas: required(4, int32(), ""),
  currentCPUUtilizationPercentage: optional(5, int32(), ""),
});
export interface HorizontalPodAutoscalerStatus extends Infer<typeof horizontalPodAutoscalerStatus> {}

export const horizontalPodAutoscaler = kubeObject("io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler", "", {
  spec: present(2, horizontalPodAutoscalerSpec, ""),
  status: present(3, horizontalPodAutoscalerStatus, ""),
});
export interface HorizontalPodAutoscaler extends Infer<typeof horizontalPodAutoscaler> {}

export const horizontalPodAutoscalersV1: ResourceDefinition<HorizontalPodAutoscaler> = {
  group: "autoscaling",
  version: "v1",
  kind: "HorizontalPodAutoscaler",
  plural: "horizontalpodautoscalers",
  shortNames: ["hpa"],
  categories: ["all"],
  scope: "Namespaced",
  schema: horizontalPodAutoscaler,
  subresources: ["status"],
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
