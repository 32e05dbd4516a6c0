// What the server needs to issue and believe tokens of service accounts, from the texts of its configuration.

import { readSigningKey, readVerificationKeys, type VerificationKey } from "../../lib/jwt.ts";
import type { ServiceAccountKeys } from "./auth.ts";

/** A PEM text, and where it is from. */
export interface KeyText {
  readonly source: string;
  readonly pem: string;
}

export interface ServiceAccountKeyTexts {
  readonly signingKey: KeyText;
  /** Further keys that tokens may be signed with, such as those of the time before the signing key. */
  readonly keys?: readonly KeyText[];
  /** At least one; see ServiceAccountKeys. */
  readonly issuers: readonly string[];
  readonly apiAudiences?: readonly string[];
  readonly jwksUri?: string;
}

/** Throws an Error of one sentence that names the source of what is wrong. */
export function readServiceAccountKeys(texts: ServiceAccountKeyTexts): ServiceAccountKeys {
  const { issuers, apiAudiences, jwksUri, keys = [] } = texts;
  const wrong = issuers.find((issuer) => issuer === "" || (issuer.includes(":") && !URL.canParse(issuer)));
  if (wrong !== undefined) throw new Error(`The issuer of service account tokens ${JSON.stringify(wrong)} is no URL.`);
  const signingKey = read(texts.signingKey, readSigningKey);
  const verificationKeys = new Map<string, VerificationKey>([[signingKey.verification.id, signingKey.verification]]);
  for (const text of keys) for (const key of read(text, readVerificationKeys)) verificationKeys.set(key.id, key);
  return {
    issuers,
    ...(apiAudiences?.length && { apiAudiences }),
    ...(jwksUri && { jwksUri }),
    signingKey,
    verificationKeys: [...verificationKeys.values()],
  };
}

function read<T>({ source, pem }: KeyText, parse: (pem: string) => T): T {
  try {
    return parse(pem);
  } catch (error) {
    throw new Error(`${source} cannot be used for service account tokens: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}
