// Metrics in the form of autoscaling/v1. That version has no fields for them: annotations carry them as JSON, in which every
// sort of metric has names of its own for what version 2 calls metric, target and current.

import type { MetricStatus, MetricValueStatus } from "./metric-status.ts";
import type { CrossVersionObjectReference, MetricSpec, MetricTarget } from "./metric.ts";
import { definedFields } from "../meta/defined-fields.ts";

export type Json = Readonly<Record<string, unknown>>;

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const jsonOf = (value: unknown): Json => (isJson(value) ? value : {});

/** The part, converted, if it is there. */
const each = <T extends object>(part: T | undefined, convert: (part: T) => object): Json | undefined =>
  part && definedFields(convert(part) as Json);
/** Null is how Go writes what is absent. */
const eachJson = (part: unknown, convert: (part: Json) => object): Json | undefined =>
  part === undefined || part === null ? undefined : definedFields(convert(jsonOf(part)) as Json);

const writeReference = ({ kind, name, apiVersion }: Partial<CrossVersionObjectReference> = {}): object =>
  definedFields({ kind, name, apiVersion });

/** The fields stand in the order in which Kubernetes writes them. */
export function writeMetric(metric: MetricSpec): Json {
  const { type, object, pods, resource, containerResource, external } = metric;
  return definedFields({
    type,
    object: each(object, ({ describedObject, metric: id, target }) => ({
      target: writeReference(describedObject),
      metricName: id?.name,
      targetValue: target?.value ?? "0",
      selector: id?.selector,
      averageValue: target?.averageValue,
    })),
    pods: each(pods, ({ metric: id, target }) => ({
      metricName: id?.name,
      targetAverageValue: target?.averageValue ?? "0",
      selector: id?.selector,
    })),
    resource: each(resource, ({ name, target }) => ({ name, ...writeUse(target) })),
    containerResource: each(containerResource, ({ name, target, container }) => ({
      name,
      ...writeUse(target),
      container,
    })),
    external: each(external, ({ metric: id, target }) => ({
      metricName: id?.name,
      metricSelector: id?.selector,
      targetValue: target?.value,
      targetAverageValue: target?.averageValue,
    })),
  });
}

const writeUse = (target: MetricTarget | undefined) => ({
  targetAverageUtilization: target?.averageUtilization,
  targetAverageValue: target?.averageValue,
});

export function writeMetricStatus(status: MetricStatus): Json {
  const { type, object, pods, resource, containerResource, external } = status;
  return definedFields({
    type,
    object: each(object, ({ describedObject, metric, current }) => ({
      target: writeReference(describedObject),
      metricName: metric?.name,
      currentValue: current?.value ?? "0",
      selector: metric?.selector,
      averageValue: current?.averageValue,
    })),
    pods: each(pods, ({ metric, current }) => ({
      metricName: metric?.name,
      currentAverageValue: current?.averageValue ?? "0",
      selector: metric?.selector,
    })),
    resource: each(resource, ({ name, current }) => ({ name, ...writeCurrentUse(current) })),
    containerResource: each(containerResource, ({ name, current, container }) => ({
      name,
      ...writeCurrentUse(current),
      container,
    })),
    external: each(external, ({ metric, current }) => ({
      metricName: metric?.name,
      metricSelector: metric?.selector,
      currentValue: current?.value ?? "0",
      currentAverageValue: current?.averageValue,
    })),
  });
}

const writeCurrentUse = (current: MetricValueStatus | undefined) => ({
  currentAverageUtilization: current?.averageUtilization,
  currentAverageValue: current?.averageValue ?? "0",
});

/** What comes out has the names of version 2; whether it has its types is still to be seen. */
export function readMetric(value: unknown): Json {
  const { type, object, pods, resource, containerResource, external } = jsonOf(value);
  return definedFields({
    type,
    object: eachJson(object, (of) => ({
      describedObject: of["target"],
      metric: readIdentifier(of["metricName"], of["selector"]),
      target: readTarget({ value: withoutZero(of["targetValue"]), averageValue: of["averageValue"] }),
    })),
    pods: eachJson(pods, (of) => ({
      metric: readIdentifier(of["metricName"], of["selector"]),
      target: readTarget({ averageValue: of["targetAverageValue"] }),
    })),
    resource: eachJson(resource, (of) => ({ name: of["name"], target: readUse(of) })),
    containerResource: eachJson(containerResource, (of) => ({
      name: of["name"],
      container: of["container"],
      target: readUse(of),
    })),
    external: eachJson(external, (of) => ({
      metric: readIdentifier(of["metricName"], of["metricSelector"]),
      target: readTarget({ value: of["targetValue"], averageValue: of["targetAverageValue"] }),
    })),
  });
}

const readIdentifier = (name: unknown, selector: unknown): object => definedFields({ name, selector });

/** Version 1 cannot leave this value out, and no valid target is 0. */
const withoutZero = (value: unknown) => (value === "0" || value === 0 ? undefined : value);

type Target = Readonly<Partial<Record<"value" | "averageValue" | "averageUtilization", unknown>>>;

/** Version 1 has no type; the values tell. */
function readTarget(target: Target): object {
  const { averageValue, averageUtilization } = definedFields(target);
  const average = averageValue === undefined || averageValue === null ? "Value" : "AverageValue";
  const type = averageUtilization === undefined || averageUtilization === null ? average : "Utilization";
  return definedFields({ type, ...target });
}

const readUse = (of: Json): object => {
  const target = { averageValue: of["targetAverageValue"], averageUtilization: of["targetAverageUtilization"] };
  const type = target.averageUtilization === undefined ? "AverageValue" : "Utilization";
  return definedFields({ type, ...target });
};

export function readMetricStatus(value: unknown): Json {
  const { type, object, pods, resource, containerResource, external } = jsonOf(value);
  return definedFields({
    type,
    object: eachJson(object, (of) => ({
      describedObject: of["target"],
      metric: readIdentifier(of["metricName"], of["selector"]),
      current: definedFields({ value: of["currentValue"], averageValue: of["averageValue"] }),
    })),
    pods: eachJson(pods, (of) => ({
      metric: readIdentifier(of["metricName"], of["selector"]),
      current: definedFields({ averageValue: of["currentAverageValue"] }),
    })),
    resource: eachJson(resource, (of) => ({ name: of["name"], current: readCurrentUse(of) })),
    containerResource: eachJson(containerResource, (of) => ({
      name: of["name"],
      container: of["container"],
      current: readCurrentUse(of),
    })),
    external: eachJson(external, (of) => ({
      metric: readIdentifier(of["metricName"], of["metricSelector"]),
      current: definedFields({ value: of["currentValue"], averageValue: of["currentAverageValue"] }),
    })),
  });
}

const readCurrentUse = (of: Json): object =>
  definedFields({ averageValue: of["currentAverageValue"], averageUtilization: of["currentAverageUtilization"] });
