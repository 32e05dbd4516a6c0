// Whether somebody may do something.

import { subjectAccessReviews } from "../../api/authorization/subject-access-review.ts";
import { answerQuestion } from "./access-question.ts";
import { userOfSpec } from "./user-info.ts";
import { answerVirtual, readVirtual, type VirtualResource } from "./virtual-resource.ts";

export const subjectAccessReview: VirtualResource = {
  resource: subjectAccessReviews,
  async create({ auth }, request) {
    const review = await readVirtual(request, subjectAccessReviews);
    return answerVirtual(review, answerQuestion(auth.authorizer, userOfSpec(review.spec), review.spec));
  },
};
