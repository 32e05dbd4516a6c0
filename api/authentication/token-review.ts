// HEADER: say what TokenReview is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { type Infer, boolean, list, map, object, optional, present, required, string } from "../schema/schema.ts";

export const tokenReviewSpec = object("io.k8s.api.authentication.v1.TokenReviewSpec", "", {
  token: optional(1, string(), ""),
  audiences: optional(2, list(string(), { listType: "atomic" }), ""),
});
export interface TokenReviewSpec extends Infer<typeof tokenReviewSpec> {}

export const userInfo = object("io.k8s.api.authentication.v1.UserInfo", "", {
  username: optional(1, string(), ""),
  uid: optional(2, string(), ""),
  groups: optional(3, list(string(), { listType: "atomic" }), ""),
  extra: optional(4, map(list(string())), ""),
});
export interface UserInfo extends Infer<typeof userInfo> {}

export const tokenReviewStatus = object("io.k8s.api.authentication.v1.TokenReviewStatus", "", {
  authenticated: optional(1, boolean(), ""),
  user: optional(2, userInfo, ""),
  error: optional(3, string(), ""),
  audiences: optional(4, list(string(), { listType: "atomic" }), ""),
});
export interface TokenReviewStatus extends Infer<typeof tokenReviewStatus> {}

export const tokenReview = kubeObject("io.k8s.api.authentication.v1.TokenReview", "", {
  spec: required(2, tokenReviewSpec, ""),
  status: present(3, tokenReviewStatus, ""),
});
export interface TokenReview extends Infer<typeof tokenReview> {}
