// HEADER: say what ValidatingAdmissionPolicy is and what it must never do.

import { matchCondition, ruleWithOperations } from "./mutating-webhook-configuration.ts";
import { condition } from "../meta/condition.ts";
import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  atomic,
  inlined,
  int64,
  list,
  listMap,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
} from "../schema/schema.ts";

export const paramKind = atomic(
  object("io.k8s.api.admissionregistration.v1.ParamKind", "", {
    apiVersion: optional(1, string(), ""),
    kind: optional(2, string(), ""),
  }),
);
export interface ParamKind extends Infer<typeof paramKind> {}

export const namedRuleWithOperations = atomic(
  object("io.k8s.api.admissionregistration.v1.NamedRuleWithOperations", "", {
    ...inlined(2, ruleWithOperations),
    resourceNames: optional(1, list(string(), { listType: "atomic" }), ""),
  }),
);
export interface NamedRuleWithOperations extends Infer<typeof namedRuleWithOperations> {}

export const matchResources = atomic(
  object("io.k8s.api.admissionregistration.v1.MatchResources", "", {
    namespaceSelector: optional(1, labelSelector, ""),
    objectSelector: optional(2, labelSelector, ""),
    resourceRules: optional(3, list(namedRuleWithOperations, { listType: "atomic" }), ""),
    excludeResourceRules: optional(4, list(namedRuleWithOperations, { listType: "atomic" }), ""),
    matchPolicy: optional(7, oneOf("Exact", "Equivalent"), ""),
  }),
);
export interface MatchResources extends Infer<typeof matchResources> {}

export const validation = object("io.k8s.api.admissionregistration.v1.Validation", "", {
  expression: required(1, string(), ""),
  message: optional(2, string(), ""),
  reason: optional(3, string(), ""),
  messageExpression: optional(4, string(), ""),
});
export interface Validation extends Infer<typeof validation> {}

export const auditAnnotation = object("io.k8s.api.admissionregistration.v1.AuditAnnotation", "", {
  key: required(1, string(), ""),
  valueExpression: required(2, string(), ""),
});
export interface AuditAnnotation extends Infer<typeof auditAnnotation> {}

export const variable = atomic(
  object("io.k8s.api.admissionregistration.v1.Variable", "", {
    name: required(1, string(), ""),
    expression: required(2, string(), ""),
  }),
);
export interface Variable extends Infer<typeof variable> {}

export const validatingAdmissionPolicySpec = object(
  "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicySpec",
  "",
  {
    paramKind: optional(1, paramKind, ""),
    matchConstraints: optional(2, matchResources, ""),
    validations: optional(3, list(validation, { listType: "atomic" }), ""),
    failurePolicy: optional(4, oneOf("Ignore", "Fail"), ""),
    auditAnnotations: optional(5, list(auditAnnotation, { listType: "atomic" }), ""),
    matchConditions: optional(6, listMap(matchCondition, ["name"], { mergeKey: "name", strategy: "merge" }), ""),
    variables: optional(7, listMap(variable, ["name"], { mergeKey: "name", strategy: "merge" }), ""),
  },
);
export interface ValidatingAdmissionPolicySpec extends Infer<typeof validatingAdmissionPolicySpec> {}

export const expressionWarning = object("io.k8s.api.admissionregistration.v1.ExpressionWarning", "", {
  fieldRef: required(2, string(), ""),
  warning: required(3, string(), ""),
});
export interface ExpressionWarning extends Infer<typeof expressionWarning> {}

export const typeChecking = object("io.k8s.api.admissionregistration.v1.TypeChecking", "", {
  expressionWarnings: optional(1, list(expressionWarning, { listType: "atomic" }), ""),
});
export interface TypeChecking extends Infer<typeof typeChecking> {}

export const validatingAdmissionPolicyStatus = object(
  "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyStatus",
  "",
  {
    observedGeneration: optional(1, int64(), ""),
    typeChecking: optional(2, typeChecking, ""),
    conditions: optional(3, listMap(condition, ["type"]), ""),
  },
);
export interface ValidatingAdmissionPolicyStatus extends Infer<typeof validatingAdmissionPolicyStatus> {}

export const validatingAdmissionPolicy = kubeObject(
  "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy",
  "",
  {
    spec: present(2, validatingAdmissionPolicySpec, ""),
    status: present(3, validatingAdmissionPolicyStatus, ""),
  },
);
export interface ValidatingAdmissionPolicy extends Infer<typeof validatingAdmissionPolicy> {}

export const validatingAdmissionPolicies: ResourceDefinition<ValidatingAdmissionPolicy> = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "ValidatingAdmissionPolicy",
  plural: "validatingadmissionpolicies",
  categories: ["api-extensions"],
  scope: "Cluster",
  schema: validatingAdmissionPolicy,
  subresources: ["status"],
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
