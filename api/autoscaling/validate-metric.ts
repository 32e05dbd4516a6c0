// Rules for the metrics of horizontal pod autoscalers, from Kubernetes' validation of the autoscaling group.

import type {
  ContainerResourceMetricSource,
  CrossVersionObjectReference,
  ExternalMetricSource,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
  ObjectMetricSource,
  PodsMetricSource,
  ResourceMetricSource,
} from "./metric.ts";
import { checkContainerResourceName } from "../core/resource-names.ts";
import { checkFormat, checkRequired, checkRequiredFormat, when } from "../meta/field-checks.ts";
import { labelProblems, pathSegmentProblems } from "../meta/names.ts";
import { parseQuantity } from "../meta/quantity.ts";
import { forbiddenField, invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const SOURCES = {
  object: "Object",
  external: "External",
  pods: "Pods",
  resource: "Resource",
  containerResource: "ContainerResource",
} as const;
type Source = keyof typeof SOURCES;

/** The schema reports one that is missing. */
const NO_TARGET: MetricTarget = { type: "" };

/** Of several sources only the first is looked into. */
export function validateMetric(metric: MetricSpec, path: string): Errors {
  const names = Object.keys(SOURCES) as Source[];
  const present = names.filter((name) => metric[name] !== undefined);
  const expected = names.find((name) => SOURCES[name] === metric.type);
  const isMissing = expected !== undefined && metric[expected] === undefined;
  const missing = "must populate information for the given metric source";
  const others = present.filter((name) => name !== expected);
  return [
    ...validateFirst(metric, path),
    ...when(isMissing, requiredField(`${path}.${expected}`, missing)),
    ...(present.length === 1 ? [] : others).map((name) =>
      forbiddenField(`${path}.${name}`, "must populate the given metric source only"),
    ),
  ];
}

function validateFirst({ object, external, pods, resource, containerResource }: MetricSpec, path: string): Errors {
  if (object) return validateObject(object, `${path}.object`);
  if (external) return validateExternal(external, `${path}.external`);
  if (pods) return validatePods(pods, `${path}.pods`);
  if (resource) return validateResource(resource, `${path}.resource`);
  return containerResource ? validateContainerResource(containerResource, `${path}.containerResource`) : [];
}

function validateObject(
  { describedObject, metric, target = NO_TARGET }: Partial<ObjectMetricSource>,
  path: string,
): Errors {
  const hasNone = target.value === undefined && target.averageValue === undefined;
  return [
    ...validateReference(describedObject, `${path}.describedObject`),
    ...validateIdentifier(metric, `${path}.metric`),
    ...validateTarget(target, `${path}.target`),
    ...when(hasNone, requiredField(`${path}.target.averageValue`, "must set either a target value or averageValue")),
  ];
}

export const validateReference = ({ kind, name }: Partial<CrossVersionObjectReference> = {}, path: string): Errors => [
  ...checkRequiredFormat(`${path}.kind`, kind, pathSegmentProblems),
  ...checkRequiredFormat(`${path}.name`, name, pathSegmentProblems),
];

function validateExternal({ metric, target = NO_TARGET }: Partial<ExternalMetricSource>, path: string): Errors {
  const [hasValue, hasAverage] = [target.value !== undefined, target.averageValue !== undefined];
  const none = "must set either a target value for metric or a per-pod target";
  const both = "may not set both a target value for metric and a per-pod target";
  return [
    ...validateIdentifier(metric, `${path}.metric`),
    ...validateTarget(target, `${path}.target`),
    ...when(!hasValue && !hasAverage, requiredField(`${path}.target.averageValue`, none)),
    ...when(hasValue && hasAverage, forbiddenField(`${path}.target.value`, both)),
  ];
}

function validatePods({ metric, target = NO_TARGET }: Partial<PodsMetricSource>, path: string): Errors {
  const isMissing = target.averageValue === undefined;
  return [
    ...validateIdentifier(metric, `${path}.metric`),
    ...validateTarget(target, `${path}.target`),
    ...when(isMissing, requiredField(`${path}.target.averageValue`, "must specify a positive target averageValue")),
  ];
}

const validateResource = ({ name, target = NO_TARGET }: Partial<ResourceMetricSource>, path: string): Errors => [
  ...checkRequired(`${path}.name`, name, "must specify a resource name"),
  ...validateUse(target, `${path}.target`),
];

function validateContainerResource(source: Partial<ContainerResourceMetricSource>, path: string): Errors {
  const { name, container, target = NO_TARGET } = source;
  return [
    ...checkRequired(`${path}.name`, name, "must specify a resource name"),
    ...(name ? checkContainerResourceName(`${path}.name`, name) : []),
    ...checkRequired(`${path}.container`, container, "must specify a container"),
    ...checkFormat(`${path}.container`, container, labelProblems),
    ...validateUse(target, `${path}.target`),
  ];
}

/** How much of a resource is to be used. */
function validateUse(target: MetricTarget, path: string): Errors {
  const [hasShare, hasValue] = [target.averageUtilization !== undefined, target.averageValue !== undefined];
  const none = "must set either a target raw value or a target utilization";
  const both = "may not set both a target raw value and a target utilization";
  return [
    ...validateTarget(target, path),
    ...when(!hasShare && !hasValue, requiredField(`${path}.averageUtilization`, none)),
    ...when(hasShare && hasValue, forbiddenField(`${path}.averageValue`, both)),
  ];
}

const TARGET_TYPES = ["Utilization", "Value", "AverageValue"];

function validateTarget({ type = "", value, averageValue, averageUtilization }: MetricTarget, path: string): Errors {
  const isUnknown = !TARGET_TYPES.includes(type);
  const isIdle = averageUtilization !== undefined && averageUtilization < 1;
  return [
    ...checkRequired(`${path}.type`, type, "must specify a metric target type"),
    ...when(isUnknown, invalidField(`${path}.type`, type, "must be either Utilization, Value, or AverageValue")),
    ...checkPositive(`${path}.value`, value),
    ...checkPositive(`${path}.averageValue`, averageValue),
    ...when(isIdle, invalidField(`${path}.averageUtilization`, averageUtilization, "must be greater than 0")),
  ];
}

const checkPositive = (path: string, value: string | undefined): Errors =>
  when(value !== undefined && parseQuantity(value).nanos <= 0n, invalidField(path, value, "must be positive"));

const validateIdentifier = ({ name }: Partial<MetricIdentifier> = {}, path: string): Errors => [
  ...checkRequired(`${path}.name`, name, "must specify a metric name"),
  ...checkFormat(`${path}.name`, name, pathSegmentProblems),
];
