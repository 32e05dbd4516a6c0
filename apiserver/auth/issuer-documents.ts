// The two documents by which others can check this cluster's tokens on their own: OpenID Connect discovery, and the keys.

import type { HttpRequest, HttpResponse } from "../../lib/http.ts";
import { renderKeySet } from "../../lib/jwt.ts";
import type { ServiceAccountKeys } from "./auth.ts";

const CONFIGURATION_PATH = "/.well-known/openid-configuration";
const KEYS_PATH = "/openid/v1/jwks";

/** Undefined for other paths, and where there are no tokens to be checked, or their issuer is no address. */
export function serveIssuerDocument(keys: ServiceAccountKeys | undefined, http: HttpRequest): HttpResponse | undefined {
  const { path, method } = http;
  const issuer = keys?.issuers[0];
  if (!keys || !issuer?.startsWith("https://") || (method !== "GET" && method !== "HEAD")) return undefined;
  if (path === CONFIGURATION_PATH) return document(buildConfiguration(keys, issuer), "application/json");
  if (path === KEYS_PATH) return document(renderKeySet(keys.verificationKeys), "application/jwk-set+json");
  return undefined;
}

const buildConfiguration = ({ jwksUri, verificationKeys }: ServiceAccountKeys, issuer: string) => ({
  issuer,
  jwks_uri: jwksUri ?? `${issuer.replace(/\/$/, "")}${KEYS_PATH}`,
  response_types_supported: ["id_token"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: [...new Set(verificationKeys.map(({ algorithm }) => algorithm))],
});

function document(content: object, contentType: string): HttpResponse {
  const headers = { "content-type": contentType, "cache-control": "public, max-age=3600" };
  return { status: 200, headers, body: { kind: "bytes", bytes: Buffer.from(JSON.stringify(content)) } };
}
