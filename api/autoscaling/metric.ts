// What a horizontal pod autoscaler looks at: metrics of its pods, of other objects, or from outside the cluster.

import { labelSelector } from "../meta/label-selector.ts";
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

export const crossVersionObjectReference = object(
  "io.k8s.api.autoscaling.v2.CrossVersionObjectReference",
  "Names an object of any kind in the same namespace.",
  {
    kind: required(1, string(), "The kind of the object."),
    name: required(2, string(), "The name of the object."),
    apiVersion: optional(3, string(), "The group and version of the kind."),
  },
);
export interface CrossVersionObjectReference extends Infer<typeof crossVersionObjectReference> {}

export const metricTarget = object("io.k8s.api.autoscaling.v2.MetricTarget", "What a metric is to be.", {
  type: required(1, string(), "Which of the values counts: Utilization, Value or AverageValue."),
  value: optional(2, quantity(), "What the metric as a whole is to be."),
  averageValue: optional(3, quantity(), "What the metric is to be for each pod on average."),
  averageUtilization: optional(
    4,
    int32(),
    "How much of what the pods request they are to use on average, in percent. Only for resources.",
  ),
});
export interface MetricTarget extends Infer<typeof metricTarget> {}

export const metricIdentifier = object("io.k8s.api.autoscaling.v2.MetricIdentifier", "Names a metric.", {
  name: required(1, string(), "The name of the metric."),
  selector: optional(
    2,
    labelSelector,
    "Selects the series of the metric by their labels; the name alone decides unless given.",
  ),
});
export interface MetricIdentifier extends Infer<typeof metricIdentifier> {}

export const objectMetricSource = object(
  "io.k8s.api.autoscaling.v2.ObjectMetricSource",
  "A metric that describes another object, such as the requests that an ingress gets.",
  {
    describedObject: presentRequired(1, crossVersionObjectReference, "The object that is described."),
    target: presentRequired(2, metricTarget, "What the metric is to be."),
    metric: presentRequired(3, metricIdentifier, "The metric."),
  },
);
export interface ObjectMetricSource extends Infer<typeof objectMetricSource> {}

export const podsMetricSource = object(
  "io.k8s.api.autoscaling.v2.PodsMetricSource",
  "A metric that each pod has, such as the requests that it answers. The average counts.",
  {
    metric: presentRequired(1, metricIdentifier, "The metric."),
    target: presentRequired(2, metricTarget, "What the metric is to be on average."),
  },
);
export interface PodsMetricSource extends Infer<typeof podsMetricSource> {}

export const resourceMetricSource = object(
  "io.k8s.api.autoscaling.v2.ResourceMetricSource",
  "A resource that the pods use, such as cpu.",
  {
    name: required(1, string(), "The name of the resource."),
    target: presentRequired(2, metricTarget, "How much of it is to be used."),
  },
);
export interface ResourceMetricSource extends Infer<typeof resourceMetricSource> {}

export const externalMetricSource = object(
  "io.k8s.api.autoscaling.v2.ExternalMetricSource",
  "A metric that has nothing to do with any object of the cluster, such as the length of a queue elsewhere.",
  {
    metric: presentRequired(1, metricIdentifier, "The metric."),
    target: presentRequired(2, metricTarget, "What the metric is to be."),
  },
);
export interface ExternalMetricSource extends Infer<typeof externalMetricSource> {}

export const containerResourceMetricSource = object(
  "io.k8s.api.autoscaling.v2.ContainerResourceMetricSource",
  "A resource that one container of each pod uses.",
  {
    name: required(1, string(), "The name of the resource."),
    target: presentRequired(2, metricTarget, "How much of it is to be used."),
    container: required(3, string(), "The name of the container."),
  },
);
export interface ContainerResourceMetricSource extends Infer<typeof containerResourceMetricSource> {}

export const metricSpec = object("io.k8s.api.autoscaling.v2.MetricSpec", "A metric to look at, of exactly one sort.", {
  type: required(
    1,
    oneOf("Object", "Pods", "Resource", "ContainerResource", "External"),
    "The sort of the metric: Object, Pods, Resource, ContainerResource or External.",
  ),
  object: optional(2, objectMetricSource, "A metric that describes another object."),
  pods: optional(3, podsMetricSource, "A metric that each pod has."),
  resource: optional(4, resourceMetricSource, "A resource that the pods use."),
  external: optional(5, externalMetricSource, "A metric from outside the cluster."),
  containerResource: optional(7, containerResourceMetricSource, "A resource that one container of each pod uses."),
});
export interface MetricSpec extends Infer<typeof metricSpec> {}
