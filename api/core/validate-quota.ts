// Rules for resource quotas, from Kubernetes' validation.

import { checkQuotaResourceName, isQuotaResource } from "./resource-names.ts";
import type { ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement } from "./resource-quota.ts";
import { validateAmount } from "./validate-resources.ts";
import { when } from "../meta/field-checks.ts";
import { subdomainProblems } from "../meta/names.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validateResourceQuota(quota: ResourceQuota, old?: ResourceQuota): FieldError[] {
  const { spec, status } = quota;
  return [
    ...validateMetadata(quota, old, { name: subdomainProblems }),
    ...validateAmounts(spec.hard, "spec.hard"),
    ...validateScopes(spec),
    ...validateScopeSelector(spec),
    ...validateAmounts(status.hard, "status.hard"),
    ...validateAmounts(status.used, "status.used"),
    ...(old ? checkSameScopes(spec.scopes, old.spec.scopes) : []),
  ];
}

const validateAmounts = (amounts: Readonly<Record<string, string>> | undefined, path: string): Errors =>
  Object.entries(amounts ?? {}).flatMap(([name, amount]) => [
    ...checkQuotaResourceName(`${path}[${name}]`, name),
    ...validateAmount(name, amount, `${path}[${name}]`),
  ]);

const COMPUTE = new Set(["cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"]);
const OF_PODS = (name: string) => name === "pods" || COMPUTE.has(name);

/** What a quota with the scope may limit: all scopes are about pods, and pods that ask for nothing can only be counted. */
const SCOPES: Readonly<Record<string, (resource: string) => boolean>> = {
  Terminating: OF_PODS,
  NotTerminating: OF_PODS,
  BestEffort: (name) => name === "pods",
  NotBestEffort: OF_PODS,
  PriorityClass: OF_PODS,
  CrossNamespacePodAffinity: OF_PODS,
};
const CONFLICTS = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
];

const isScope = (scope: string) => Object.hasOwn(SCOPES, scope);

function unfitResources({ hard = {} }: ResourceQuotaSpec, scope: string): readonly string[] {
  const fits = isScope(scope) ? SCOPES[scope] : undefined;
  return Object.keys(hard).filter((name) => isQuotaResource(name) && fits?.(name) === false);
}

const conflict = (scopes: readonly string[]) => CONFLICTS.filter((pair) => pair.every((each) => scopes.includes(each)));

function validateScopes(spec: ResourceQuotaSpec): Errors {
  const { scopes = [] } = spec;
  const refuse = (problem: string) => invalidField("spec.scopes", scopes, problem);
  return [
    ...scopes.flatMap((scope) => [
      ...when(!isScope(scope), refuse("unsupported scope")),
      ...unfitResources(spec, scope).map(() => refuse("unsupported scope applied to resource")),
    ]),
    ...conflict(scopes).map(() => refuse("conflicting scopes")),
  ];
}

function validateScopeSelector(spec: ResourceQuotaSpec): Errors {
  const { scopeSelector } = spec;
  const path = "spec.scopeSelector.matchExpressions";
  const expressions = scopeSelector?.matchExpressions ?? [];
  const scopes = expressions.map(({ scopeName }) => scopeName);
  return [
    ...expressions.flatMap((expression) => [
      ...when(
        !isScope(expression.scopeName),
        invalidField(`${path}.scopeName`, expression.scopeName, "unsupported scope"),
      ),
      ...unfitResources(spec, expression.scopeName).map(() =>
        invalidField(path, scopeSelector, "unsupported scope applied to resource"),
      ),
      ...validateRequirement(expression, path),
    ]),
    ...conflict(scopes).map(() => invalidField(path, spec.scopes, "conflicting scopes")),
  ];
}

const ONLY_EXISTS =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

function validateRequirement(requirement: ScopedResourceSelectorRequirement, path: string): Errors {
  const { scopeName, operator, values = [] } = requirement;
  const hasNoValues = isScope(scopeName) && scopeName !== "PriorityClass";
  return [
    ...when(hasNoValues && operator !== "Exists", invalidField(`${path}.operator`, operator, ONLY_EXISTS)),
    ...validateValues(operator, values, path),
  ];
}

function validateValues(operator: string, values: readonly string[], path: string): Errors {
  switch (operator) {
    case "In":
    case "NotIn": {
      const none = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
      return when(values.length === 0, requiredField(`${path}.values`, none));
    }
    case "Exists":
    case "DoesNotExist": {
      const some = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
      return when(values.length > 0, invalidField(`${path}.values`, values, some));
    }
    default:
      return [invalidField(`${path}.operator`, operator, "not a valid selector operator")];
  }
}

/** Their order does not matter. */
function checkSameScopes(scopes: readonly string[] = [], old: readonly string[] = []): Errors {
  const isSame = scopes.every((scope) => old.includes(scope)) && old.every((scope) => scopes.includes(scope));
  return when(!isSame, invalidField("spec.scopes", scopes, "field is immutable"));
}
