// HEADER: say what LocalSubjectAccessReview is and what it must never do.

import { subjectAccessReviewSpec, subjectAccessReviewStatus } from "./subject-access-review.ts";
import { kubeObject } from "../meta/object.ts";
import { type Infer, present, required } from "../schema/schema.ts";

export const localSubjectAccessReview = kubeObject("io.k8s.api.authorization.v1.LocalSubjectAccessReview", "", {
  spec: required(2, subjectAccessReviewSpec, ""),
  status: present(3, subjectAccessReviewStatus, ""),
});
export interface LocalSubjectAccessReview extends Infer<typeof localSubjectAccessReview> {}
