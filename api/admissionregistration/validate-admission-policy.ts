// Rules for admission policies, from Kubernetes' validation. Expressions in CEL are checked for what can be said without
// knowing the language.

import type { MutatingAdmissionPolicy, Mutation } from "./mutating-admission-policy.ts";
import type { MatchCondition, MatchResources, ParamKind, Variable } from "./policy-parts.ts";
import { validateMatchConditions } from "./validate-admission-rule.ts";
import { validateMatchResources } from "./validate-match-resources.ts";
import type {
  AuditAnnotation,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyStatus,
  Validation,
} from "./validating-admission-policy.ts";
import { checkRequired, eachItem, when } from "../meta/field-checks.ts";
import { qualifiedNameProblems } from "../meta/label-syntax.ts";
import { serviceNameProblems, subdomainProblems } from "../meta/names.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { validateConditions } from "../meta/validate-conditions.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import {
  duplicateField,
  forbiddenField,
  invalidField,
  requiredField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const METADATA = { name: subdomainProblems, scope: "Cluster" } as const;
const AUDIT_ANNOTATIONS_MAX = 20;
const VALUE_EXPRESSION_BYTES_MAX = 5 * 1024;

export function validateValidatingAdmissionPolicy(
  policy: ValidatingAdmissionPolicy,
  old?: ValidatingAdmissionPolicy,
): FieldError[] {
  const { spec, status, metadata } = policy;
  return [
    ...validateMetadata(policy, old, METADATA),
    ...validatePolicy(spec, old?.spec),
    ...validateConclusions(spec, metadata.name),
    ...validateStatus(status),
  ];
}

export function validateMutatingAdmissionPolicy(
  policy: MutatingAdmissionPolicy,
  old?: MutatingAdmissionPolicy,
): FieldError[] {
  const { spec } = policy;
  const { mutations = [] } = spec;
  return [
    ...validateMetadata(policy, old, METADATA),
    ...checkRequired("spec.reinvocationPolicy", spec.reinvocationPolicy),
    ...validatePolicy(spec, old?.spec),
    ...when(mutations.length === 0, requiredField("spec.mutations", "mutations must contain at least one item")),
    ...eachItem(mutations, "spec.mutations", validateMutation),
  ];
}

interface PolicySpec {
  readonly paramKind?: ParamKind;
  readonly matchConstraints?: MatchResources;
  readonly matchConditions?: readonly MatchCondition[];
  readonly variables?: readonly Variable[];
}

/** What both sorts of policies have. */
function validatePolicy(spec: PolicySpec, old: PolicySpec | undefined): Errors {
  const { paramKind, matchConstraints, matchConditions, variables } = spec;
  const isAsBefore =
    old !== undefined && semanticEqual(paramKind, old.paramKind) && semanticEqual(matchConditions, old.matchConditions);
  return [
    ...(paramKind ? validateParamKind(paramKind, "spec.paramKind") : []),
    ...(matchConstraints
      ? validateMatchResources(matchConstraints, "spec.matchConstraints")
      : [requiredField("spec.matchConstraints")]),
    ...when(
      matchConstraints && !matchConstraints.resourceRules?.length,
      requiredField("spec.matchConstraints.resourceRules"),
    ),
    ...(isAsBefore ? [] : validateMatchConditions(matchConditions, "spec.matchConditions")),
    ...eachItem(variables, "spec.variables", validateVariable),
  ];
}

function validateParamKind({ apiVersion = "", kind = "" }: ParamKind, path: string): Errors {
  const kindProblems = serviceNameProblems(kind.toLowerCase());
  const kindProblem = `may have mixed case, but should otherwise match: ${kindProblems.join(",")}`;
  return [
    ...(apiVersion ? checkApiVersion(apiVersion, `${path}.apiVersion`) : [requiredField(`${path}.apiVersion`)]),
    ...checkRequired(`${path}.kind`, kind),
    ...when(kind && kindProblems.length > 0, invalidField(`${path}.kind`, kind, kindProblem)),
  ];
}

function checkApiVersion(apiVersion: string, path: string): Errors {
  const parts = apiVersion === "/" ? [""] : apiVersion.split("/");
  if (parts.length > 2) return [invalidField(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  const version = parts.at(-1) ?? "";
  const group = parts.length === 2 ? (parts[0] ?? "") : "";
  const groupProblems = group ? subdomainProblems(group) : [];
  const versionProblems = serviceNameProblems(version);
  return [
    ...when(groupProblems.length > 0, invalidField(path, group, groupProblems.join(","))),
    ...(version
      ? when(versionProblems.length > 0, invalidField(path, version, versionProblems.join(",")))
      : [invalidField(path, apiVersion, "version must be specified")]),
  ];
}

const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const RESERVED = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

function validateVariable({ name, expression }: Variable, path: string): Errors {
  const isIdentifier = IDENTIFIER.test(name) && !RESERVED.has(name);
  return [
    ...checkRequired(`${path}.name`, name.trim(), "name is not specified"),
    ...when(name.trim() && !isIdentifier, invalidField(`${path}.name`, name, "name is not a valid CEL identifier")),
    ...checkRequired(`${path}.expression`, expression.trim(), "expression is not specified"),
  ];
}

function validateConclusions(
  { validations = [], auditAnnotations = [] }: ValidatingAdmissionPolicy["spec"],
  name: string,
) {
  const problem = "validations or auditAnnotations must contain at least one item";
  if (validations.length === 0 && auditAnnotations.length === 0) {
    return [requiredField("spec.validations", problem), requiredField("spec.auditAnnotations", problem)];
  }
  const path = "spec.auditAnnotations";
  const tooMany = `must not have more than ${AUDIT_ANNOTATIONS_MAX} auditAnnotations`;
  const keys = auditAnnotations.map(({ key }) => key);
  return [
    ...eachItem(validations, "spec.validations", validateValidation),
    ...when(keys.length > AUDIT_ANNOTATIONS_MAX, invalidField(path, auditAnnotations, tooMany)),
    ...eachItem(auditAnnotations, path, (annotation, at, index) => [
      ...validateAuditAnnotation(annotation, at, name),
      ...when(keys.indexOf(annotation.key) < index, duplicateField(`${at}.key`, annotation.key)),
    ]),
  ];
}

const REASONS = ["Forbidden", "Invalid", "RequestEntityTooLarge"];

function validateValidation({ expression, message = "", reason, ...rest }: Validation, path: string): Errors {
  const { messageExpression = "" } = rest;
  const isBlank = message !== "" && !message.trim();
  return [
    ...checkRequired(`${path}.expression`, expression.trim(), "expression is not specified"),
    ...when(
      messageExpression && !messageExpression.trim(),
      invalidField(`${path}.messageExpression`, messageExpression, "must be non-empty if specified"),
    ),
    ...when(isBlank, invalidField(`${path}.message`, message, "message must be non-empty if specified")),
    ...when(
      /[\n\r]/.test(message.trim()),
      invalidField(`${path}.message`, message, "message must not contain line breaks"),
    ),
    ...when(reason !== undefined && !REASONS.includes(reason), unsupportedField(`${path}.reason`, reason, REASONS)),
  ];
}

function validateAuditAnnotation({ key, valueExpression }: AuditAnnotation, path: string, name: string): Errors {
  const qualified = `${name}/${key}`;
  const expression = valueExpression.trim();
  const tooLong = `must not exceed ${VALUE_EXPRESSION_BYTES_MAX} bytes in length`;
  return [
    ...qualifiedNameProblems(qualified).map((problem) => invalidField(`${path}.key`, qualified, problem)),
    ...checkRequired(`${path}.valueExpression`, expression, "valueExpression is not specified"),
    ...when(
      Buffer.byteLength(expression) > VALUE_EXPRESSION_BYTES_MAX,
      requiredField(`${path}.valueExpression`, tooLong),
    ),
  ];
}

const PATCHES = { ApplyConfiguration: "applyConfiguration", JSONPatch: "jsonPatch" } as const;

function validateMutation(mutation: Mutation, path: string): Errors {
  const { patchType } = mutation;
  const known = Object.keys(PATCHES);
  if (!patchType) return [requiredField(`${path}.patchType`)];
  if (!known.includes(patchType)) return [unsupportedField(`${path}.patchType`, patchType, known)];
  return Object.entries(PATCHES).flatMap(([type, name]) => {
    const patch = mutation[name];
    const at = `${path}.${name}`;
    if (type !== patchType) {
      return when(patch, forbiddenField(at, `may not be specified when patchType is ${patchType}`));
    }
    return patch
      ? checkRequired(`${at}.expression`, patch.expression?.trim() ?? "", "expression is not specified")
      : [requiredField(at, `must be specified when patchType is ${patchType}`)];
  });
}

function validateStatus({ typeChecking, conditions }: ValidatingAdmissionPolicyStatus): Errors {
  const path = "status.typeChecking.expressionWarnings";
  return [
    ...eachItem(typeChecking?.expressionWarnings, path, ({ fieldRef, warning }, at) => [
      ...checkRequired(`${at}.warning`, warning),
      ...checkRequired(`${at}.fieldRef`, fieldRef.trim()),
    ]),
    ...validateConditions(conditions, "status.conditions"),
  ];
}
