// Issues tokens of service accounts. What they may be bound to is checked by whoever calls it.

import { formatTime, type Clock } from "../../lib/clock.ts";
import type { SigningKey } from "../../lib/jwt.ts";
import { uuid, type Random } from "../../lib/random.ts";
import { buildClaims, type TokenSubject } from "./service-account-claims.ts";

export interface TokenIssuerOptions {
  readonly issuer: string;
  /** Those of the API server itself: whom tokens are meant for that say nothing else. */
  readonly apiAudiences: readonly string[];
  readonly signingKey: SigningKey;
  readonly clock: Clock;
  readonly random: Random;
}

export interface WantedToken {
  readonly subject: TokenSubject;
  /** At least one. */
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
}

export interface IssuedToken {
  readonly token: string;
  /** RFC 3339: until when clients should use it. */
  readonly expirationTimestamp: string;
}

/** What kubelets ask for where pods say nothing: the tokens of programs that may not know yet that tokens expire. */
const TOLERATED_SECONDS = 3607;
const EXTENDED_SECONDS = 365 * 86_400;

export class TokenIssuer {
  readonly #options: TokenIssuerOptions;

  constructor(options: TokenIssuerOptions) {
    this.#options = options;
  }

  get apiAudiences(): readonly string[] {
    return this.#options.apiAudiences;
  }

  issue({ subject, audiences, expirationSeconds }: WantedToken): IssuedToken {
    const { issuer, signingKey, clock, random } = this.#options;
    const nowMs = clock.now();
    const issuedAt = Math.floor(nowMs / 1000);
    const isTolerated = expirationSeconds === TOLERATED_SECONDS && subject.pod && this.#isForApi(audiences);
    const claims = buildClaims({
      subject,
      issuer,
      audiences,
      id: uuid(random),
      issuedAt,
      expiresAt: issuedAt + (isTolerated ? EXTENDED_SECONDS : expirationSeconds),
      ...(isTolerated && { warnAfter: issuedAt + expirationSeconds }),
    });
    const expirationTimestamp = formatTime(nowMs + expirationSeconds * 1000);
    return { token: signingKey.sign(claims), expirationTimestamp };
  }

  #isForApi(audiences: readonly string[]): boolean {
    return audiences.every((audience) => this.apiAudiences.includes(audience));
  }
}
