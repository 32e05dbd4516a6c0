// What a horizontal pod autoscaler has found its metrics to be.

import { crossVersionObjectReference, metricIdentifier } from "./metric.ts";
import {
  type Infer,
  int32,
  object,
  oneOf,
  optional,
  presentRequired,
  quantity,
  required,
  string,
} from "../schema/schema.ts";

export const metricValueStatus = object(
  "io.k8s.api.autoscaling.v2.MetricValueStatus",
  "What a metric was found to be.",
  {
    value: optional(1, quantity(), "The metric as a whole."),
    averageValue: optional(2, quantity(), "The metric for each pod on average."),
    averageUtilization: optional(3, int32(), "How much of what the pods request they use on average, in percent."),
  },
);
export interface MetricValueStatus extends Infer<typeof metricValueStatus> {}

export const objectMetricStatus = object(
  "io.k8s.api.autoscaling.v2.ObjectMetricStatus",
  "What a metric that describes another object was found to be.",
  {
    metric: presentRequired(1, metricIdentifier, "The metric."),
    current: required(2, metricValueStatus, "What it was found to be."),
    describedObject: presentRequired(3, crossVersionObjectReference, "The object that is described."),
  },
);
export interface ObjectMetricStatus extends Infer<typeof objectMetricStatus> {}

export const podsMetricStatus = object(
  "io.k8s.api.autoscaling.v2.PodsMetricStatus",
  "What a metric that each pod has was found to be.",
  {
    metric: presentRequired(1, metricIdentifier, "The metric."),
    current: required(2, metricValueStatus, "What it was found to be on average."),
  },
);
export interface PodsMetricStatus extends Infer<typeof podsMetricStatus> {}

export const resourceMetricStatus = object(
  "io.k8s.api.autoscaling.v2.ResourceMetricStatus",
  "How much of a resource the pods were found to use.",
  {
    name: required(1, string(), "The name of the resource."),
    current: required(2, metricValueStatus, "How much of it is used."),
  },
);
export interface ResourceMetricStatus extends Infer<typeof resourceMetricStatus> {}

export const externalMetricStatus = object(
  "io.k8s.api.autoscaling.v2.ExternalMetricStatus",
  "What a metric from outside the cluster was found to be.",
  {
    metric: presentRequired(1, metricIdentifier, "The metric."),
    current: required(2, metricValueStatus, "What it was found to be."),
  },
);
export interface ExternalMetricStatus extends Infer<typeof externalMetricStatus> {}

export const containerResourceMetricStatus = object(
  "io.k8s.api.autoscaling.v2.ContainerResourceMetricStatus",
  "How much of a resource one container of each pod was found to use.",
  {
    name: required(1, string(), "The name of the resource."),
    current: required(2, metricValueStatus, "How much of it is used."),
    container: required(3, string(), "The name of the container."),
  },
);
export interface ContainerResourceMetricStatus extends Infer<typeof containerResourceMetricStatus> {}

export const metricStatus = object(
  "io.k8s.api.autoscaling.v2.MetricStatus",
  "What a metric was found to be, of the sort that it is.",
  {
    type: required(
      1,
      oneOf("Object", "Pods", "Resource", "ContainerResource", "External"),
      "The sort of the metric: Object, Pods, Resource, ContainerResource or External.",
    ),
    object: optional(2, objectMetricStatus, "A metric that describes another object."),
    pods: optional(3, podsMetricStatus, "A metric that each pod has."),
    resource: optional(4, resourceMetricStatus, "A resource that the pods use."),
    external: optional(5, externalMetricStatus, "A metric from outside the cluster."),
    containerResource: optional(7, containerResourceMetricStatus, "A resource that one container of each pod uses."),
  },
);
export interface MetricStatus extends Infer<typeof metricStatus> {}
