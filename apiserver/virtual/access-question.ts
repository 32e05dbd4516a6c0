// What the reviews of access have in common: from the question as it is sent to one for the authorizer, and back.

import type {
  NonResourceAttributes,
  ResourceAttributes,
  SubjectAccessReviewStatus,
} from "../../api/authorization/subject-access-review.ts";
import type { UserInfo } from "../../lib/http.ts";
import type { Attributes, Authorizer } from "../authorizer.ts";

export interface AccessQuestion {
  readonly resourceAttributes?: ResourceAttributes;
  readonly nonResourceAttributes?: NonResourceAttributes;
}

export function answerQuestion(
  authorizer: Authorizer,
  user: UserInfo,
  question: AccessQuestion,
): SubjectAccessReviewStatus {
  const { verdict, reason } = authorizer.authorize(attributesOf(user, question));
  return { allowed: verdict === "allow", ...(verdict === "deny" && { denied: true }), ...(reason && { reason }) };
}

function attributesOf(user: UserInfo, { resourceAttributes, nonResourceAttributes }: AccessQuestion): Attributes {
  if (!resourceAttributes) {
    const { verb = "", path = "" } = nonResourceAttributes ?? {};
    return { user, verb, path };
  }
  const { verb = "", group = "", version = "", resource = "", ...place } = resourceAttributes;
  const { namespace, name, subresource } = place;
  return { user, verb, path: "", resource: { group, version, plural: resource }, namespace, name, subresource };
}
