// SelfSubjectReview: asks the server who it takes the asker for. It is posted, answered and never stored.

import { userInfo } from "./token-review.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, object, present } from "../schema/schema.ts";

export const selfSubjectReviewStatus = object(
  "io.k8s.api.authentication.v1.SelfSubjectReviewStatus",
  "Who the asker is.",
  {
    userInfo: present(1, userInfo, "The user as which the request was authenticated, after impersonation."),
  },
);
export interface SelfSubjectReviewStatus extends Infer<typeof selfSubjectReviewStatus> {}

export const selfSubjectReview = kubeObject(
  "io.k8s.api.authentication.v1.SelfSubjectReview",
  "Asks the server who it takes the asker for.",
  {
    status: present(2, selfSubjectReviewStatus, "The answer, from the server."),
  },
);
export interface SelfSubjectReview extends Infer<typeof selfSubjectReview> {}

export const selfSubjectReviews: ResourceDefinition<SelfSubjectReview> = {
  group: "authentication.k8s.io",
  version: "v1",
  kind: "SelfSubjectReview",
  plural: "selfsubjectreviews",
  scope: "Cluster",
  schema: selfSubjectReview,
  verbs: ["create"],
  columns: [],
};
