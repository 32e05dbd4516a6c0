// Rules for the questions about access, from Kubernetes' validation: one thing is asked about, somebody is named, and a
// question has no metadata, since nothing is stored.

import type { LocalSubjectAccessReview } from "./local-subject-access-review.ts";
import type { SelfSubjectAccessReview } from "./self-subject-access-review.ts";
import type {
  FieldSelectorRequirement,
  ResourceAttributes,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
} from "./subject-access-review.ts";
import { eachItem, when } from "../meta/field-checks.ts";
import { validateRequirement } from "../meta/validate-labels.ts";
import { forbiddenField, invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validateSubjectAccessReview({ spec, metadata }: SubjectAccessReview): FieldError[] {
  return [...validateSubjectSpec(spec), ...checkNoMetadata(metadata, "must be empty")];
}

export function validateLocalSubjectAccessReview({ spec, metadata }: LocalSubjectAccessReview): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec;
  const { namespace = "", ...rest } = metadata ?? {};
  const asked = resourceAttributes?.namespace ?? "";
  return [
    ...validateSubjectSpec(spec),
    ...checkNoMetadata(rest, "must be empty except for namespace"),
    ...when(
      resourceAttributes && asked !== namespace,
      invalidField("spec.resourceAttributes.namespace", asked, "must match metadata.namespace"),
    ),
    ...when(
      nonResourceAttributes,
      invalidField("spec.nonResourceAttributes", nonResourceAttributes, "disallowed on this kind of request"),
    ),
  ];
}

export function validateSelfSubjectAccessReview({ spec, metadata }: SelfSubjectAccessReview): FieldError[] {
  return [
    ...checkOneQuestion(spec),
    ...validateResource(spec.resourceAttributes),
    ...checkNoMetadata(metadata, "must be empty"),
  ];
}

function validateSubjectSpec(spec: SubjectAccessReviewSpec): Errors {
  const { user, groups = [] } = spec;
  return [
    ...checkOneQuestion(spec),
    ...when(
      !user && groups.length === 0,
      invalidField("spec.user", user ?? "", "at least one of user or group must be specified"),
    ),
    ...validateResource(spec.resourceAttributes),
  ];
}

type Question = Pick<SubjectAccessReviewSpec, "resourceAttributes" | "nonResourceAttributes">;

function checkOneQuestion({ resourceAttributes, nonResourceAttributes }: Question): Errors {
  const both = "cannot be specified in combination with resourceAttributes";
  const none = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
  return [
    ...when(
      resourceAttributes && nonResourceAttributes,
      invalidField("spec.nonResourceAttributes", nonResourceAttributes, both),
    ),
    // Kubernetes prints a missing struct as this word in quotes.
    ...when(!resourceAttributes && !nonResourceAttributes, invalidField("spec.resourceAttributes", "null", none)),
  ];
}

function validateResource(attributes: ResourceAttributes | undefined): Errors {
  const { fieldSelector, labelSelector } = attributes ?? {};
  const path = "spec.resourceAttributes";
  return [
    ...checkSelector(fieldSelector, `${path}.fieldSelector`),
    ...eachItem(fieldSelector?.requirements, `${path}.fieldSelector.requirements`, validateFieldRequirement),
    ...checkSelector(labelSelector, `${path}.labelSelector`),
    ...eachItem(labelSelector?.requirements, `${path}.labelSelector.requirements`, validateRequirement),
  ];
}

interface Selector {
  readonly rawSelector?: string;
  readonly requirements?: readonly unknown[];
}

function checkSelector(selector: Selector | undefined, path: string): Errors {
  if (!selector) return [];
  const { rawSelector, requirements = [] } = selector;
  const none = `when ${path} is specified, requirements or rawSelector is required`;
  return [
    ...when(
      rawSelector && requirements.length > 0,
      invalidField(`${path}.rawSelector`, rawSelector, "may not specified at the same time as requirements"),
    ),
    ...when(!rawSelector && requirements.length === 0, requiredField(`${path}.requirements`, none)),
  ];
}

/** Operators that are not known are let through: clients of a newer version may ask with them. */
function validateFieldRequirement({ key, operator, values = [] }: FieldSelectorRequirement, path: string): Errors {
  const wantsValues = operator === "In" || operator === "NotIn";
  const refusesValues = operator === "Exists" || operator === "DoesNotExist";
  return [
    ...when(!key, requiredField(`${path}.key`, "must be specified")),
    ...when(
      wantsValues && values.length === 0,
      requiredField(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"),
    ),
    ...when(
      refusesValues && values.length > 0,
      forbiddenField(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
    ),
  ];
}

/** The record of who wrote what is made on the way and does not count. */
function checkNoMetadata(metadata: object | undefined, detail: string): Errors {
  const sent = Object.keys(metadata ?? {}).filter((name) => name !== "managedFields");
  return when(sent.length > 0, invalidField("metadata", metadata, detail));
}
