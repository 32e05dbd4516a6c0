// TokenReview: asks whose a bearer token is, for servers that leave authentication to this one. The answer never says more of
// a wrong token than that it is wrong.

import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  boolean,
  list,
  map,
  object,
  optional,
  present,
  presentRequired,
  string,
} from "../schema/schema.ts";

export const tokenReviewSpec = object("io.k8s.api.authentication.v1.TokenReviewSpec", "The token in question.", {
  token: optional(1, string(), "The bearer token, without the word Bearer."),
  audiences: optional(
    2,
    list(string(), { listType: "atomic" }),
    "Who the asker answers to: the token must be meant for at least one of them. The API server's own audiences unless given.",
  ),
});
export interface TokenReviewSpec extends Infer<typeof tokenReviewSpec> {}

export const userInfo = object("io.k8s.api.authentication.v1.UserInfo", "Who sends a request.", {
  username: optional(1, string(), "The name that tells this user from all others."),
  uid: optional(
    2,
    string(),
    "Tells users of one name from each other, over time: a name that was given away anew comes with another uid.",
  ),
  groups: optional(3, list(string(), { listType: "atomic" }), "The groups that the user belongs to."),
  extra: optional(4, map(list(string())), "More about the user, as told by what has authenticated it."),
});
export interface UserInfo extends Infer<typeof userInfo> {}

export const tokenReviewStatus = object("io.k8s.api.authentication.v1.TokenReviewStatus", "Whose the token is.", {
  authenticated: optional(1, boolean(), "Whether the token is valid and belongs to a user."),
  user: present(2, userInfo, "The user that the token belongs to."),
  error: optional(3, string(), "Why the token could not be checked, or was not accepted."),
  audiences: optional(
    4,
    list(string(), { listType: "atomic" }),
    "The audiences, of those asked for, that the token is meant for. The asker must find itself among them.",
  ),
});
export interface TokenReviewStatus extends Infer<typeof tokenReviewStatus> {}

export const tokenReview = kubeObject("io.k8s.api.authentication.v1.TokenReview", "Asks whose a bearer token is.", {
  spec: presentRequired(2, tokenReviewSpec, "The token in question."),
  status: present(3, tokenReviewStatus, "The answer, from the server."),
});
export interface TokenReview extends Infer<typeof tokenReview> {}

export const tokenReviews: ResourceDefinition<TokenReview> = {
  group: "authentication.k8s.io",
  version: "v1",
  kind: "TokenReview",
  plural: "tokenreviews",
  scope: "Cluster",
  schema: tokenReview,
  verbs: ["create"],
  columns: [],
};
