// Rules for roles and cluster roles, from Kubernetes' validation. Whether somebody may give away what the rules allow is
// decided by the authorizer.

import type { ClusterRole } from "./cluster-role.ts";
import type { PolicyRule, Role } from "./role.ts";
import { eachItem, when } from "../meta/field-checks.ts";
import { pathSegmentProblems } from "../meta/names.ts";
import { validateLabelSelector } from "../meta/validate-labels.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validateRole(role: Role, old?: Role): FieldError[] {
  return [
    ...validateMetadata(role, old, { name: pathSegmentProblems }),
    ...eachItem(role.rules, "rules", (rule, at) => [
      ...when(
        rule.nonResourceURLs?.length,
        invalidField(
          `${at}.nonResourceURLs`,
          rule.nonResourceURLs,
          "namespaced rules cannot apply to non-resource URLs",
        ),
      ),
      ...validateRule(rule, at),
    ]),
  ];
}

export function validateClusterRole(role: ClusterRole, old?: ClusterRole): FieldError[] {
  const selectors = role.aggregationRule?.clusterRoleSelectors;
  const path = "aggregationRule.clusterRoleSelectors";
  const detail = "at least one clusterRoleSelector required if aggregationRule is non-nil";
  return [
    ...validateMetadata(role, old, { name: pathSegmentProblems, scope: "Cluster" }),
    ...eachItem(role.rules, "rules", validateRule),
    ...when(role.aggregationRule && !selectors?.length, requiredField(path, detail)),
    ...eachItem(selectors, path, validateLabelSelector),
  ];
}

function validateRule(rule: PolicyRule, path: string): Errors {
  const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule;
  const verbErrors = when(!verbs.length, requiredField(`${path}.verbs`, "verbs must contain at least one value"));
  if (nonResourceURLs?.length) {
    const isMixed = [apiGroups, resources, resourceNames].some((list) => list?.length);
    const problem = "rules cannot apply to both regular resources and non-resource URLs";
    return [...verbErrors, ...when(isMixed, invalidField(`${path}.nonResourceURLs`, nonResourceURLs, problem))];
  }
  return [
    ...verbErrors,
    ...when(
      !apiGroups?.length,
      requiredField(`${path}.apiGroups`, "resource rules must supply at least one api group"),
    ),
    ...when(!resources?.length, requiredField(`${path}.resources`, "resource rules must supply at least one resource")),
  ];
}
