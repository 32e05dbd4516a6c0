// Rules for jobs and for the templates of jobs, from Kubernetes' validation of the batch group.

import {
  CONTROLLER_UID_LABEL,
  JOB_NAME_LABEL,
  LEGACY_CONTROLLER_UID_LABEL,
  LEGACY_JOB_NAME_LABEL,
} from "./job-strategy.ts";
import type { Job, JobSpec } from "./job.ts";
import { validateJobChange } from "./validate-job-change.ts";
import { validateJobPolicies } from "./validate-job-policies.ts";
import { validateJobStatus } from "./validate-job-status.ts";
import { checkSelected, validatePodTemplate } from "../core/validate-pod-template.ts";
import { checkFormat, checkNonNegative, when } from "../meta/field-checks.ts";
import { labelProblems, subdomainProblems } from "../meta/names.ts";
import { matchesSelector, selectorOf } from "../meta/selector.ts";
import { validateLabelSelector } from "../meta/validate-labels.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField, requiredField, tooLongField, unsupportedField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const PARALLELISM_MAX = 100_000;
const FAILED_INDEXES_MAX = 100_000;
/** Above this many completions, jobs with limits for each index may do less at a time. */
const MANY_COMPLETIONS = 100_000;
const PARALLELISM_OF_MANY_MAX = 10_000;
const FAILED_INDEXES_OF_MANY_MAX = 10_000;
const MANAGER_BYTES_MAX = 63;

export function validateJob(job: Job, old?: Job): FieldError[] {
  const { selector, template } = job.spec;
  return [
    ...validateMetadata(job, old, { name: subdomainProblems }),
    ...validateGeneratedSelector(job, old),
    ...validateJobSpec(job.spec, "spec"),
    ...(selector ? validateLabelSelector(selector, "spec.selector") : [requiredField("spec.selector")]),
    ...(selector ? checkSelected(selector, template, "spec.template") : []),
    ...validateHostNames(job),
    ...(old ? validateJobChange(job, old) : []),
    ...validateJobStatus(job, old),
  ];
}

/** Jobs from before the labels had a prefix do without. */
function validateGeneratedSelector({ metadata, spec }: Job, old: Job | undefined): Errors {
  const { name, uid } = metadata;
  if (spec.manualSelector || !spec.selector) return [];
  const oldLabels = old?.spec.template.metadata?.labels ?? {};
  const isPrefixed = !old || (JOB_NAME_LABEL in oldLabels && CONTROLLER_UID_LABEL in oldLabels);
  const expected = {
    [LEGACY_CONTROLLER_UID_LABEL]: uid,
    [LEGACY_JOB_NAME_LABEL]: name,
    ...(isPrefixed && { [CONTROLLER_UID_LABEL]: uid, [JOB_NAME_LABEL]: name }),
  };
  const path = "spec.template.metadata.labels";
  const labels = spec.template.metadata?.labels ?? {};
  const isSelectorBad = validateLabelSelector(spec.selector, "").length > 0;
  const misses = !isSelectorBad && !matchesSelector(selectorOf(spec.selector), expected);
  return [
    ...Object.entries(expected).flatMap(([key, value]) => {
      const actual = Object.hasOwn(labels, key) ? labels[key] : undefined;
      if (actual === undefined) return [requiredField(`${path}[${key}]`, `must be '${value}'`)];
      return when(actual !== value, invalidField(`${path}[${key}]`, labels, `must be '${value}'`));
    }),
    ...when(misses, invalidField("spec.selector", spec.selector, "`selector` not auto-generated")),
  ];
}

/** Pods of indexed jobs are called after the job and their index. */
function validateHostNames({ metadata: { name }, spec: { completionMode, completions = 0 } }: Job): Errors {
  if (completionMode !== "Indexed" || completions <= 0) return [];
  const longest = `${name}-${completions - 1}`;
  const problem = `will not able to create pod with invalid DNS label: ${longest}`;
  return when(labelProblems(longest).length > 0, invalidField("metadata.name", name, problem));
}

const COUNTS = [
  "parallelism",
  "completions",
  "activeDeadlineSeconds",
  "backoffLimit",
  "ttlSecondsAfterFinished",
  "backoffLimitPerIndex",
  "maxFailedIndexes",
] as const;

/** What holds in a job and in a cron job's template of one. */
export function validateJobSpec(spec: JobSpec, path: string): Errors {
  const { backoffLimitPerIndex, maxFailedIndexes, managedBy, template } = spec;
  const needsLimit = maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined;
  return [
    ...COUNTS.flatMap((name) => checkNonNegative(`${path}.${name}`, spec[name])),
    ...when(needsLimit, requiredField(`${path}.backoffLimitPerIndex`, "when maxFailedIndexes is specified")),
    ...(managedBy === undefined ? [] : checkManager(managedBy, `${path}.managedBy`)),
    ...validateMode(spec, path),
    ...validateJobPolicies(spec, path),
    ...validatePodTemplate(template, `${path}.template`),
    ...checkRestartPolicy(spec, `${path}.template.spec.restartPolicy`),
  ];
}

const MODES = ["NonIndexed", "Indexed"];

function validateMode(spec: JobSpec, path: string): Errors {
  const { completionMode = "NonIndexed" } = spec;
  if (!MODES.includes(completionMode)) return [unsupportedField(`${path}.completionMode`, completionMode, MODES)];
  return completionMode === "Indexed" ? validateIndexed(spec, path) : validateNonIndexed(spec, path);
}

function checkManager(managedBy: string, path: string): Errors {
  return [
    ...checkDomainPrefixedPath(managedBy, path),
    ...when(Buffer.byteLength(managedBy) > MANAGER_BYTES_MAX, tooLongField(path, MANAGER_BYTES_MAX)),
  ];
}

const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

function checkDomainPrefixedPath(value: string, path: string): Errors {
  if (value === "") return [requiredField(path)];
  const slash = value.indexOf("/");
  const [domain, rest] = [value.slice(0, slash), value.slice(slash + 1)];
  if (slash <= 0 || rest === "") {
    return [invalidField(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  const isPath = new RegExp(`^${HTTP_PATH}$`).test(rest);
  return [
    ...checkFormat(path, domain, subdomainProblems),
    ...when(!isPath, invalidField(path, rest, `Invalid path (regex used for validation is '${HTTP_PATH}')`)),
  ];
}

function validateIndexed(spec: JobSpec, path: string): Errors {
  const { completions, parallelism = 0, maxFailedIndexes = 0 } = spec;
  const isWide = parallelism > PARALLELISM_MAX;
  const wide = `must be less than or equal to ${PARALLELISM_MAX} when completion mode is Indexed`;
  const failedPath = `${path}.maxFailedIndexes`;
  const isMoreThanAll = completions !== undefined && maxFailedIndexes > completions;
  return [
    ...when(completions === undefined, requiredField(`${path}.completions`, "when completion mode is Indexed")),
    ...when(isWide, invalidField(`${path}.parallelism`, parallelism, wide)),
    ...when(isMoreThanAll, invalidField(failedPath, maxFailedIndexes, "must be less than or equal to completions")),
    ...when(
      maxFailedIndexes > FAILED_INDEXES_MAX,
      invalidField(failedPath, maxFailedIndexes, `must be less than or equal to ${FAILED_INDEXES_MAX}`),
    ),
    ...validateManyIndexes(spec, path),
  ];
}

function validateManyIndexes(spec: JobSpec, path: string): Errors {
  const { completions = 0, parallelism = 0, maxFailedIndexes, backoffLimitPerIndex } = spec;
  if (completions <= MANY_COMPLETIONS || backoffLimitPerIndex === undefined) return [];
  const missing = `must be specified when completions is above ${MANY_COMPLETIONS}`;
  const atMost = (max: number) =>
    `must be less than or equal to ${max} when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  return [
    ...when(maxFailedIndexes === undefined, requiredField(`${path}.maxFailedIndexes`, missing)),
    ...when(
      parallelism > PARALLELISM_OF_MANY_MAX,
      invalidField(`${path}.parallelism`, parallelism, atMost(PARALLELISM_OF_MANY_MAX)),
    ),
    ...when(
      (maxFailedIndexes ?? 0) > FAILED_INDEXES_OF_MANY_MAX,
      invalidField(`${path}.maxFailedIndexes`, maxFailedIndexes, atMost(FAILED_INDEXES_OF_MANY_MAX)),
    ),
  ];
}

const validateNonIndexed = (spec: JobSpec, path: string): Errors =>
  (["backoffLimitPerIndex", "maxFailedIndexes"] as const)
    .filter((name) => spec[name] !== undefined)
    .map((name) => invalidField(`${path}.${name}`, spec[name], "requires indexed completion mode"));

function checkRestartPolicy({ template, podFailurePolicy }: JobSpec, path: string): Errors {
  const { restartPolicy } = template.spec;
  if (restartPolicy === "Always") return [requiredField(path, 'valid values: "OnFailure", "Never"')];
  const problem = 'only "Never" is supported when podFailurePolicy is specified';
  return when(podFailurePolicy && restartPolicy !== "Never", invalidField(path, restartPolicy, problem));
}
