// Keys for service account tokens in tests.

import { generateKeyPairSync } from "node:crypto";
import type { ServiceAccountKeys } from "../apiserver/auth/auth.ts";
import { readSigningKey, type SigningKey } from "../lib/jwt.ts";

export const ISSUER = "https://kubernetes.default.svc";

export function newTokenKey(): SigningKey {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return readSigningKey(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
}

export function newTokenKeys(signingKey = newTokenKey()): ServiceAccountKeys & { readonly signingKey: SigningKey } {
  return { issuers: [ISSUER], signingKey, verificationKeys: [signingKey.verification] };
}
