// Whose a bearer token is. Several sorts of token are known; each is asked in turn whether a token is one of its own.

import type { UserInfo } from "../../lib/http.ts";
import { hashToken, type TokenUsers } from "./token-file.ts";

export type TokenVerdict =
  /** `audiences`: those of the asked ones that the token is meant for. */
  | { readonly kind: "known"; readonly user: UserInfo; readonly audiences: readonly string[] }
  /** The token is of this sort, but is not to be believed. */
  | { readonly kind: "refused"; readonly problem: string };

export interface TokenAuthenticator {
  /** Undefined: no token of this sort. `audiences` are the asker's, of whom the token must name one. */
  authenticate(token: string, audiences: readonly string[]): Promise<TokenVerdict | undefined>;
}

/** The tokens of a file are meant for the API server alone. */
export const fileTokens = (users: TokenUsers, apiAudiences: readonly string[]): TokenAuthenticator => ({
  authenticate(token, audiences) {
    const user = users.get(hashToken(token));
    const shared = apiAudiences.filter((each) => audiences.includes(each));
    const isMeant = shared.length > 0 || audiences.length === 0;
    return Promise.resolve(user && isMeant ? { kind: "known", user, audiences: shared } : undefined);
  },
});

/** Refuses where nobody knows the token, in Kubernetes' words. */
export function tokensInTurn(sorts: readonly TokenAuthenticator[]): TokenAuthenticator {
  return {
    async authenticate(token, audiences) {
      const problems = ["invalid bearer token"];
      for (const sort of sorts) {
        const verdict = await sort.authenticate(token, audiences);
        if (verdict?.kind === "known") return verdict;
        if (verdict) problems.push(verdict.problem);
      }
      const [first = ""] = problems;
      return { kind: "refused", problem: problems.length === 1 ? first : `[${problems.join(", ")}]` };
    },
  };
}
