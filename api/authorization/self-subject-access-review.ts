// HEADER: say what SelfSubjectAccessReview is and what it must never do.

import { nonResourceAttributes, resourceAttributes, subjectAccessReviewStatus } from "./subject-access-review.ts";
import { kubeObject } from "../meta/object.ts";
import { type Infer, object, optional, present, required } from "../schema/schema.ts";

export const selfSubjectAccessReviewSpec = object("io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec", "", {
  resourceAttributes: optional(1, resourceAttributes, ""),
  nonResourceAttributes: optional(2, nonResourceAttributes, ""),
});
export interface SelfSubjectAccessReviewSpec extends Infer<typeof selfSubjectAccessReviewSpec> {}

export const selfSubjectAccessReview = kubeObject("io.k8s.api.authorization.v1.SelfSubjectAccessReview", "", {
  spec: required(2, selfSubjectAccessReviewSpec, ""),
  status: present(3, subjectAccessReviewStatus, ""),
});
export interface SelfSubjectAccessReview extends Infer<typeof selfSubjectAccessReview> {}
