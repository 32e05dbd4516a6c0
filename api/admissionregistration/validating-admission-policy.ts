// ValidatingAdmissionPolicy: expressions in CEL that decide which requests are refused. Its rules are in
// validate-admission-policy.ts. Policies are not evaluated yet.

import { matchCondition, matchResources, paramKind, variable } from "./policy-parts.ts";
import { renderParamKind } from "./policy-columns.ts";
import { validateValidatingAdmissionPolicy } from "./validate-admission-policy.ts";
import { condition } from "../meta/condition.ts";
import { withGeneration } from "../meta/generation.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { keepSpecAndMetadata } from "../meta/status-write.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  completed,
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

// What a client leaves out of required fields reaches the rules of the kind as Go has it, so that they say what is missing.

export const validation = completed(
  object("io.k8s.api.admissionregistration.v1.Validation", "A condition that requests must meet.", {
    expression: required(
      1,
      string(),
      "The expression in CEL; true means that the request may pass. It knows object, oldObject, request, params, namespaceObject, variables and authorizer.",
    ),
    message: optional(
      2,
      string(),
      "What to say where the request may not pass; one line. The expression itself unless given.",
    ),
    reason: optional(
      3,
      string(),
      "The reason in the answer, with its status code: Invalid unless given, Forbidden or RequestEntityTooLarge.",
    ),
    messageExpression: optional(
      4,
      string(),
      "An expression for what to say. It goes before message, which stands in where it fails.",
    ),
  }),
  (draft) => {
    draft.expression ??= "";
  },
);
export interface Validation extends Infer<typeof validation> {}

export const auditAnnotation = completed(
  object("io.k8s.api.admissionregistration.v1.AuditAnnotation", "A note that a policy adds to the audit log.", {
    key: required(1, string(), "The key, unique in the policy; in the log the policy's name and a slash come first."),
    valueExpression: required(
      2,
      string(),
      "The expression in CEL for the value: a text, or null for no note. At most 5 KiB.",
    ),
  }),
  (draft) => {
    draft.key ??= "";
    draft.valueExpression ??= "";
  },
);
export interface AuditAnnotation extends Infer<typeof auditAnnotation> {}

export const validatingAdmissionPolicySpec = completed(
  object(
    "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicySpec",
    "What requests a policy is about, and what they must be like.",
    {
      paramKind: optional(1, paramKind, "The kind of the parameters, for policies that have some."),
      matchConstraints: optional(2, matchResources, "Which requests the policy is about. Required, with a rule."),
      validations: optional(
        3,
        list(validation, { listType: "atomic" }),
        "The conditions, of which all must be met. Required unless there are audit annotations.",
      ),
      failurePolicy: optional(
        4,
        oneOf("Ignore", "Fail"),
        "What happens where the policy cannot be evaluated: Fail (the default) refuses the request, Ignore lets it pass.",
      ),
      auditAnnotations: optional(
        5,
        list(auditAnnotation, { listType: "atomic" }),
        "Notes for the audit log, at most 20. Required unless there are validations.",
      ),
      matchConditions: optional(
        6,
        listMap(matchCondition, ["name"], { mergeKey: "name", strategy: "merge" }),
        "Conditions in CEL, at most 64, that must all hold for a request to be looked at.",
      ),
      variables: optional(
        7,
        listMap(variable, ["name"], { mergeKey: "name", strategy: "merge" }),
        "Values that the other expressions use, each evaluated when it is needed.",
      ),
    },
  ),
  (draft) => {
    draft.failurePolicy ??= "Fail";
  },
);
export interface ValidatingAdmissionPolicySpec extends Infer<typeof validatingAdmissionPolicySpec> {}

export const expressionWarning = object(
  "io.k8s.api.admissionregistration.v1.ExpressionWarning",
  "What is doubtful about an expression.",
  {
    fieldRef: required(2, string(), "The path of the field that holds the expression."),
    warning: required(3, string(), "What is doubtful about it, for people."),
  },
);
export interface ExpressionWarning extends Infer<typeof expressionWarning> {}

export const typeChecking = object(
  "io.k8s.api.admissionregistration.v1.TypeChecking",
  "What came out when the types in the expressions were checked.",
  {
    expressionWarnings: optional(1, list(expressionWarning, { listType: "atomic" }), "What is doubtful."),
  },
);
export interface TypeChecking extends Infer<typeof typeChecking> {}

export const validatingAdmissionPolicyStatus = object(
  "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyStatus",
  "What was found out about a policy.",
  {
    observedGeneration: optional(1, int64(), "The generation that the controller has acted on."),
    typeChecking: optional(2, typeChecking, "Whether the types fit; present once that has been checked."),
    conditions: optional(3, listMap(condition, ["type"]), "The policy's conditions."),
  },
);
export interface ValidatingAdmissionPolicyStatus extends Infer<typeof validatingAdmissionPolicyStatus> {}

export const validatingAdmissionPolicy = kubeObject(
  "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy",
  "Says what requests must be like. It has an effect where a binding refers to it.",
  {
    spec: present(2, validatingAdmissionPolicySpec, "Which requests, and what they must be like."),
    status: present(3, validatingAdmissionPolicyStatus, "What was found out about the policy."),
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
  validate: validateValidatingAdmissionPolicy,
  columns: [
    nameColumn,
    column(
      "Validations",
      { type: "integer", description: "How many conditions there are." },
      ({ spec }) => spec.validations?.length ?? 0,
    ),
    column("ParamKind", { description: "The kind of the parameters." }, ({ spec }) => renderParamKind(spec.paramKind)),
    ageColumn,
  ],
  prepare: (policy, old) => withGeneration({ ...policy, status: old ? old.status : {} }, old, ({ spec }) => spec),
  prepareStatus: keepSpecAndMetadata,
};
