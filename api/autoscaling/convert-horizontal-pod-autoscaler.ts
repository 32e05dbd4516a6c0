// Between the versions of HorizontalPodAutoscaler. Version 1 knows one metric, the share of the requested cpu; annotations
// carry the rest, so that clients of version 1 that send back what they got lose nothing. What it cannot keep, here as in
// Kubernetes: the place of the cpu metric among the others (it becomes the last), and current values that are 0 by absence.

import type { HorizontalPodAutoscaler as V1 } from "./horizontal-pod-autoscaler-v1.ts";
import {
  horizontalPodAutoscaler,
  horizontalPodAutoscalerBehavior,
  horizontalPodAutoscalerCondition,
  type HorizontalPodAutoscaler as V2,
  type HPAScalingRules,
} from "./horizontal-pod-autoscaler.ts";
import { readMetric, readMetricStatus, writeMetric, writeMetricStatus, type Json } from "./convert-metric.ts";
import { metricStatus, type MetricStatus } from "./metric-status.ts";
import { metricSpec, type MetricSpec } from "./metric.ts";
import { definedFields } from "../meta/defined-fields.ts";
import type { ObjectMeta } from "../meta/object.ts";
import { StatusError } from "../meta/status.ts";
import { decodeObject } from "../schema/decode.ts";
import { applyDefaults } from "../schema/default.ts";
import { list, type Schema } from "../schema/schema.ts";
import { JsonError } from "../../lib/json-reader.ts";
import { parseJson, renderJson } from "../../lib/json.ts";

const PREFIX = "autoscaling.alpha.kubernetes.io/";
const METRICS = `${PREFIX}metrics`;
const CURRENT_METRICS = `${PREFIX}current-metrics`;
const CONDITIONS = `${PREFIX}conditions`;
const BEHAVIOR = `${PREFIX}behavior`;
const CARRIED = new Set([METRICS, CURRENT_METRICS, CONDITIONS, BEHAVIOR]);

type Annotations = Readonly<Record<string, string>>;

export function toV2({ metadata, spec, status }: V1): V2 {
  const annotations = metadata?.annotations ?? {};
  const share = spec?.targetCPUUtilizationPercentage;
  const others = readAnnotation(annotations[METRICS], list(metricSpec), eachOf(readMetric)) ?? [];
  const { scaleTargetRef, minReplicas, maxReplicas } = spec ?? {};
  const converted = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: withAnnotations(metadata, {}),
    spec: definedFields({
      scaleTargetRef,
      minReplicas,
      maxReplicas,
      metrics: share === undefined ? others : [...others, cpuShare(share)],
      behavior: readAnnotation(annotations[BEHAVIOR], horizontalPodAutoscalerBehavior, readBehavior),
    }),
    status: toV2Status(status ?? {}, annotations),
  };
  return applyDefaults(horizontalPodAutoscaler, converted as V2);
}

const cpuShare = (averageUtilization: number): MetricSpec => ({
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization } },
});

function toV2Status(status: Partial<V1["status"]>, annotations: Annotations): object {
  const { currentCPUUtilizationPercentage: share, ...counts } = status;
  const current = readAnnotation(annotations[CURRENT_METRICS], list(metricStatus), eachOf(readMetricStatus));
  const cpu = { type: "Resource", resource: { name: "cpu", current: { averageUtilization: share } } };
  return definedFields({
    ...counts,
    currentMetrics: current ?? (share === undefined ? undefined : [cpu]),
    conditions: readAnnotation(annotations[CONDITIONS], list(horizontalPodAutoscalerCondition), (value) => value),
  });
}

export function toV1({ metadata, spec, status }: V2): V1 {
  const { scaleTargetRef, minReplicas, maxReplicas, metrics = [] } = spec ?? {};
  return {
    apiVersion: "autoscaling/v1",
    kind: "HorizontalPodAutoscaler",
    metadata: withAnnotations(metadata, { ...carriedSpec(spec ?? {}), ...carriedStatus(status ?? {}) }),
    spec: definedFields({
      scaleTargetRef,
      minReplicas,
      maxReplicas,
      targetCPUUtilizationPercentage: metrics.map(shareOf).find((share) => share !== undefined),
    }),
    status: toV1Status(status ?? {}),
  };
}

function toV1Status(status: Partial<V2["status"]>): V1["status"] {
  const { observedGeneration, lastScaleTime, currentReplicas = 0, desiredReplicas = 0, currentMetrics = [] } = status;
  return definedFields({
    observedGeneration,
    lastScaleTime,
    currentReplicas,
    desiredReplicas,
    currentCPUUtilizationPercentage: currentMetrics.map(currentShareOf).findLast((share) => share !== undefined),
  });
}

type Carried = Readonly<Record<string, unknown>>;

function carriedSpec({ metrics = [], behavior }: Partial<V2["spec"]>): Carried {
  const others = metrics.filter((metric) => shareOf(metric) === undefined);
  return {
    [METRICS]: others.length > 0 ? others.map(writeMetric) : undefined,
    [BEHAVIOR]: behavior && { ScaleUp: writeRules(behavior.scaleUp), ScaleDown: writeRules(behavior.scaleDown) },
  };
}

const carriedStatus = ({ currentMetrics = [], conditions = [] }: Partial<V2["status"]>): Carried => ({
  [CURRENT_METRICS]: currentMetrics.length > 0 ? currentMetrics.map(writeMetricStatus) : undefined,
  [CONDITIONS]: conditions.length > 0 ? conditions : undefined,
});

const shareOf = ({ type, resource }: MetricSpec): number | undefined =>
  type === "Resource" && resource?.name === "cpu" ? resource.target?.averageUtilization : undefined;
const currentShareOf = ({ type, resource }: MetricStatus): number | undefined =>
  type === "Resource" && resource?.name === "cpu" ? resource.current?.averageUtilization : undefined;

/** Metadata with exactly these of the annotations that carry what version 1 lacks. */
function withAnnotations(metadata: ObjectMeta, carried: Carried): ObjectMeta {
  const own = Object.entries(metadata?.annotations ?? {}).filter(([name]) => !CARRIED.has(name));
  const added = Object.entries(definedFields(carried)).map(([name, value]) => [name, renderJson(value)] as const);
  const annotations = own.length + added.length > 0 ? Object.fromEntries([...own, ...added]) : undefined;
  return definedFields({ ...metadata, annotations });
}

/** What a user has put there and cannot be read is not there, as in Kubernetes. */
function readAnnotation<T>(
  text: string | undefined,
  schema: Schema<T>,
  convert: (value: unknown) => unknown,
): T | undefined {
  if (text === undefined) return undefined;
  try {
    const converted = convert(parseJson(text).value);
    return converted === undefined ? undefined : decodeObject(schema, converted, { fieldValidation: "Ignore" }).object;
  } catch (error) {
    if (error instanceof StatusError || error instanceof JsonError) return undefined;
    throw error;
  }
}

const eachOf =
  (convert: (value: unknown) => Json) =>
  (value: unknown): unknown =>
    Array.isArray(value) ? value.map(convert) : undefined;

/** The names are those of Kubernetes' internal type, which nobody has given any for JSON. */
function writeRules(rules: HPAScalingRules | undefined): Json | null {
  if (!rules) return null;
  const { stabilizationWindowSeconds, selectPolicy, policies } = rules;
  return {
    StabilizationWindowSeconds: stabilizationWindowSeconds ?? null,
    SelectPolicy: selectPolicy ?? null,
    Policies:
      policies?.map(({ type, value, periodSeconds }) => ({ Type: type, Value: value, PeriodSeconds: periodSeconds })) ??
      null,
    Tolerance: null,
  };
}

/** Go finds fields by their names in whatever case. */
function readBehavior(value: unknown): unknown {
  const behavior = withLowerFirst(value);
  const isEmpty = typeof behavior === "object" && behavior !== null && Object.keys(behavior).length === 0;
  return isEmpty || behavior === null ? undefined : behavior;
}

function withLowerFirst(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withLowerFirst);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, part]) => part !== null);
  return Object.fromEntries(
    entries.map(([name, part]) => [name.charAt(0).toLowerCase() + name.slice(1), withLowerFirst(part)]),
  );
}
