// Rules for tolerations, taints and topology spread constraints, from Kubernetes' pod and node validation.

import type { Toleration, TopologySpreadConstraint } from "./affinity.ts";
import type { Taint } from "./node.ts";
import { checkFormat, checkRequired, checkRequiredFormat, eachItem, when } from "../meta/field-checks.ts";
import { labelValueProblems, qualifiedNameProblems } from "../meta/label-syntax.ts";
import { validateLabelSelector } from "../meta/validate-labels.ts";
import { duplicateField, invalidField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validateToleration(toleration: Toleration, path: string): Errors {
  const { key, operator, value = "", effect, tolerationSeconds } = toleration;
  const isExists = operator === "Exists";
  return [
    ...checkFormat(`${path}.key`, key, qualifiedNameProblems),
    ...when(
      !key && !isExists,
      invalidField(
        `${path}.operator`,
        operator ?? "",
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    ),
    ...when(
      tolerationSeconds !== undefined && effect !== "NoExecute",
      invalidField(`${path}.effect`, effect ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set"),
    ),
    ...when(
      isExists && value,
      invalidField(`${path}.operator`, toleration, "value must be empty when `operator` is 'Exists'"),
    ),
    ...(isExists ? [] : validateTolerationValue(value, `${path}.operator`)),
  ];
}

function validateTolerationValue(value: string, path: string): Errors {
  const problems = labelValueProblems(value);
  return when(problems.length > 0, invalidField(path, value, problems.join(";")));
}

export function validateTaints(taints: readonly Taint[] | undefined, path: string): Errors {
  const seen = new Set<string>();
  return eachItem(taints, path, (taint, at) => {
    const { key, value, effect } = taint;
    const pair = JSON.stringify([key, effect]);
    const isTaken = seen.has(pair);
    seen.add(pair);
    const { reason, message } = duplicateField(at, taint);
    return [
      ...checkRequiredFormat(`${at}.key`, key, qualifiedNameProblems),
      ...checkFormat(`${at}.value`, value, labelValueProblems),
      ...when(isTaken, { reason, path: at, message: `${message}: taints must be unique by key and effect pair` }),
    ];
  });
}

export function validateSpreadConstraints(
  constraints: readonly TopologySpreadConstraint[] | undefined,
  path: string,
): Errors {
  const seen = new Set<string>();
  return eachItem(constraints, path, (constraint, at) => {
    const { topologyKey, whenUnsatisfiable, maxSkew, labelSelector } = constraint;
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
    const isTaken = seen.has(pair);
    seen.add(pair);
    return [
      ...when(maxSkew <= 0, invalidField(`${at}.maxSkew`, maxSkew, "must be greater than zero")),
      ...checkRequired(`${at}.topologyKey`, topologyKey, "can not be empty"),
      ...checkFormat(`${at}.topologyKey`, topologyKey, qualifiedNameProblems),
      ...when(isTaken, duplicateField(`${at}.{topologyKey, whenUnsatisfiable}`, pair)),
      ...validateMinDomains(constraint, at),
      ...validateLabelSelector(labelSelector, `${at}.labelSelector`),
    ];
  });
}

function validateMinDomains({ minDomains, whenUnsatisfiable }: TopologySpreadConstraint, path: string): Errors {
  const hard = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
  return [
    ...when(
      minDomains !== undefined && minDomains <= 0,
      invalidField(`${path}.minDomains`, minDomains, "must be greater than 0"),
    ),
    ...when(
      minDomains !== undefined && whenUnsatisfiable !== "DoNotSchedule",
      invalidField(`${path}.minDomains`, minDomains, hard),
    ),
  ];
}
