// Whose a bearer token is, for servers that leave authentication to this one.

import { tokenReviews } from "../../api/authentication/token-review.ts";
import { StatusError } from "../../api/meta/status.ts";
import { withAuthenticatedGroup } from "../auth/authenticator.ts";
import { renderUser } from "./user-info.ts";
import { answerVirtual, readVirtual, type VirtualResource } from "./virtual-resource.ts";

export const tokenReview: VirtualResource = {
  resource: tokenReviews,
  async create({ auth }, request) {
    const review = await readVirtual(request, tokenReviews);
    const { token = "", audiences = [] } = review.spec;
    if (token === "") throw new StatusError("BadRequest", "token is required for TokenReview in authentication");
    const verdict = await auth.tokens.authenticate(token, audiences.length > 0 ? audiences : auth.apiAudiences);
    if (verdict?.kind !== "known") return answerVirtual(review, { user: {}, error: verdict?.problem });
    const user = renderUser(withAuthenticatedGroup(verdict.user));
    const shared = verdict.audiences.length > 0 ? { audiences: verdict.audiences } : {};
    return answerVirtual(review, { authenticated: true, user, ...shared });
  },
};
