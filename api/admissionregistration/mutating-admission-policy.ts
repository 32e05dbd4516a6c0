// MutatingAdmissionPolicy, a beta of Kubernetes 1.34 that is off unless asked for: expressions in CEL that change what is
// written. Its rules are in validate-admission-policy.ts. Policies are not evaluated yet.

import { renderParamKind } from "./policy-columns.ts";
import { policyParts } from "./policy-parts.ts";
import { validateMutatingAdmissionPolicy } from "./validate-admission-policy.ts";
import { withGeneration } from "../meta/generation.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  completed,
  list,
  listMap,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
} from "../schema/schema.ts";

const { matchCondition, matchResources, paramKind, variable } = policyParts("v1beta1");

export const applyConfiguration = object(
  "io.k8s.api.admissionregistration.v1beta1.ApplyConfiguration",
  "A change in the form of a configuration to apply.",
  {
    expression: optional(
      1,
      string(),
      "The expression in CEL for the configuration, such as Object{spec: Object.spec{replicas: 1}}. Required.",
    ),
  },
);
export interface ApplyConfiguration extends Infer<typeof applyConfiguration> {}

export const jsonPatch = object("io.k8s.api.admissionregistration.v1beta1.JSONPatch", "A change as a JSON patch.", {
  expression: optional(
    1,
    string(),
    'The expression in CEL for the list of operations, such as [JSONPatch{op: "remove", path: "/spec/a"}]. Required.',
  ),
});
export interface JSONPatch extends Infer<typeof jsonPatch> {}

export const mutation = completed(
  object("io.k8s.api.admissionregistration.v1beta1.Mutation", "A change that a policy makes.", {
    patchType: required(2, string(), "The form of the change: ApplyConfiguration or JSONPatch."),
    applyConfiguration: optional(3, applyConfiguration, "The change, for the type ApplyConfiguration."),
    jsonPatch: optional(4, jsonPatch, "The change, for the type JSONPatch."),
  }),
  (draft) => {
    // What is missing is reported by the kind's own rules.
    draft.patchType ??= "";
  },
);
export interface Mutation extends Infer<typeof mutation> {}

export const mutatingAdmissionPolicySpec = completed(
  object(
    "io.k8s.api.admissionregistration.v1beta1.MutatingAdmissionPolicySpec",
    "What requests a policy is about, and what it changes.",
    {
      paramKind: optional(1, paramKind, "The kind of the parameters, for policies that have some."),
      matchConstraints: optional(2, matchResources, "Which requests the policy is about. Required, with a rule."),
      variables: optional(
        3,
        list(variable, { listType: "atomic" }),
        "Values that the other expressions use, each evaluated when it is needed.",
      ),
      mutations: optional(4, list(mutation, { listType: "atomic" }), "The changes, made in this order. Required."),
      failurePolicy: optional(
        5,
        oneOf("Ignore", "Fail"),
        "What happens where the policy cannot be evaluated: Fail (the default) refuses the request, Ignore lets it pass.",
      ),
      matchConditions: optional(
        6,
        listMap(matchCondition, ["name"], { mergeKey: "name", strategy: "merge" }),
        "Conditions in CEL, at most 64, that must all hold for a request to be looked at.",
      ),
      reinvocationPolicy: optional(
        7,
        oneOf("Never", "IfNeeded"),
        "Whether the policy has its turn again after others have changed the object: Never, or IfNeeded. Required.",
      ),
    },
  ),
  (draft) => {
    draft.failurePolicy ??= "Fail";
  },
);
export interface MutatingAdmissionPolicySpec extends Infer<typeof mutatingAdmissionPolicySpec> {}

export const mutatingAdmissionPolicy = kubeObject(
  "io.k8s.api.admissionregistration.v1beta1.MutatingAdmissionPolicy",
  "Changes what is written. It has an effect where a binding refers to it.",
  {
    spec: present(2, mutatingAdmissionPolicySpec, "Which requests, and what is changed."),
  },
);
export interface MutatingAdmissionPolicy extends Infer<typeof mutatingAdmissionPolicy> {}

export const mutatingAdmissionPolicies: ResourceDefinition<MutatingAdmissionPolicy> = {
  group: "admissionregistration.k8s.io",
  version: "v1beta1",
  kind: "MutatingAdmissionPolicy",
  plural: "mutatingadmissionpolicies",
  categories: ["api-extensions"],
  scope: "Cluster",
  schema: mutatingAdmissionPolicy,
  validate: validateMutatingAdmissionPolicy,
  columns: [
    nameColumn,
    column(
      "Mutations",
      { type: "integer", description: "How many changes there are." },
      ({ spec }) => spec.mutations?.length ?? 0,
    ),
    column("ParamKind", { description: "The kind of the parameters." }, ({ spec }) => renderParamKind(spec.paramKind)),
    ageColumn,
  ],
  prepare: (policy, old) => withGeneration(policy, old, ({ spec }) => spec),
};
