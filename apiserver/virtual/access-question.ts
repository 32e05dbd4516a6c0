// What the reviews of access have in common: from the question as it is sent to one for the authorizer, and back.

import type {
  NonResourceAttributes,
  ResourceAttributes,
  SubjectAccessReviewStatus,
} from "../../api/authorization/subject-access-review.ts";
import type { FieldSelector } from "../../api/meta/selector.ts";
import { limitingSelector } from "../registry/selection.ts";
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
  const fieldSelector = readFieldSelector(resourceAttributes.fieldSelector);
  const asked = { group, version, plural: resource };
  return { user, verb, path: "", resource: asked, namespace, name, subresource, fieldSelector };
}

/** Conditions of other sorts do not matter: what is asked about is then limited less than it could be. */
function readFieldSelector(sent: ResourceAttributes["fieldSelector"]): FieldSelector | undefined {
  const { rawSelector, requirements = [] } = sent ?? {};
  if (rawSelector) return limitingSelector(new URLSearchParams({ fieldSelector: rawSelector }));
  return requirements.flatMap(({ key, operator, values = [] }) => {
    const [value, ...others] = values;
    if (value === undefined || others.length > 0 || (operator !== "In" && operator !== "NotIn")) return [];
    return { field: key, operator: operator === "In" ? ("=" as const) : ("!=" as const), value };
  });
}
