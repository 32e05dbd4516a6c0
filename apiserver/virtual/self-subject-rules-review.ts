// Everything that the asker may do in a namespace: `kubectl auth can-i --list`.

import { selfSubjectRulesReviews } from "../../api/authorization/self-subject-rules-review.ts";
import { StatusError } from "../../api/meta/status.ts";
import { answerVirtual, readVirtual, type VirtualResource } from "./virtual-resource.ts";

export const selfSubjectRulesReview: VirtualResource = {
  resource: selfSubjectRulesReviews,
  async create({ auth }, request) {
    const { apiVersion, kind, spec } = await readVirtual(request, selfSubjectRulesReviews);
    if (!spec.namespace) throw new StatusError("BadRequest", "no namespace on request");
    const { resourceRules, nonResourceRules, error } = auth.authorizer.rulesFor(request.user, spec.namespace);
    const status = { resourceRules, nonResourceRules, incomplete: false, ...(error && { evaluationError: error }) };
    // The question is not repeated.
    const answer = { apiVersion, kind, metadata: {}, spec: {} };
    return answerVirtual(answer as unknown as Parameters<typeof answerVirtual>[0], status);
  },
};
