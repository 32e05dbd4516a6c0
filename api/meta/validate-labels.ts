// Rules for labels and for the selectors that look for them.

import { checkFormat, eachItem, when } from "./field-checks.ts";
import { labelValueProblems, qualifiedNameProblems } from "./label-syntax.ts";
import type { LabelSelector, LabelSelectorRequirement } from "./label-selector.ts";
import { ERRORS_MAX, forbiddenField, invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validateLabels(labels: Readonly<Record<string, string>> | undefined, path: string): Errors {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (errors.length > ERRORS_MAX) break;
    for (const problem of qualifiedNameProblems(key)) errors.push(invalidField(path, key, problem));
    for (const problem of labelValueProblems(value)) errors.push(invalidField(path, value, problem));
  }
  return errors;
}

export function validateLabelSelector(selector: LabelSelector | undefined, path: string): Errors {
  return [
    ...validateLabels(selector?.matchLabels, `${path}.matchLabels`),
    ...eachItem(selector?.matchExpressions, `${path}.matchExpressions`, validateRequirement),
  ];
}

export function validateRequirement({ key, operator, values = [] }: LabelSelectorRequirement, path: string): Errors {
  const wantsValues = operator === "In" || operator === "NotIn";
  return [
    ...when(
      wantsValues && values.length === 0,
      requiredField(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"),
    ),
    ...when(
      !wantsValues && values.length > 0,
      forbiddenField(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
    ),
    ...checkFormat(`${path}.key`, key, qualifiedNameProblems),
    ...eachItem(values, `${path}.values`, (value, at) => checkFormat(at, value, labelValueProblems)),
  ];
}
