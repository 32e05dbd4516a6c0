// Who the server takes the asker for: `kubectl auth whoami`.

import { selfSubjectReviews } from "../../api/authentication/self-subject-review.ts";
import { answerVirtual, readVirtual, type VirtualResource } from "./virtual-resource.ts";
import { renderUser } from "./user-info.ts";

export const selfSubjectReview: VirtualResource = {
  resource: selfSubjectReviews,
  async create(_server, request) {
    return answerVirtual(await readVirtual(request, selfSubjectReviews), { userInfo: renderUser(request.user) });
  },
};
