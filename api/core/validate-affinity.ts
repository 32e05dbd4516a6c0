// Rules for where a pod may and should run, from Kubernetes' pod validation.

import type {
  Affinity,
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
} from "./affinity.ts";
import { checkFormat, checkRequired, eachItem, when } from "../meta/field-checks.ts";
import { qualifiedNameProblems } from "../meta/label-syntax.ts";
import { labelProblems } from "../meta/names.ts";
import { validateLabelSelector } from "../meta/validate-labels.ts";
import { forbiddenField, invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

export function validateAffinity(affinity: Affinity | undefined, path: string): Errors {
  return [
    ...validateNodeAffinity(affinity?.nodeAffinity, `${path}.nodeAffinity`),
    ...validatePodAffinity(affinity?.podAffinity, `${path}.podAffinity`),
    ...validatePodAffinity(affinity?.podAntiAffinity, `${path}.podAntiAffinity`),
  ];
}

export function validateNodeAffinity(affinity: NodeAffinity | undefined, path: string): Errors {
  const required = affinity?.[REQUIRED];
  return [
    ...(required ? validateNodeSelector(required, `${path}.${REQUIRED}`) : []),
    ...eachItem(affinity?.[PREFERRED], `${path}.${PREFERRED}`, ({ weight, preference }, at) => [
      ...checkWeight(weight, at),
      ...validateTerm(preference ?? {}, `${at}.preference`),
    ]),
  ];
}

export function validateNodeSelector({ nodeSelectorTerms }: NodeSelector, path: string): Errors {
  const terms = `${path}.nodeSelectorTerms`;
  return [
    ...when(!nodeSelectorTerms?.length, requiredField(terms, "must have at least one node selector term")),
    ...eachItem(nodeSelectorTerms, terms, validateTerm),
  ];
}

const checkWeight = (weight: number, path: string): Errors =>
  when(weight < 1 || weight > 100, invalidField(`${path}.weight`, weight, "must be in the range 1-100"));

function validateTerm({ matchExpressions, matchFields }: NodeSelectorTerm, path: string): Errors {
  return [
    ...eachItem(matchExpressions, `${path}.matchExpressions`, validateRequirement),
    ...eachItem(matchFields, `${path}.matchFields`, validateFieldRequirement),
  ];
}

function validateRequirement({ key, operator, values = [] }: NodeSelectorRequirement, path: string): Errors {
  return [
    ...validateValueCount(operator, values.length, `${path}.values`),
    ...checkFormat(`${path}.key`, key, qualifiedNameProblems),
  ];
}

function validateValueCount(operator: NodeSelectorRequirement["operator"], count: number, path: string): Errors {
  switch (operator) {
    case "In":
    case "NotIn":
      return when(count === 0, requiredField(path, "must be specified when `operator` is 'In' or 'NotIn'"));
    case "Exists":
    case "DoesNotExist":
      return when(
        count > 0,
        forbiddenField(path, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
      );
    case "Gt":
    case "Lt":
      return when(count !== 1, requiredField(path, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
    default:
      return [];
  }
}

function validateFieldRequirement({ key, operator, values = [] }: NodeSelectorRequirement, path: string): Errors {
  const isSet = operator === "In" || operator === "NotIn";
  const one = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
  return [
    ...when(isSet && values.length !== 1, requiredField(`${path}.values`, one)),
    ...when(!isSet, invalidField(`${path}.operator`, operator, "not a valid selector operator")),
    ...when(key !== "metadata.name", invalidField(`${path}.key`, key, "not a valid field selector key")),
  ];
}

function validatePodAffinity(affinity: PodAffinity | undefined, path: string): Errors {
  return [
    ...eachItem(affinity?.[REQUIRED], `${path}.${REQUIRED}`, validatePodTerm),
    ...eachItem(affinity?.[PREFERRED], `${path}.${PREFERRED}`, ({ weight, podAffinityTerm }, at) => [
      ...checkWeight(weight, at),
      ...(podAffinityTerm ? validatePodTerm(podAffinityTerm, `${at}.podAffinityTerm`) : []),
    ]),
  ];
}

function validatePodTerm(term: PodAffinityTerm, path: string): Errors {
  const { labelSelector, namespaceSelector, namespaces, topologyKey } = term;
  return [
    ...validateLabelSelector(labelSelector, `${path}.labelSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...eachItem(namespaces, `${path}.namespaces`, (name, at) => checkFormat(at, name, labelProblems)),
    ...checkRequired(`${path}.topologyKey`, topologyKey, "can not be empty"),
    ...checkFormat(`${path}.topologyKey`, topologyKey, qualifiedNameProblems),
  ];
}
