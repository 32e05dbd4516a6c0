// HEADER: say what HorizontalPodAutoscaler is and what it must never do.

import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  int32,
  int64,
  list,
  listMap,
  object,
  oneOf,
  optional,
  present,
  quantity,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const crossVersionObjectReference = object("io.k8s.api.autoscaling.v2.CrossVersionObjectReference", "", {
  kind: required(1, string(), ""),
  name: required(2, string(), ""),
  apiVersion: optional(3, string(), ""),
});
export interface CrossVersionObjectReference extends Infer<typeof crossVersionObjectReference> {}

export const metricTarget = object("io.k8s.api.autoscaling.v2.MetricTarget", "", {
  type: required(1, oneOf("Utilization", "Value", "AverageValue"), ""),
  value: optional(2, quantity(), ""),
  averageValue: optional(3, quantity(), ""),
  averageUtilization: optional(4, int32(), ""),
});
export interface MetricTarget extends Infer<typeof metricTarget> {}

export const metricIdentifier = object("io.k8s.api.autoscaling.v2.MetricIdentifier", "", {
  name: required(1, string(), ""),
  selector: optional(2, labelSelector, ""),
});
export interface MetricIdentifier extends Infer<typeof metricIdentifier> {}

export const objectMetricSource = object("io.k8s.api.autoscaling.v2.ObjectMetricSource", "", {
  describedObject: required(1, crossVersionObjectReference, ""),
  target: required(2, metricTarget, ""),
  metric: required(3, metricIdentifier, ""),
});
export interface ObjectMetricSource extends Infer<typeof objectMetricSource> {}

export const podsMetricSource = object("io.k8s.api.autoscaling.v2.PodsMetricSource", "", {
  metric: required(1, metricIdentifier, ""),
  target: required(2, metricTarget, ""),
});
export interface PodsMetricSource extends Infer<typeof podsMetricSource> {}

export const resourceMetricSource = object("io.k8s.api.autoscaling.v2.ResourceMetricSource", "", {
  name: required(
    1,
    oneOf(
      "cpu",
      "memory",
      "storage",
      "ephemeral-storage",
      "pods",
      "services",
      "replicationcontrollers",
      "resourcequotas",
      "secrets",
      "configmaps",
      "persistentvolumeclaims",
      "services.nodeports",
      "services.loadbalancers",
      "requests.cpu",
      "requests.memory",
      "requests.storage",
      "requests.ephemeral-storage",
      "limits.cpu",
      "limits.memory",
      "limits.ephemeral-storage",
    ),
    "",
  ),
  target: required(2, metricTarget, ""),
});
export interface ResourceMetricSource extends Infer<typeof resourceMetricSource> {}

export const externalMetricSource = object("io.k8s.api.autoscaling.v2.ExternalMetricSource", "", {
  metric: required(1, metricIdentifier, ""),
  target: required(2, metricTarget, ""),
});
export interface ExternalMetricSource extends Infer<typeof externalMetricSource> {}

export const containerResourceMetricSource = object("io.k8s.api.autoscaling.v2.ContainerResourceMetricSource", "", {
  name: required(
    1,
    oneOf(
      "cpu",
      "memory",
      "storage",
      "ephemeral-storage",
      "pods",
      "services",
      "replicationcontrollers",
      "resourcequotas",
      "secrets",
      "configmaps",
      "persistentvolumeclaims",
      "services.nodeports",
      "services.loadbalancers",
      "requests.cpu",
      "requests.memory",
      "requests.storage",
      "requests.ephemeral-storage",
      "limits.cpu",
      "limits.memory",
      "limits.ephemeral-storage",
    ),
    "",
  ),
  target: required(2, metricTarget, ""),
  container: required(3, string(), ""),
});
export interface ContainerResourceMetricSource extends Infer<typeof containerResourceMetricSource> {}

export const metricSpec = object("io.k8s.api.autoscaling.v2.MetricSpec", "", {
  type: required(1, oneOf("Object", "Pods", "Resource", "ContainerResource", "External"), ""),
  object: optional(2, objectMetricSource, ""),
  pods: optional(3, podsMetricSource, ""),
  resource: optional(4, resourceMetricSource, ""),
  external: optional(5, externalMetricSource, ""),
  containerResource: optional(7, containerResourceMetricSource, ""),
});
export interface MetricSpec extends Infer<typeof metricSpec> {}

export const hpaScalingPolicy = object("io.k8s.api.autoscaling.v2.HPAScalingPolicy", "", {
  type: required(1, oneOf("Pods", "Percent"), ""),
  value: required(2, int32(), ""),
  periodSeconds: required(3, int32(), ""),
});
export interface HPAScalingPolicy extends Infer<typeof hpaScalingPolicy> {}

export const hpaScalingRules = object("io.k8s.api.autoscaling.v2.HPAScalingRules", "", {
  selectPolicy: optional(1, oneOf("Max", "Min", "Disabled"), ""),
  policies: optional(2, list(hpaScalingPolicy, { listType: "atomic" }), ""),
  stabilizationWindowSeconds: optional(3, int32(), ""),
});
export interface HPAScalingRules extends Infer<typeof hpaScalingRules> {}

export const horizontalPodAutoscalerBehavior = object("io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior", "", {
  scaleUp: optional(1, hpaScalingRules, ""),
  scaleDown: optional(2, hpaScalingRules, ""),
});
export interface HorizontalPodAutoscalerBehavior extends Infer<typeof horizontalPodAutoscalerBehavior> {}

export const horizontalPodAutoscalerSpec = object("io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec", "", {
  scaleTargetRef: required(1, crossVersionObjectReference, ""),
  minReplicas: optional(2, int32(), ""),
  maxReplicas: required(3, int32(), ""),
  metrics: optional(4, list(metricSpec, { listType: "atomic" }), ""),
  behavior: optional(5, horizontalPodAutoscalerBehavior, ""),
});
export interface HorizontalPodAutoscalerSpec extends Infer<typeof horizontalPodAutoscalerSpec> {}

export const metricValueStatus = object("io.k8s.api.autoscaling.v2.MetricValueStatus", "", {
  value: optional(1, quantity(), ""),
  averageValue: optional(2, quantity(), ""),
  averageUtilization: optional(3, int32(), ""),
});
export interface MetricValueStatus extends Infer<typeof metricValueStatus> {}

export const objectMetricStatus = object("io.k8s.api.autoscaling.v2.ObjectMetricStatus", "", {
  metric: required(1, metricIdentifier, ""),
  current: required(2, metricValueStatus, ""),
  describedObject: required(3, crossVersionObjectReference, ""),
});
export interface ObjectMetricStatus extends Infer<typeof objectMetricStatus> {}

export const podsMetricStatus = object("io.k8s.api.autoscaling.v2.PodsMetricStatus", "", {
  metric: required(1, metricIdentifier, ""),
  current: required(2, metricValueStatus, ""),
});
export interface PodsMetricStatus extends Infer<typeof podsMetricStatus> {}

export const resourceMetricStatus = object("io.k8s.api.autoscaling.v2.ResourceMetricStatus", "", {
  name: required(
    1,
    oneOf(
      "cpu",
      "memory",
      "storage",
      "ephemeral-storage",
      "pods",
      "services",
      "replicationcontrollers",
      "resourcequotas",
      "secrets",
      "configmaps",
      "persistentvolumeclaims",
      "services.nodeports",
      "services.loadbalancers",
      "requests.cpu",
      "requests.memory",
      "requests.storage",
      "requests.ephemeral-storage",
      "limits.cpu",
      "limits.memory",
      "limits.ephemeral-storage",
    ),
    "",
  ),
  current: required(2, metricValueStatus, ""),
});
export interface ResourceMetricStatus extends Infer<typeof resourceMetricStatus> {}

export const externalMetricStatus = object("io.k8s.api.autoscaling.v2.ExternalMetricStatus", "", {
  metric: required(1, metricIdentifier, ""),
  current: required(2, metricValueStatus, ""),
});
export interface ExternalMetricStatus extends Infer<typeof externalMetricStatus> {}

export const containerResourceMetricStatus = object("io.k8s.api.autoscaling.v2.ContainerResourceMetricStatus", "", {
  name: required(
    1,
    oneOf(
      "cpu",
      "memory",
      "storage",
      "ephemeral-storage",
      "pods",
      "services",
      "replicationcontrollers",
      "resourcequotas",
      "secrets",
      "configmaps",
      "persistentvolumeclaims",
      "services.nodeports",
      "services.loadbalancers",
      "requests.cpu",
      "requests.memory",
      "requests.storage",
      "requests.ephemeral-storage",
      "limits.cpu",
      "limits.memory",
      "limits.ephemeral-storage",
    ),
    "",
  ),
  current: required(2, metricValueStatus, ""),
  container: required(3, string(), ""),
});
export interface ContainerResourceMetricStatus extends Infer<typeof containerResourceMetricStatus> {}

export const metricStatus = object("io.k8s.api.autoscaling.v2.MetricStatus", "", {
  type: required(1, oneOf("Object", "Pods", "Resource", "ContainerResource", "External"), ""),
  object: optional(2, objectMetricStatus, ""),
  pods: optional(3, podsMetricStatus, ""),
  resource: optional(4, resourceMetricStatus, ""),
  external: optional(5, externalMetricStatus, ""),
  containerResource: optional(7, containerResourceMetricStatus, ""),
});
export interface MetricStatus extends Infer<typeof metricStatus> {}

export const horizontalPodAutoscalerCondition = object(
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition",
  "",
  {
    type: required(1, string(), ""),
    status: required(2, oneOf("True", "False", "Unknown"), ""),
    lastTransitionTime: optional(3, time(), ""),
    reason: optional(4, string(), ""),
    message: optional(5, string(), ""),
  },
);
export interface HorizontalPodAutoscalerCondition extends Infer<typeof horizontalPodAutoscalerCondition> {}

export const horizontalPodAutoscalerStatus = object("io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus", "", {
  observedGeneration: optional(1, int64(), ""),
  lastScaleTime: optional(2, time(), ""),
  currentReplicas: optional(3, int32(), ""),
  desiredReplicas: required(4, int32(), ""),
  currentMetrics: optional(5, list(metricStatus, { listType: "atomic" }), ""),
  conditions: optional(
    6,
    listMap(horizontalPodAutoscalerCondition, ["type"], { mergeKey: "type", strategy: "merge" }),
    "",
  ),
});
export interface HorizontalPodAutoscalerStatus extends Infer<typeof horizontalPodAutoscalerStatus> {}

export const horizontalPodAutoscaler = kubeObject("io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler", "", {
  spec: present(2, horizontalPodAutoscalerSpec, ""),
  status: present(3, horizontalPodAutoscalerStatus, ""),
});
export interface HorizontalPodAutoscaler extends Infer<typeof horizontalPodAutoscaler> {}

export const horizontalPodAutoscalers: ResourceDefinition<HorizontalPodAutoscaler> = {
  group: "autoscaling",
  version: "v2",
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
