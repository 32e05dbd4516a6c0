// A user in the form of the API, and back.

import type { UserInfo as SentUser } from "../../api/authentication/token-review.ts";
import type { SubjectAccessReviewSpec } from "../../api/authorization/subject-access-review.ts";
import type { UserInfo } from "../../lib/http.ts";

export const renderUser = ({ username, uid, groups, extra }: UserInfo): SentUser => ({
  username,
  ...(uid && { uid }),
  groups,
  ...(extra && { extra }),
});

/** The user that a question is about. The keys of extra fields are in lower case, as authentication makes them. */
export function userOfSpec({ user = "", uid, groups = [], extra }: SubjectAccessReviewSpec): UserInfo {
  const lower = extra && Object.fromEntries(Object.entries(extra).map(([key, values]) => [key.toLowerCase(), values]));
  return { username: user, ...(uid && { uid }), groups, ...(lower && { extra: lower }) };
}
