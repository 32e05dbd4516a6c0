// An authorizer for tests that asks a function about each request.

import type { Attributes, Authorizer } from "../apiserver/authorizer.ts";

/** `judge` gives the reason why something is forbidden; undefined allows it. */
export const judgedBy = (judge: (attributes: Attributes) => string | undefined): Authorizer => ({
  authorize(attributes) {
    const reason = judge(attributes);
    return reason === undefined ? { verdict: "allow" } : { verdict: "none", reason };
  },
  rulesFor: () => ({ resourceRules: [], nonResourceRules: [] }),
});
