// Rules for flow schemas, from Kubernetes' validation.

import type { FlowSchema, FlowSchemaSpec, PolicyRulesWithSubjects } from "./flow-schema.ts";
import { mandatoryFlowSchemas } from "./mandatory-objects.ts";
import { validateNonResourceRule, validateResourceRule, validateSubject } from "./validate-flow-rule.ts";
import { checkFormat, checkRequired, eachItem, when } from "../meta/field-checks.ts";
import { subdomainProblems } from "../meta/names.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import {
  duplicateField,
  invalidField,
  requiredField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const PRECEDENCE_MAX = 10_000;
const METHODS = ["ByNamespace", "ByUser"];

export function validateFlowSchema(flowSchema: FlowSchema, old?: FlowSchema): FieldError[] {
  const { metadata, spec, status } = flowSchema;
  const mandatory = mandatoryFlowSchemas.find((each) => each.metadata.name === metadata.name);
  const problem = `spec of '${metadata.name}' must equal the fixed value`;
  return [
    ...validateMetadata(flowSchema, old, { name: subdomainProblems, scope: "Cluster" }),
    ...validatePrecedence(metadata.name, spec),
    ...validateSpec(spec),
    ...when(mandatory && !semanticEqual(spec, mandatory.spec), invalidField("spec", spec, problem)),
    ...validateFlowConditions(status.conditions),
  ];
}

function validatePrecedence(name: string, { matchingPrecedence = 0 }: FlowSchemaSpec): Errors {
  const refuse = (problem: string) => invalidField("spec.matchingPrecedence", matchingPrecedence, problem);
  return [
    ...when(matchingPrecedence <= 0, refuse("must be a positive value")),
    ...when(matchingPrecedence > PRECEDENCE_MAX, refuse(`must not be greater than ${PRECEDENCE_MAX}`)),
    ...when(
      matchingPrecedence === 1 && name !== "exempt",
      refuse("only the schema named 'exempt' may have matchingPrecedence 1"),
    ),
  ];
}

function validateSpec({ distinguisherMethod, priorityLevelConfiguration, rules }: FlowSchemaSpec): Errors {
  const level = "spec.priorityLevelConfiguration.name";
  const isUnknown = distinguisherMethod && !METHODS.includes(distinguisherMethod.type);
  return [
    ...when(isUnknown, unsupportedField("spec.distinguisherMethod.type", distinguisherMethod, METHODS)),
    ...checkRequired(level, priorityLevelConfiguration.name, "must reference a priority level"),
    ...checkFormat(level, priorityLevelConfiguration.name, subdomainProblems),
    ...eachItem(rules, "spec.rules", validateRules),
  ];
}

function validateRules({ subjects, resourceRules, nonResourceRules }: PolicyRulesWithSubjects, path: string): Errors {
  const isEmpty = !resourceRules?.length && !nonResourceRules?.length;
  return [
    ...when(subjects.length === 0, requiredField(`${path}.subjects`, "subjects must contain at least one value")),
    ...eachItem(subjects, `${path}.subjects`, validateSubject),
    ...when(isEmpty, requiredField(path, "at least one of resourceRules and nonResourceRules has to be non-empty")),
    ...eachItem(resourceRules, `${path}.resourceRules`, validateResourceRule),
    ...eachItem(nonResourceRules, `${path}.nonResourceRules`, validateNonResourceRule),
  ];
}

/** The conditions of flow schemas and of priority levels. */
export function validateFlowConditions(conditions: readonly { readonly type?: string }[] | undefined): Errors {
  const seen = new Set<string>();
  return eachItem(conditions, "status.conditions", ({ type = "" }, at) => {
    const isRepeated = seen.has(type);
    seen.add(type);
    return [
      ...when(isRepeated, duplicateField(`${at}.type`, type)),
      ...checkRequired(`${at}.type`, type, "must not be empty"),
    ];
  });
}
