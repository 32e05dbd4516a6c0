// Rules for which requests an admission policy or its binding is about, from Kubernetes' validation.

import type { MatchResources, NamedRuleWithOperations } from "./policy-parts.ts";
import { validateRule } from "./validate-admission-rule.ts";
import { eachItem, when } from "../meta/field-checks.ts";
import { pathSegmentProblems } from "../meta/names.ts";
import { validateLabelSelector } from "../meta/validate-labels.ts";
import { duplicateField, invalidField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validateMatchResources(match: MatchResources, path: string): Errors {
  return [
    ...validateLabelSelector(match.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(match.objectSelector, `${path}.objectSelector`),
    ...eachItem(match.resourceRules, `${path}.resourceRules`, validateNamedRule),
    ...eachItem(match.excludeResourceRules, `${path}.excludeResourceRules`, validateNamedRule),
  ];
}

function validateNamedRule(rule: NamedRuleWithOperations, path: string): Errors {
  const { resourceNames = [] } = rule;
  return [
    ...eachItem(resourceNames, `${path}.resourceNames`, (name, at, index) => [
      ...pathSegmentProblems(name).map((problem) => invalidField(at, name, problem)),
      ...when(resourceNames.indexOf(name) < index, duplicateField(at, name)),
    ]),
    ...validateRule(rule, path),
  ];
}
