// Rules for what a job makes of pods that fail or succeed, from Kubernetes' validation of the batch group.

import { countIndexes, parseIndexes } from "./index-list.ts";
import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
  SuccessPolicyRule,
} from "./job.ts";
import { checkNonNegative, checkRequiredFormat, eachItem, when } from "../meta/field-checks.ts";
import { qualifiedNameProblems } from "../meta/label-syntax.ts";
import {
  duplicateField,
  invalidField,
  invalidWhole,
  requiredField,
  tooLongField,
  tooManyField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const RULES_MAX = 20;
const EXIT_CODES_MAX = 255;
const PATTERNS_MAX = 20;
const INDEXES_BYTES_MAX = 64 * 1024;

export function validateJobPolicies(spec: JobSpec, path: string): Errors {
  const { podFailurePolicy, podReplacementPolicy, successPolicy, completionMode } = spec;
  const isLateOnly = podFailurePolicy && podReplacementPolicy !== undefined && podReplacementPolicy !== "Failed";
  const isIndexed = completionMode === "Indexed";
  return [
    ...(podFailurePolicy ? validateFailurePolicy(spec, `${path}.podFailurePolicy.rules`) : []),
    ...when(
      successPolicy && !isIndexed,
      invalidField(`${path}.successPolicy`, successPolicy, "requires indexed completion mode"),
    ),
    ...(successPolicy && isIndexed ? validateSuccessPolicy(spec, `${path}.successPolicy.rules`) : []),
    ...when(isLateOnly, unsupportedField(`${path}.podReplacementPolicy`, podReplacementPolicy, ["Failed"])),
  ];
}

function validateFailurePolicy(spec: JobSpec, path: string): Errors {
  const rules = spec.podFailurePolicy?.rules ?? [];
  return [
    ...when(rules.length > RULES_MAX, tooManyField(path, rules.length, RULES_MAX)),
    ...eachItem(rules, path, (rule, at) => validateFailureRule(spec, rule, at)),
  ];
}

function validateFailureRule(spec: JobSpec, rule: PodFailurePolicyRule, path: string): Errors {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  const hasConditions = onPodConditions.length > 0;
  const needsLimit = action === "FailIndex" && spec.backoffLimitPerIndex === undefined;
  return [
    ...when(needsLimit, invalidField(`${path}.action`, action, "requires the backoffLimitPerIndex to be set")),
    ...(onExitCodes ? validateExitCodes(spec, onExitCodes, `${path}.onExitCodes`) : []),
    ...when(
      onPodConditions.length > PATTERNS_MAX,
      tooManyField(`${path}.onPodConditions`, onPodConditions.length, PATTERNS_MAX),
    ),
    ...eachItem(onPodConditions, `${path}.onPodConditions`, ({ type }, at) =>
      checkRequiredFormat(`${at}.type`, type, qualifiedNameProblems),
    ),
    ...when(
      onExitCodes && hasConditions,
      invalidWhole(path, "specifying both OnExitCodes and OnPodConditions is not supported"),
    ),
    ...when(
      !onExitCodes && !hasConditions,
      invalidWhole(path, "specifying one of OnExitCodes and OnPodConditions is required"),
    ),
  ];
}

function validateExitCodes(
  { template }: JobSpec,
  { containerName, operator, values = [] }: Partial<PodFailurePolicyOnExitCodesRequirement>,
  path: string,
): Errors {
  const { containers, initContainers = [] } = template.spec;
  const isKnown = [...(containers ?? []), ...initContainers].some(({ name }) => name === containerName);
  const unknown = "must be one of the container or initContainer names in the pod template";
  const isOrdered = values.every((value, index) => index === 0 || (values[index - 1] ?? value) <= value);
  return [
    ...when(containerName !== undefined && !isKnown, invalidField(`${path}.containerName`, containerName, unknown)),
    ...when(values.length === 0, invalidField(`${path}.values`, values, "at least one value is required")),
    ...when(values.length > EXIT_CODES_MAX, tooManyField(`${path}.values`, values.length, EXIT_CODES_MAX)),
    ...eachItem(values, `${path}.values`, (value, at, index) => [
      ...when(operator === "In" && value === 0, invalidField(at, value, "must not be 0 for the In operator")),
      ...when(values.indexOf(value) < index, duplicateField(at, value)),
    ]),
    ...when(!isOrdered, invalidField(`${path}.values`, values, "must be ordered")),
  ];
}

function validateSuccessPolicy({ successPolicy, completions = 0 }: JobSpec, path: string): Errors {
  const rules = successPolicy?.rules ?? [];
  const none = "at least one rules must be specified when the successPolicy is specified";
  return [
    ...when(rules.length === 0, requiredField(path, none)),
    ...when(rules.length > RULES_MAX, tooManyField(path, rules.length, RULES_MAX)),
    ...eachItem(rules, path, (rule, at) => validateSuccessRule(rule, at, completions)),
  ];
}

function validateSuccessRule(rule: SuccessPolicyRule, path: string, completions: number): Errors {
  const { succeededCount, succeededIndexes } = rule;
  const isEmpty = succeededCount === undefined && succeededIndexes === undefined;
  const parsed = parseIndexes(succeededIndexes ?? "", completions);
  const total = "value" in parsed ? countIndexes(parsed.value) : 0;
  const indexesPath = `${path}.succeededIndexes`;
  return [
    ...when(isEmpty, requiredField(path, "at least one of succeededCount or succeededIndexes must be specified")),
    ...when((succeededIndexes?.length ?? 0) > INDEXES_BYTES_MAX, tooLongField(indexesPath, INDEXES_BYTES_MAX)),
    ...("problem" in parsed
      ? [invalidField(indexesPath, succeededIndexes, `error parsing succeededIndexes: ${parsed.problem}`)]
      : []),
    ...checkNonNegative(`${path}.succeededCount`, succeededCount),
    ...checkAtMost(`${path}.succeededCount`, succeededCount, [completions, "the number of specified completions"]),
    ...(succeededIndexes === undefined
      ? []
      : checkAtMost(`${path}.succeededCount`, succeededCount, [
          total,
          "the number of indexes in the specified succeededIndexes field",
        ])),
  ];
}

function checkAtMost(path: string, value: number | undefined, [max, meaning]: readonly [number, string]): Errors {
  const problem = `must be less than or equal to ${max} (${meaning})`;
  return when(value !== undefined && value > max, invalidField(path, value, problem));
}
