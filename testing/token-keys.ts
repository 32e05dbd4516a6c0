// Keys for service account tokens in tests.

import type { ServiceAccountKeys } from "../apiserver/auth/auth.ts";
import { createSigningKey, readSigningKey, type SigningKey } from "../lib/jwt.ts";

export const ISSUER = "https://kubernetes.default.svc";

export const newTokenKey = (): SigningKey => readSigningKey(createSigningKey());

export function newTokenKeys(signingKey = newTokenKey()): ServiceAccountKeys & { readonly signingKey: SigningKey } {
  return { issuers: [ISSUER], signingKey, verificationKeys: [signingKey.verification] };
}
