// HorizontalPodAutoscaler, version 2, in which it is stored: chooses the number of an object's pods by what is measured.
// Its rules are in validate-horizontal-pod-autoscaler.ts, its columns in horizontal-pod-autoscaler-columns.ts.

import { horizontalPodAutoscalerColumns } from "./horizontal-pod-autoscaler-columns.ts";
import { metricStatus } from "./metric-status.ts";
import { crossVersionObjectReference, metricSpec } from "./metric.ts";
import { validateHorizontalPodAutoscaler } from "./validate-horizontal-pod-autoscaler.ts";
import { kubeObject } from "../meta/object.ts";
import { keepSpec } from "../meta/status-write.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Draft,
  type Infer,
  completed,
  int32,
  int64,
  list,
  listMap,
  object,
  oneOf,
  optional,
  present,
  presentRequired,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const hpaScalingPolicy = object(
  "io.k8s.api.autoscaling.v2.HPAScalingPolicy",
  "How much the number of pods may change in a period.",
  {
    type: required(
      1,
      oneOf("Pods", "Percent"),
      "Whether the value is a number of pods (Pods) or a percentage of those that there are (Percent).",
    ),
    value: required(2, int32(), "How much it may change; above 0."),
    periodSeconds: required(3, int32(), "The length of the period in seconds, 1 to 1800."),
  },
);
export interface HPAScalingPolicy extends Infer<typeof hpaScalingPolicy> {}

export const hpaScalingRules = object(
  "io.k8s.api.autoscaling.v2.HPAScalingRules",
  "How fast the number of pods may change in one direction.",
  {
    selectPolicy: optional(
      1,
      oneOf("Max", "Min", "Disabled"),
      "Which policy counts if there are several: Max (the default) the one that allows most, Min the one that allows least; Disabled forbids this direction.",
    ),
    policies: optional(
      2,
      list(hpaScalingPolicy, { listType: "atomic" }),
      "What each policy allows; at least one. Unless given: to 100 % more or 4 pods more, or to none at all, in 15 seconds.",
    ),
    stabilizationWindowSeconds: optional(
      3,
      int32(),
      "How many seconds back what was wanted then is looked at, so that the number does not go up and down. 0 to 3600; unless given, 0 for more pods and 300 for fewer.",
    ),
  },
);
export interface HPAScalingRules extends Infer<typeof hpaScalingRules> {}

export const horizontalPodAutoscalerBehavior = object(
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior",
  "How fast the number of pods may grow and shrink.",
  {
    scaleUp: optional(1, hpaScalingRules, "How fast it may grow."),
    scaleDown: optional(2, hpaScalingRules, "How fast it may shrink."),
  },
);
export interface HorizontalPodAutoscalerBehavior extends Infer<typeof horizontalPodAutoscalerBehavior> {}

const DEFAULT_METRIC = {
  type: "Resource" as const,
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
};

const DOWN_POLICIES = [{ type: "Percent" as const, value: 100, periodSeconds: 15 }];
const UP_POLICIES = [{ type: "Pods" as const, value: 4, periodSeconds: 15 }, ...DOWN_POLICIES];
const fastest = (policies: readonly HPAScalingPolicy[]): Draft<HPAScalingRules> => ({
  selectPolicy: "Max",
  policies: structuredClone(policies) as Draft<HPAScalingPolicy>[],
});

export const horizontalPodAutoscalerSpec = completed(
  object(
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec",
    "Which object's pods are counted, by which metrics, and between which limits.",
    {
      scaleTargetRef: presentRequired(
        1,
        crossVersionObjectReference,
        "The object whose number of pods is chosen. It must have a scale subresource.",
      ),
      minReplicas: optional(2, int32(), "The lowest number of pods; 1 unless given."),
      maxReplicas: required(3, int32(), "The highest number of pods; not below minReplicas."),
      metrics: optional(
        4,
        list(metricSpec, { listType: "atomic" }),
        "What decides on the number: the metric that asks for most pods counts. 80 % of the requested cpu unless given.",
      ),
      behavior: optional(5, horizontalPodAutoscalerBehavior, "How fast the number may grow and shrink."),
    },
  ),
  (draft) => {
    draft.minReplicas ??= 1;
    if (!draft.metrics?.length) draft.metrics = [structuredClone(DEFAULT_METRIC)];
    if (!draft.behavior) return;
    draft.behavior.scaleUp = { stabilizationWindowSeconds: 0, ...fastest(UP_POLICIES), ...draft.behavior.scaleUp };
    draft.behavior.scaleDown = { ...fastest(DOWN_POLICIES), ...draft.behavior.scaleDown };
  },
);
export interface HorizontalPodAutoscalerSpec extends Infer<typeof horizontalPodAutoscalerSpec> {}

export const horizontalPodAutoscalerCondition = object(
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition",
  "One aspect of an autoscaler's state.",
  {
    type: required(1, string(), "The name of the aspect: AbleToScale, ScalingActive or ScalingLimited."),
    status: required(2, oneOf("True", "False", "Unknown"), "Whether the condition holds: True, False or Unknown."),
    lastTransitionTime: optional(3, time(), "When the status last changed from one value to another."),
    reason: optional(4, string(), "Why it changed, in one CamelCase word."),
    message: optional(5, string(), "Why it changed, in words."),
  },
);
export interface HorizontalPodAutoscalerCondition extends Infer<typeof horizontalPodAutoscalerCondition> {}

export const horizontalPodAutoscalerStatus = object(
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus",
  "What the autoscaler has found and decided.",
  {
    observedGeneration: optional(1, int64(), "The generation that the controller has acted on."),
    lastScaleTime: optional(2, time(), "When the number of pods was last changed."),
    currentReplicas: optional(3, int32(), "How many pods there were when it last looked."),
    desiredReplicas: required(4, int32(), "How many pods it last decided on."),
    currentMetrics: optional(
      5,
      list(metricStatus, { listType: "atomic" }),
      "What the metrics were found to be, in the order of the spec.",
    ),
    conditions: optional(
      6,
      listMap(horizontalPodAutoscalerCondition, ["type"], { mergeKey: "type", strategy: "merge" }),
      "The autoscaler's conditions.",
    ),
  },
);
export interface HorizontalPodAutoscalerStatus extends Infer<typeof horizontalPodAutoscalerStatus> {}

export const horizontalPodAutoscaler = kubeObject(
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler",
  "Chooses how many pods an object has by what is measured of them.",
  {
    spec: present(2, horizontalPodAutoscalerSpec, "What the autoscaler is to do."),
    status: present(3, horizontalPodAutoscalerStatus, "What it has found and decided."),
  },
);
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
  validate: validateHorizontalPodAutoscaler,
  columns: horizontalPodAutoscalerColumns,
  prepare: (autoscaler, old) => ({ ...autoscaler, status: old ? old.status : { desiredReplicas: 0 } }),
  prepareStatus: keepSpec,
};
