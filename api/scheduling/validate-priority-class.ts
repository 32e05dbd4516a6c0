// Rules for priority classes, from Kubernetes' validation. That only one class is the default needs all others to be known:
// that is for admission to check.

import type { PriorityClass } from "./priority-class.ts";
import { checkUnchanged, when } from "../meta/field-checks.ts";
import { subdomainProblems } from "../meta/names.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { forbiddenField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

/** Above it is the control plane's own. */
export const USER_PRIORITY_MAX = 1_000_000_000;
const SYSTEM_PREFIX = "system-";

/** The classes that every cluster has. */
export const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  "system-node-critical": 2_000_001_000,
  "system-cluster-critical": 2_000_000_000,
};

export function validatePriorityClass(priorityClass: PriorityClass, old?: PriorityClass): FieldError[] {
  const { value, preemptionPolicy } = priorityClass;
  return [
    ...validateMetadata(priorityClass, old, { name: subdomainProblems, scope: "Cluster" }),
    ...(old
      ? [
          ...when(value !== old.value, forbiddenField("value", "may not be changed in an update.")),
          ...checkUnchanged("preemptionPolicy", preemptionPolicy, old.preemptionPolicy),
        ]
      : validateValue(priorityClass)),
  ];
}

function validateValue(priorityClass: PriorityClass): Errors {
  const { metadata, value } = priorityClass;
  if (metadata.name?.startsWith(SYSTEM_PREFIX)) {
    const wrong = findSystemProblem(priorityClass);
    const reserved = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${wrong}`;
    return when(wrong, forbiddenField("metadata.name", reserved));
  }
  const tooHigh = `maximum allowed value of a user defined priority is ${USER_PRIORITY_MAX}`;
  return when(value > USER_PRIORITY_MAX, forbiddenField("value", tooHigh));
}

/** Undefined for a class that every cluster has, as it has to be. */
function findSystemProblem({ metadata: { name }, value, globalDefault }: PriorityClass): string | undefined {
  const wanted = Object.hasOwn(SYSTEM_PRIORITIES, name) ? SYSTEM_PRIORITIES[name] : undefined;
  if (wanted === undefined) return `${name} is not a known system priority class`;
  if (value !== wanted) return `value of ${name} PriorityClass must be ${wanted}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}
