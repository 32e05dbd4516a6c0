// HEADER: say what SubjectAccessReview is and what it must never do.

import { labelSelectorRequirement } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import {
  type Infer,
  boolean,
  list,
  map,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
} from "../schema/schema.ts";

export const fieldSelectorRequirement = object("io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement", "", {
  key: required(1, string(), ""),
  operator: required(2, oneOf("In", "NotIn", "Exists", "DoesNotExist"), ""),
  values: optional(3, list(string(), { listType: "atomic" }), ""),
});
export interface FieldSelectorRequirement extends Infer<typeof fieldSelectorRequirement> {}

export const fieldSelectorAttributes = object("io.k8s.api.authorization.v1.FieldSelectorAttributes", "", {
  rawSelector: optional(1, string(), ""),
  requirements: optional(2, list(fieldSelectorRequirement, { listType: "atomic" }), ""),
});
export interface FieldSelectorAttributes extends Infer<typeof fieldSelectorAttributes> {}

export const labelSelectorAttributes = object("io.k8s.api.authorization.v1.LabelSelectorAttributes", "", {
  rawSelector: optional(1, string(), ""),
  requirements: optional(2, list(labelSelectorRequirement, { listType: "atomic" }), ""),
});
export interface LabelSelectorAttributes extends Infer<typeof labelSelectorAttributes> {}

export const resourceAttributes = object("io.k8s.api.authorization.v1.ResourceAttributes", "", {
  namespace: optional(1, string(), ""),
  verb: optional(2, string(), ""),
  group: optional(3, string(), ""),
  version: optional(4, string(), ""),
  resource: optional(5, string(), ""),
  subresource: optional(6, string(), ""),
  name: optional(7, string(), ""),
  fieldSelector: optional(8, fieldSelectorAttributes, ""),
  labelSelector: optional(9, labelSelectorAttributes, ""),
});
export interface ResourceAttributes extends Infer<typeof resourceAttributes> {}

export const nonResourceAttributes = object("io.k8s.api.authorization.v1.NonResourceAttributes", "", {
  path: optional(1, string(), ""),
  verb: optional(2, string(), ""),
});
export interface NonResourceAttributes extends Infer<typeof nonResourceAttributes> {}

export const subjectAccessReviewSpec = object("io.k8s.api.authorization.v1.SubjectAccessReviewSpec", "", {
  resourceAttributes: optional(1, resourceAttributes, ""),
  nonResourceAttributes: optional(2, nonResourceAttributes, ""),
  user: optional(3, string(), ""),
  groups: optional(4, list(string(), { listType: "atomic" }), ""),
  extra: optional(5, map(list(string())), ""),
  uid: optional(6, string(), ""),
});
export interface SubjectAccessReviewSpec extends Infer<typeof subjectAccessReviewSpec> {}

export const subjectAccessReviewStatus = object("io.k8s.api.authorization.v1.SubjectAccessReviewStatus", "", {
  allowed: required(1, boolean(), ""),
  reason: optional(2, string(), ""),
  evaluationError: optional(3, string(), ""),
  denied: optional(4, boolean(), ""),
});
export interface SubjectAccessReviewStatus extends Infer<typeof subjectAccessReviewStatus> {}

export const subjectAccessReview = kubeObject("io.k8s.api.authorization.v1.SubjectAccessReview", "", {
  spec: required(2, subjectAccessReviewSpec, ""),
  status: present(3, subjectAccessReviewStatus, ""),
});
export interface SubjectAccessReview extends Infer<typeof subjectAccessReview> {}
