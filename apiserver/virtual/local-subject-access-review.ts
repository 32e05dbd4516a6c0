// Whether somebody may do something in one namespace.

import { localSubjectAccessReviews } from "../../api/authorization/local-subject-access-review.ts";
import { answerQuestion } from "./access-question.ts";
import { userOfSpec } from "./user-info.ts";
import { answerVirtual, readVirtual, type VirtualResource } from "./virtual-resource.ts";

export const localSubjectAccessReview: VirtualResource = {
  resource: localSubjectAccessReviews,
  async create({ auth }, request) {
    const review = await readVirtual(request, localSubjectAccessReviews);
    return answerVirtual(review, answerQuestion(auth.authorizer, userOfSpec(review.spec), review.spec));
  },
};
