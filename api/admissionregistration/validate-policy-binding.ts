// Rules for the bindings of admission policies, from Kubernetes' validation.

import type { MutatingAdmissionPolicyBinding } from "./mutating-admission-policy-binding.ts";
import type { MatchResources, ParamRef } from "./policy-parts.ts";
import { validateMatchResources } from "./validate-match-resources.ts";
import type { ValidatingAdmissionPolicyBinding } from "./validating-admission-policy-binding.ts";
import { checkFormat, checkRequiredFormat, eachItem, when } from "../meta/field-checks.ts";
import { pathSegmentProblems, subdomainProblems } from "../meta/names.ts";
import { validateLabelSelector } from "../meta/validate-labels.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { duplicateField, forbiddenField, invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const METADATA = { name: subdomainProblems, scope: "Cluster" } as const;

export function validateValidatingAdmissionPolicyBinding(
  binding: ValidatingAdmissionPolicyBinding,
  old?: ValidatingAdmissionPolicyBinding,
): FieldError[] {
  return [
    ...validateMetadata(binding, old, METADATA),
    ...validateBinding(binding.spec),
    ...validateActions(binding.spec.validationActions ?? [], "spec.validationActions"),
  ];
}

export function validateMutatingAdmissionPolicyBinding(
  binding: MutatingAdmissionPolicyBinding,
  old?: MutatingAdmissionPolicyBinding,
): FieldError[] {
  return [...validateMetadata(binding, old, METADATA), ...validateBinding(binding.spec)];
}

interface BindingSpec {
  readonly policyName?: string;
  readonly paramRef?: ParamRef;
  readonly matchResources?: MatchResources;
}

function validateBinding({ policyName, paramRef, matchResources }: BindingSpec): Errors {
  return [
    ...checkRequiredFormat("spec.policyName", policyName, subdomainProblems),
    ...(paramRef ? validateParamRef(paramRef, "spec.paramRef") : []),
    ...(matchResources ? validateMatchResources(matchResources, "spec.matchResources") : []),
  ];
}

function validateParamRef({ name, selector }: ParamRef, path: string): Errors {
  const problem = "name and selector are mutually exclusive";
  const hasBoth = name && selector;
  return [
    ...checkFormat(`${path}.name`, name, pathSegmentProblems),
    ...when(hasBoth, forbiddenField(`${path}.name`, problem)),
    ...validateLabelSelector(selector, `${path}.selector`),
    ...when(hasBoth, forbiddenField(`${path}.selector`, problem)),
    ...when(!name && !selector, requiredField(path, "one of name or selector must be specified")),
  ];
}

function validateActions(actions: readonly string[], path: string): Errors {
  const problem =
    "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)";
  return [
    ...eachItem(actions, path, (action, at, index) =>
      when(actions.indexOf(action) < index, duplicateField(at, action)),
    ),
    ...when(actions.includes("Deny") && actions.includes("Warn"), invalidField(path, actions, problem)),
    ...when(actions.length === 0, requiredField(path, "at least one validation action is required")),
  ];
}
