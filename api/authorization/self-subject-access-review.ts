// SelfSubjectAccessReview: asks whether the asker may do something, as `kubectl auth can-i` does.

import { nonResourceAttributes, resourceAttributes, subjectAccessReviewStatus } from "./subject-access-review.ts";
import { validateSelfSubjectAccessReview } from "./validate-access-review.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, object, optional, present, presentRequired } from "../schema/schema.ts";

export const selfSubjectAccessReviewSpec = object(
  "io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec",
  "What the asker wants to do. Exactly one of the fields is set.",
  {
    resourceAttributes: optional(1, resourceAttributes, "What is to be done with which resource."),
    nonResourceAttributes: optional(2, nonResourceAttributes, "What is to be done with which path."),
  },
);
export interface SelfSubjectAccessReviewSpec extends Infer<typeof selfSubjectAccessReviewSpec> {}

export const selfSubjectAccessReview = kubeObject(
  "io.k8s.api.authorization.v1.SelfSubjectAccessReview",
  "Asks whether the asker may do something.",
  {
    spec: presentRequired(2, selfSubjectAccessReviewSpec, "What the asker wants to do."),
    status: present(3, subjectAccessReviewStatus, "The answer, from the server."),
  },
);
export interface SelfSubjectAccessReview extends Infer<typeof selfSubjectAccessReview> {}

export const selfSubjectAccessReviews: ResourceDefinition<SelfSubjectAccessReview> = {
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectAccessReview",
  plural: "selfsubjectaccessreviews",
  scope: "Cluster",
  schema: selfSubjectAccessReview,
  verbs: ["create"],
  columns: [],
  validate: validateSelfSubjectAccessReview,
};
