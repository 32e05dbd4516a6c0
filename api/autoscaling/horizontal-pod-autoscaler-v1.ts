// HorizontalPodAutoscaler, version 1: one metric, the share of the requested cpu. It is stored as version 2, whose rules
// hold; convert-horizontal-pod-autoscaler.ts turns one into the other.

import { toV1, toV2 } from "./convert-horizontal-pod-autoscaler.ts";
import { horizontalPodAutoscalerColumns } from "./horizontal-pod-autoscaler-columns.ts";
import { horizontalPodAutoscalers, type HorizontalPodAutoscaler as V2 } from "./horizontal-pod-autoscaler.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  atomic,
  completed,
  int32,
  int64,
  object,
  optional,
  present,
  presentRequired,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const crossVersionObjectReference = atomic(
  object(
    "io.k8s.api.autoscaling.v1.CrossVersionObjectReference",
    "Names an object of any kind in the same namespace.",
    {
      kind: required(1, string(), "The kind of the object."),
      name: required(2, string(), "The name of the object."),
      apiVersion: optional(3, string(), "The group and version of the kind."),
    },
  ),
);
export interface CrossVersionObjectReference extends Infer<typeof crossVersionObjectReference> {}

export const horizontalPodAutoscalerSpec = completed(
  object(
    "io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec",
    "Which object's pods are counted, and between which limits.",
    {
      scaleTargetRef: presentRequired(
        1,
        crossVersionObjectReference,
        "The object whose number of pods is chosen. It must have a scale subresource.",
      ),
      minReplicas: optional(2, int32(), "The lowest number of pods; 1 unless given."),
      maxReplicas: required(3, int32(), "The highest number of pods; not below minReplicas."),
      targetCPUUtilizationPercentage: optional(
        4,
        int32(),
        "How much of the requested cpu the pods are to use on average, in percent; 80 unless given.",
      ),
    },
  ),
  (draft) => {
    draft.minReplicas ??= 1;
  },
);
export interface HorizontalPodAutoscalerSpec extends Infer<typeof horizontalPodAutoscalerSpec> {}

export const horizontalPodAutoscalerStatus = object(
  "io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerStatus",
  "What the autoscaler has found and decided.",
  {
    observedGeneration: optional(1, int64(), "The generation that the controller has acted on."),
    lastScaleTime: optional(2, time(), "When the number of pods was last changed."),
    currentReplicas: required(3, int32(), "How many pods there are."),
    desiredReplicas: required(4, int32(), "How many pods it has decided on."),
    currentCPUUtilizationPercentage: optional(
      5,
      int32(),
      "How much of the requested cpu the pods use on average, in percent.",
    ),
  },
);
export interface HorizontalPodAutoscalerStatus extends Infer<typeof horizontalPodAutoscalerStatus> {}

export const horizontalPodAutoscaler = kubeObject(
  "io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler",
  "Chooses how many pods an object has by the cpu that they use.",
  {
    spec: present(2, horizontalPodAutoscalerSpec, "What the autoscaler is to do."),
    status: present(3, horizontalPodAutoscalerStatus, "What it has found and decided."),
  },
);
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
  columns: horizontalPodAutoscalerColumns.map((column) => ({
    ...column,
    cell: (object, nowMs) => column.cell(toV2(object), nowMs),
  })),
  conversion: {
    stored: horizontalPodAutoscalers,
    toStored: (object) => toV2(object as HorizontalPodAutoscaler),
    fromStored: (object) => toV1(object as V2),
  },
};
