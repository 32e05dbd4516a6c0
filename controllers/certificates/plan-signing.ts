// What to do with a request for a certificate: sign it, refuse it for good, or leave it alone. Pure.

import type { CertificateSigningRequest } from "../../api/certificates/certificate-signing-request.ts";
import { readCertificateRequest } from "../../lib/certificate-request.ts";
import { formatTime } from "../../lib/clock.ts";
import type { CertificateToSign } from "../../lib/x509.ts";
import { hasRules, requestProblem } from "./request-rules.ts";
import { usagesOf } from "./usages.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
/** Clocks of other machines may be behind. */
const BACKDATE_MS = 5 * MINUTE_MS;
const SHORTEST_MS = 2 * BACKDATE_MS;
/** Only of certificates that are good for this long is the backdating taken off at the end. */
const SHORT_MS = 8 * 60 * MINUTE_MS;

export interface SigningTerms {
  readonly nowMs: number;
  /** For how long certificates are good, at most. */
  readonly durationMs: number;
  /** When the authority's own certificate ends. */
  readonly authorityEndMs: number;
}

export type SigningPlan =
  | { readonly kind: "leave" }
  | { readonly kind: "fail"; readonly message: string }
  | { readonly kind: "sign"; readonly certificate: CertificateToSign };

/** Throws where the request cannot be read, which the API server has seen to, and where the authority has ended. */
export function planSigning({ spec, status }: CertificateSigningRequest, terms: SigningTerms): SigningPlan {
  const { conditions = [], certificate } = status;
  const has = (type: string) => conditions.some((each) => each.type === type && each.status === "True");
  const isDenied = conditions.some(({ type }) => type === "Denied");
  if (certificate || !has("Approved") || isDenied || has("Failed") || !hasRules(spec.signerName)) {
    return { kind: "leave" };
  }
  const asked = readCertificateRequest(Buffer.from(spec.request, "base64").toString("latin1"));
  const message = requestProblem(spec, asked);
  if (message !== undefined) return { kind: "fail", message };
  if (terms.authorityEndMs <= terms.nowMs) {
    throw new Error(`the certificate of the cluster's authority has expired: ${formatTime(terms.authorityEndMs)}`);
  }
  const validity = validityOf(spec.expirationSeconds, terms);
  return { kind: "sign", certificate: { asked, ...usagesOf(spec.usages ?? []), ...validity } };
}

function validityOf(expirationSeconds: number | undefined, { nowMs, durationMs, authorityEndMs }: SigningTerms) {
  const lifeMs = expirationSeconds === undefined ? durationMs : lifeOf(expirationSeconds * SECOND_MS, durationMs);
  const endMs = nowMs + (lifeMs < SHORT_MS ? lifeMs : lifeMs - BACKDATE_MS);
  return { notBeforeMs: nowMs - BACKDATE_MS, notAfterMs: Math.min(endMs, authorityEndMs) };
}

/** The longest time comes first, even where it is shorter than the shortest. */
const lifeOf = (wantedMs: number, longestMs: number): number =>
  wantedMs > longestMs ? longestMs : Math.max(wantedMs, SHORTEST_MS);
