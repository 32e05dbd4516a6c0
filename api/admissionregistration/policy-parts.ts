// The types that admission policies share. Each version of the API has its own, which are the same but for their names.

import { ruleWithOperations } from "./admission-rule.ts";
import { labelSelector } from "../meta/label-selector.ts";
import {
  type Infer,
  atomic,
  completed,
  inlined,
  list,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
} from "../schema/schema.ts";

const strings = list(string(), { listType: "atomic" });

type Version = "v1" | "v1beta1";
const nameIn = (version: Version) => (type: string) => `io.k8s.api.admissionregistration.${version}.${type}`;

function matchingParts(version: Version) {
  const name = nameIn(version);

  const matchCondition = completed(
    object(name("MatchCondition"), "A condition in CEL for a request to be looked at.", {
      name: required(1, string(), "The name of the condition, unique in its list, for messages about it."),
      expression: required(
        2,
        string(),
        "The expression; true means that the request is looked at. It knows object, oldObject, request, authorizer, and in policies params. It is not evaluated yet.",
      ),
    }),
    (draft) => {
      draft.name ??= "";
      draft.expression ??= "";
    },
  );

  const namedRuleWithOperations = completed(
    atomic(
      object(name("NamedRuleWithOperations"), "Selects requests by what they do, their resource and their object.", {
        ...inlined(2, ruleWithOperations),
        resourceNames: optional(1, strings, "The names of the objects; all unless given."),
      }),
    ),
    (draft) => {
      draft.scope ??= "*";
    },
  );

  const rules = list(namedRuleWithOperations, { listType: "atomic" });

  const matchResources = completed(
    atomic(
      object(name("MatchResources"), "Selects requests: those that a rule selects and none excludes.", {
        namespaceSelector: present(
          1,
          labelSelector,
          "Selects the namespaces of the objects by their labels; all unless given. It does not touch what is in no namespace, other than namespaces themselves.",
        ),
        objectSelector: present(
          2,
          labelSelector,
          "Selects the objects by their labels, old or new; all unless given. Who sets the labels decides.",
        ),
        resourceRules: optional(3, rules, "Select the requests: one that matches is enough."),
        excludeResourceRules: optional(4, rules, "Take requests out again that the other rules select."),
        matchPolicy: optional(
          7,
          oneOf("Exact", "Equivalent"),
          "Exact: only the versions in the rules match. Equivalent (the default): the same resource in other versions matches too.",
        ),
      }),
    ),
    (draft) => {
      draft.matchPolicy ??= "Equivalent";
    },
  );

  return { matchCondition, namedRuleWithOperations, matchResources };
}

function parameterParts(version: Version) {
  const name = nameIn(version);

  const paramKind = atomic(
    object(name("ParamKind"), "The kind of the objects that hold a policy's parameters.", {
      apiVersion: optional(1, string(), "The group and version of the kind. Required."),
      kind: optional(2, string(), "The kind. Required."),
    }),
  );

  const variable = completed(
    atomic(
      object(name("Variable"), "A value that later expressions know as variables.NAME.", {
        name: required(1, string(), "The name, an identifier of CEL."),
        expression: required(2, string(), "The expression for the value; it knows the variables before it."),
      }),
    ),
    (draft) => {
      draft.name ??= "";
      draft.expression ??= "";
    },
  );

  const paramRef = completed(
    atomic(
      object(name("ParamRef"), "Names the objects that hold the parameters: by name or by labels, one of them.", {
        name: optional(1, string(), "The name of the object."),
        namespace: optional(
          2,
          string(),
          "The namespace of the objects; that of the request unless given. Must be absent for kinds outside of namespaces.",
        ),
        selector: optional(3, labelSelector, "Selects the objects by their labels; each is tried."),
        parameterNotFoundAction: optional(
          4,
          oneOf("Allow", "Deny"),
          "What happens where no object is found: Allow passes the request, Deny (the default) does as failurePolicy says.",
        ),
      }),
    ),
    (draft) => {
      draft.parameterNotFoundAction ??= "Deny";
    },
  );

  return { paramKind, variable, paramRef };
}

export const policyParts = (version: Version) => ({ ...matchingParts(version), ...parameterParts(version) });

export const { matchCondition, paramKind, matchResources, variable, paramRef, namedRuleWithOperations } =
  policyParts("v1");
export interface MatchCondition extends Infer<typeof matchCondition> {}
export interface ParamKind extends Infer<typeof paramKind> {}
export interface NamedRuleWithOperations extends Infer<typeof namedRuleWithOperations> {}
export interface MatchResources extends Infer<typeof matchResources> {}
export interface Variable extends Infer<typeof variable> {}
export interface ParamRef extends Infer<typeof paramRef> {}
