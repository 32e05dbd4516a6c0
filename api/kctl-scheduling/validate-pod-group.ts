// Rules for pod groups.

import type { PodGroup } from "./pod-group.ts";
import { checkFormat, checkNonNegative, when } from "../meta/field-checks.ts";
import { labelValueProblems } from "../meta/label-syntax.ts";
import { subdomainProblems } from "../meta/names.ts";
import { validateConditions } from "../meta/validate-conditions.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField, type FieldError } from "../schema/field-error.ts";

const COUNTS = ["members", "scheduled", "running", "succeeded", "failed"] as const;

/** Names must fit into the label by which pods join. */
const groupNameProblems = (name: string) => [...subdomainProblems(name), ...labelValueProblems(name)];

export function validatePodGroup(group: PodGroup, old?: PodGroup): FieldError[] {
  const { spec, status } = group;
  const { minMember, maxMember, scheduleTimeoutSeconds } = spec;
  const isBelow = maxMember !== undefined && maxMember < minMember;
  return [
    ...validateMetadata(group, old, { name: groupNameProblems }),
    ...checkPositive("spec.minMember", minMember),
    ...when(isBelow, invalidField("spec.maxMember", maxMember, `must be at least minMember (${minMember})`)),
    ...checkPositive("spec.scheduleTimeoutSeconds", scheduleTimeoutSeconds),
    ...checkFormat("spec.queue", spec.queue, subdomainProblems),
    ...validateConditions(status.conditions, "status.conditions"),
    ...COUNTS.flatMap((name) => checkNonNegative(`status.${name}`, status[name])),
  ];
}

const checkPositive = (path: string, value: number | undefined) =>
  when(value !== undefined && value < 1, invalidField(path, value, "must be greater than 0"));
