// Rules for what admission webhooks and policies match, from Kubernetes' validation. Expressions in CEL are checked for what
// can be said without knowing the language.

import type { Rule, RuleWithOperations } from "./admission-rule.ts";
import type { MatchCondition } from "./policy-parts.ts";
import { checkFormat, checkRequired, eachItem, when } from "../meta/field-checks.ts";
import { qualifiedNameProblems } from "../meta/label-syntax.ts";
import { duplicateField, invalidField, requiredField, tooManyField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const CONDITIONS_MAX = 64;

export function validateRule({ operations = [], ...rule }: RuleWithOperations, path: string): Errors {
  return [
    ...checkWildcard(operations, `${path}.operations`, "operations"),
    ...checkWildcard(rule.apiGroups, `${path}.apiGroups`, "API groups"),
    ...checkWildcard(rule.apiVersions, `${path}.apiVersions`, "API versions"),
    ...eachItem(rule.apiVersions, `${path}.apiVersions`, (version, at) => checkRequired(at, version)),
    ...validateResources(rule, `${path}.resources`),
  ];
}

/** At least one item, and nothing besides the one that means all. */
function checkWildcard(items: readonly string[] | undefined, path: string, what: string): Errors {
  if (!items?.length) return [requiredField(path)];
  return when(
    items.length > 1 && items.includes("*"),
    invalidField(path, items, `if '*' is present, must not specify other ${what}`),
  );
}

function validateResources({ resources = [] }: Rule, path: string): Errors {
  const plain = resources.filter((each) => !each.includes("/"));
  const hasOther = plain.some((each) => each !== "*");
  const allOf = new Set<string>();
  return [
    ...when(resources.length === 0, requiredField(path)),
    ...eachItem(resources, path, (text, at) => [...checkRequired(at, text), ...checkCovered(text, at, allOf)]),
    ...when(
      resources.length > 1 && resources.includes("*/*"),
      invalidField(path, resources, "if '*/*' is present, must not specify other resources"),
    ),
    ...when(
      resources.includes("*") && hasOther,
      invalidField(path, resources, "if '*' is present, must not specify other resources without subresources"),
    ),
  ];
}

/** What an earlier item with a star covers must not follow. `allOf` collects those items. */
function checkCovered(text: string, path: string, allOf: Set<string>): Errors {
  const slash = text.indexOf("/");
  if (slash < 0) return [];
  const [resource, subresource] = [text.slice(0, slash), text.slice(slash + 1)];
  const covering = [`${resource}/*`, `*/${subresource}`].filter((each) => allOf.has(each));
  if (resource === "*" || subresource === "*") allOf.add(text);
  return [...new Set(covering)].map((each) =>
    invalidField(path, text, `if '${each}' is present, must not specify ${text}`),
  );
}

export function validateMatchConditions(conditions: readonly MatchCondition[] | undefined, path: string): Errors {
  const names = (conditions ?? []).map(({ name }) => name);
  return [
    ...when(names.length > CONDITIONS_MAX, tooManyField(path, names.length, CONDITIONS_MAX)),
    ...eachItem(conditions, path, ({ name, expression }, at, index) => [
      ...checkRequired(`${at}.expression`, expression.trim()),
      ...checkRequired(`${at}.name`, name),
      ...checkFormat(`${at}.name`, name, qualifiedNameProblems),
      ...when(name && names.indexOf(name) < index, duplicateField(`${at}.name`, name)),
    ]),
  ];
}
