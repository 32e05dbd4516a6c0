// The rules for what can be set about plugins, with Kubernetes' messages.

import { validateNodeAffinity } from "../../api/core/validate-affinity.ts";
import { checkFormat, eachItem, when } from "../../api/meta/field-checks.ts";
import { qualifiedNameProblems } from "../../api/meta/label-syntax.ts";
import {
  duplicateField,
  forbiddenField,
  invalidField,
  requiredField,
  unsupportedField,
  type FieldError,
} from "../../api/schema/field-error.ts";
import type { PluginArgs, PluginWithArgs, ScoringStrategy, UtilizationShapePoint } from "./plugin-args.ts";

type Errors = readonly FieldError[];
type Rules = { readonly [P in PluginWithArgs]: (args: PluginArgs[P], path: string) => Errors };

const rules: Rules = {
  DefaultPreemption: validatePreemption,
  InterPodAffinity: ({ hardPodAffinityWeight: weight }, path) =>
    checkRange(weight, `${path}.hardPodAffinityWeight`, 100),
  NodeAffinity: ({ addedAffinity }, path) => validateNodeAffinity(addedAffinity, `${path}.addedAffinity`),
  NodeResourcesBalancedAllocation: validateBalance,
  NodeResourcesFit: validateFit,
  PodTopologySpread: validateSpread,
  VolumeBinding: validateVolumeBinding,
};

export function validatePluginArgs<P extends PluginWithArgs>(plugin: P, args: PluginArgs[P], path: string): Errors {
  return rules[plugin](args, path);
}

const checkRange = (value: number, path: string, max: number): Errors =>
  when(value < 0 || value > max, invalidField(path, value, `not in valid range [0, ${max}]`));

function validatePreemption(args: PluginArgs["DefaultPreemption"], path: string): Errors {
  const { minCandidateNodesPercentage: percentage, minCandidateNodesAbsolute: absolute } = args;
  const percentagePath = `${path}.minCandidateNodesPercentage`;
  const absolutePath = `${path}.minCandidateNodesAbsolute`;
  const together = "cannot be zero at the same time as";
  const areZero = percentage === 0 && absolute === 0;
  return [
    ...checkRange(percentage, percentagePath, 100),
    ...when(absolute < 0, invalidField(absolutePath, absolute, "not in valid range [0, inf)")),
    ...when(areZero, invalidField(percentagePath, percentage, `${together} minCandidateNodesAbsolute`)),
    ...when(areZero, invalidField(absolutePath, absolute, `${together} minCandidateNodesPercentage`)),
  ];
}

function validateBalance({ resources }: PluginArgs["NodeResourcesBalancedAllocation"], path: string): Errors {
  return eachItem(resources, `${path}.resources`, ({ name, weight }, at, index) => [
    ...when(resources.findIndex((each) => each.name === name) !== index, duplicateField(`${at}.name`, name)),
    ...when(weight !== 1, invalidField(`${at}.weight`, weight, "must be 1")),
  ]);
}

function validateFit(args: PluginArgs["NodeResourcesFit"], path: string): Errors {
  const slash = "resource group name can't contain '/'";
  return [
    ...eachItem(args.ignoredResources, `${path}.ignoredResources`, (name, at) =>
      checkFormat(at, name, qualifiedNameProblems),
    ),
    ...eachItem(args.ignoredResourceGroups, `${path}.ignoredResourceGroups`, (group, at) => [
      ...when(group.includes("/"), invalidField(at, group, slash)),
      ...checkFormat(at, group, qualifiedNameProblems),
    ]),
    ...validateStrategy(args.scoringStrategy, `${path}.scoringStrategy`),
  ];
}

const STRATEGIES = ["LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"];

function validateStrategy({ type, resources, requestedToCapacityRatio: ratio }: ScoringStrategy, path: string): Errors {
  const ratioPath = `${path}.requestedToCapacityRatio`;
  const isRatio = type === "RequestedToCapacityRatio";
  return [
    ...when(!STRATEGIES.includes(type), unsupportedField(`${path}.type`, type, STRATEGIES)),
    ...eachItem(resources, `${path}.resources`, ({ name, weight }, at) =>
      when(
        weight < 1 || weight > 100,
        invalidField(`${at}.weight`, weight, `resource weight of ${name} not in valid range (0, 100]`),
      ),
    ),
    ...when(isRatio && !ratio, requiredField(ratioPath, `must be specified when type is ${type}`)),
    ...(isRatio && ratio ? validateShape(ratio.shape, `${ratioPath}.shape`) : []),
    ...when(
      !isRatio && ratio !== undefined,
      forbiddenField(ratioPath, "must be nil when type is not RequestedToCapacityRatio"),
    ),
  ];
}

function validateShape(shape: readonly UtilizationShapePoint[], path: string): Errors {
  if (shape.length === 0) return [requiredField(path, "at least one point must be specified")];
  const unsorted = shape.findIndex((point, index) => index > 0 && point.utilization <= utilizationAt(shape, index - 1));
  const found = shape[unsorted];
  return [
    ...(found
      ? [
          invalidField(
            `${path}[${unsorted}].utilization`,
            found.utilization,
            "values must be sorted in increasing order",
          ),
        ]
      : []),
    ...eachItem(shape, path, ({ utilization, score }, at) => [
      ...checkRange(utilization, `${at}.utilization`, 100),
      ...checkRange(score, `${at}.score`, 10),
    ]),
  ];
}

const utilizationAt = (shape: readonly UtilizationShapePoint[], index: number) => shape[index]?.utilization ?? 0;

function validateSpread(args: PluginArgs["PodTopologySpread"], path: string): Errors {
  const { defaultConstraints: constraints, defaultingType = "" } = args;
  const typePath = `${path}.defaultingType`;
  const types = ["System", "List"];
  return [
    ...when(!types.includes(defaultingType), unsupportedField(typePath, defaultingType, types)),
    ...when(
      defaultingType === "System" && constraints.length > 0,
      invalidField(typePath, defaultingType, "when .defaultConstraints are not empty"),
    ),
    ...eachItem(constraints, `${path}.defaultConstraints`, (constraint, at, index) =>
      validateDefaultConstraint(constraint, at, constraints.slice(0, index)),
    ),
  ];
}

type Constraint = PluginArgs["PodTopologySpread"]["defaultConstraints"][number];

function validateDefaultConstraint(constraint: Constraint, path: string, before: readonly Constraint[]): Errors {
  const { maxSkew, topologyKey, whenUnsatisfiable, labelSelector } = constraint;
  const actions = ["DoNotSchedule", "ScheduleAnyway"];
  const actionPath = `${path}.whenUnsatisfiable`;
  const isRepeated = before.some(
    (each) => each.topologyKey === topologyKey && each.whenUnsatisfiable === whenUnsatisfiable,
  );
  return [
    ...when(maxSkew <= 0, invalidField(`${path}.maxSkew`, maxSkew, "not in valid range (0, inf)")),
    ...(topologyKey
      ? checkFormat(`${path}.topologyKey`, topologyKey, qualifiedNameProblems)
      : [requiredField(`${path}.topologyKey`, "can not be empty")]),
    ...when(!whenUnsatisfiable, requiredField(actionPath, "can not be empty")),
    ...when(
      Boolean(whenUnsatisfiable) && !actions.includes(whenUnsatisfiable),
      unsupportedField(actionPath, whenUnsatisfiable, actions),
    ),
    ...when(
      labelSelector !== undefined,
      forbiddenField(`${path}.labelSelector`, "constraint must not define a selector, as they deduced for each pod"),
    ),
    ...when(isRepeated, duplicateField(path, `{${topologyKey}, ${whenUnsatisfiable}}`)),
  ];
}

function validateVolumeBinding(args: PluginArgs["VolumeBinding"], path: string): Errors {
  const { bindTimeoutSeconds: seconds, shape } = args;
  const negative = "invalid BindTimeoutSeconds, should not be a negative value";
  const unexpected = "unexpected field `shape`, remove it or turn on the feature gate StorageCapacityScoring";
  return [
    ...when(seconds < 0, invalidField(`${path}.bindTimeoutSeconds`, seconds, negative)),
    ...when(shape !== undefined, invalidField(`${path}.shape`, shape, unexpected)),
  ];
}
