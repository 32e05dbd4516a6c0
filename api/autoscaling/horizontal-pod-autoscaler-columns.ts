// The columns of `kctl get hpa`.

import type { HorizontalPodAutoscaler } from "./horizontal-pod-autoscaler.ts";
import type { MetricStatus, MetricValueStatus } from "./metric-status.ts";
import type { MetricSpec, MetricTarget } from "./metric.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import type { Column } from "../resource.ts";

const SHOWN_MAX = 2;
const UNKNOWN = "<unknown>";

function renderTargets({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec.metrics ?? [];
  if (metrics.length === 0) return "<none>";
  const texts = metrics.map((metric, index) => renderMetric(metric, status.currentMetrics?.[index]));
  const more = texts.length > SHOWN_MAX ? ` + ${texts.length - SHOWN_MAX} more...` : "";
  return texts.slice(0, SHOWN_MAX).join(", ") + more;
}

const SOURCES = {
  External: "external",
  Object: "object",
  Pods: "pods",
  Resource: "resource",
  ContainerResource: "containerResource",
} as const;

function renderMetric(metric: MetricSpec, status: MetricStatus | undefined): string {
  const name = (SOURCES as Readonly<Record<string, (typeof SOURCES)[MetricSpec["type"]]>>)[metric.type];
  if (!name) return "<unknown type>";
  const source = metric[name];
  const current = status?.[name]?.current;
  if (name === "external" || name === "object") return renderValue(source?.target, current);
  const use = renderUse(source?.target, current);
  return source && "name" in source ? `${source.name}: ${use}` : use;
}

function renderValue(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  return target?.averageValue === undefined
    ? `${current?.value ?? UNKNOWN}/${target?.value ?? ""}`
    : `${current?.averageValue ?? UNKNOWN}/${target.averageValue} (avg)`;
}

function renderUse(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? UNKNOWN}/${target.averageValue}`;
  const percent = (value: number | undefined, otherwise: string) => (value === undefined ? otherwise : `${value}%`);
  return `${percent(current?.averageUtilization, UNKNOWN)}/${percent(target?.averageUtilization, "<auto>")}`;
}

export const horizontalPodAutoscalerColumns: readonly Column<HorizontalPodAutoscaler>[] = [
  nameColumn,
  column(
    "Reference",
    { description: "The object whose number of pods is chosen." },
    ({ spec: { scaleTargetRef: target } }) => `${target?.kind ?? ""}/${target?.name ?? ""}`,
  ),
  column("Targets", { description: "What the metrics are, and what they are to be." }, renderTargets),
  column("MinPods", { description: "The lowest number of pods." }, ({ spec }) => String(spec.minReplicas ?? "<unset>")),
  column("MaxPods", { description: "The highest number of pods." }, ({ spec }) => spec.maxReplicas ?? 0),
  column("Replicas", { description: "How many pods there were last." }, ({ status }) => status.currentReplicas ?? 0),
  ageColumn,
];
