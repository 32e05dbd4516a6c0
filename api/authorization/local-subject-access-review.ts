// LocalSubjectAccessReview: the same question about one namespace, so that asking can be allowed for that namespace alone.

import { subjectAccessReviewSpec, subjectAccessReviewStatus } from "./subject-access-review.ts";
import { validateLocalSubjectAccessReview } from "./validate-access-review.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, present, presentRequired } from "../schema/schema.ts";

export const localSubjectAccessReview = kubeObject(
  "io.k8s.api.authorization.v1.LocalSubjectAccessReview",
  "Asks whether somebody may do something in one namespace.",
  {
    spec: presentRequired(
      2,
      subjectAccessReviewSpec,
      "Who wants to do what. The namespace must be the one that the question is posted to.",
    ),
    status: present(3, subjectAccessReviewStatus, "The answer, from the server."),
  },
);
export interface LocalSubjectAccessReview extends Infer<typeof localSubjectAccessReview> {}

export const localSubjectAccessReviews: ResourceDefinition<LocalSubjectAccessReview> = {
  group: "authorization.k8s.io",
  version: "v1",
  kind: "LocalSubjectAccessReview",
  plural: "localsubjectaccessreviews",
  scope: "Namespaced",
  schema: localSubjectAccessReview,
  verbs: ["create"],
  columns: [],
  validate: validateLocalSubjectAccessReview,
};
