// Rules for what a flow schema selects: who makes a request, and what it wants.

import type { NonResourcePolicyRule, ResourcePolicyRule, ServiceAccountSubject, Subject } from "./flow-schema.ts";
import { checkFormat, checkRequired, eachItem, when } from "../meta/field-checks.ts";
import { labelProblems, subdomainProblems } from "../meta/names.ts";
import {
  forbiddenField,
  invalidField,
  requiredField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const ALL = "*";
/** The field that describes a subject, by the subject's kind. */
const SUBJECT_FIELDS = { ServiceAccount: "serviceAccount", User: "user", Group: "group" } as const;
const SUBJECT_KINDS = ["Group", "ServiceAccount", "User"];
const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];

export function validateSubject(subject: Subject, path: string): Errors {
  const kind = subject.kind as keyof typeof SUBJECT_FIELDS;
  if (!Object.hasOwn(SUBJECT_FIELDS, kind)) return [unsupportedField(`${path}.kind`, kind, SUBJECT_KINDS)];
  const field = SUBJECT_FIELDS[kind];
  const value = subject[field];
  const required = requiredField(`${path}.${field}`, `${field} is required when subject kind is '${kind}'`);
  const others = Object.entries(SUBJECT_FIELDS).filter(([, other]) => other !== field && subject[other]);
  return [
    ...(value ? checkName(value, `${path}.${field}`) : [required]),
    ...others.map(([otherKind, other]) =>
      forbiddenField(`${path}.${other}`, `${other} is forbidden when subject kind is not '${otherKind}'`),
    ),
  ];
}

function checkName(value: { readonly name: string } | ServiceAccountSubject, path: string): Errors {
  const nameErrors = checkRequired(`${path}.name`, value.name);
  if (!("namespace" in value)) return nameErrors;
  return [
    ...nameErrors,
    ...(value.name === ALL ? [] : checkFormat(`${path}.name`, value.name, subdomainProblems)),
    ...checkRequired(`${path}.namespace`, value.namespace, "must specify namespace for service account"),
    ...checkFormat(`${path}.namespace`, value.namespace, labelProblems),
  ];
}

export function validateResourceRule(rule: ResourcePolicyRule, path: string): Errors {
  const { verbs, apiGroups, resources, namespaces = [], clusterScope } = rule;
  return [
    ...validateVerbs(verbs, path),
    ...checkList(apiGroups, `${path}.apiGroups`, {
      empty: "resource rules must supply at least one api group",
      others: "api groups",
    }),
    ...checkList(resources, `${path}.resources`, {
      empty: "resource rules must supply at least one resource",
      others: "resources",
    }),
    ...(namespaces.length > 0 || !clusterScope ? validateNamespaces(namespaces, `${path}.namespaces`) : []),
  ];
}

function validateNamespaces(namespaces: readonly string[], path: string): Errors {
  const listErrors = checkList(namespaces, path, {
    empty: "resource rules that are not cluster scoped must supply at least one namespace",
    others: "namespaces",
  });
  if (namespaces.includes(ALL)) return listErrors;
  const intro = "each member of this list must be '*' or a DNS-1123 label; ";
  const memberErrors = eachItem(namespaces, path, (namespace, at) =>
    labelProblems(namespace).map((problem) => invalidField(at, namespace, intro + problem)),
  );
  return [...listErrors, ...memberErrors];
}

export function validateNonResourceRule({ verbs, nonResourceURLs }: NonResourcePolicyRule, path: string): Errors {
  const at = `${path}.nonResourceURLs`;
  return [
    ...validateVerbs(verbs, path),
    ...checkList(nonResourceURLs, at, {
      empty: "nonResourceURLs must contain at least one value",
      others: "non-resource URLs",
    }),
    ...(nonResourceURLs.includes(ALL) ? [] : eachItem(nonResourceURLs, at, checkUrl)),
  ];
}

function validateVerbs(verbs: readonly string[], path: string): Errors {
  const at = `${path}.verbs`;
  const isUnknown = !verbs.includes(ALL) && verbs.some((verb) => !VERBS.includes(verb));
  return [
    ...checkList(verbs, at, { empty: "verbs must contain at least one value", others: "verbs" }),
    ...when(isUnknown, unsupportedField(at, verbs, VERBS)),
  ];
}

interface ListWords {
  readonly empty: string;
  readonly others: string;
}

function checkList(values: readonly string[], path: string, { empty, others }: ListWords): Errors {
  const isMixed = values.length > 1 && values.includes(ALL);
  return [
    ...when(values.length === 0, requiredField(path, empty)),
    ...when(isMixed, invalidField(path, values, `if '*' is present, must not specify other ${others}`)),
  ];
}

/** The first thing that is wrong with a path such as `/apis/*`. */
function checkUrl(url: string, path: string): Errors {
  const problem = urlProblem(url);
  return problem ? [invalidField(path, url, problem)] : [];
}

function urlProblem(url: string): string | undefined {
  if (url === "") return "must not be empty";
  if (!url.startsWith("/")) return "must start with slash";
  if (url.includes(" ")) return "must not contain white-space";
  if (url.includes("//")) return "must not contain double slash";
  const stars = url.split(ALL).length - 1;
  return stars > 1 || (stars === 1 && !url.endsWith("/*")) ? "wildcard can only do suffix matching" : undefined;
}
