// Whether the asker may do something: `kubectl auth can-i`.

import { selfSubjectAccessReviews } from "../../api/authorization/self-subject-access-review.ts";
import { answerQuestion } from "./access-question.ts";
import { answerVirtual, readVirtual, type VirtualResource } from "./virtual-resource.ts";

export const selfSubjectAccessReview: VirtualResource = {
  resource: selfSubjectAccessReviews,
  async create({ auth }, request) {
    const review = await readVirtual(request, selfSubjectAccessReviews);
    return answerVirtual(review, answerQuestion(auth.authorizer, request.user, review.spec));
  },
};
