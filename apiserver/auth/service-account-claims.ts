// What a service account's token says: Kubernetes' claims, written and read. Pure; signatures are checked elsewhere.

import { accountUserName, LEGACY_CLAIMS } from "../../api/core/service-account-secret.ts";
import type { UserInfo } from "../../lib/http.ts";

/** An object by its name, and by the uid that no later object of the name has. */
export interface ObjectIdentity {
  readonly name: string;
  readonly uid: string;
}

/** Whom a token speaks for, and whose end is its own. */
export interface TokenSubject {
  readonly namespace: string;
  readonly serviceAccount: ObjectIdentity;
  readonly pod?: ObjectIdentity;
  readonly secret?: ObjectIdentity;
  /** The pod's node, as it was when the token was issued; without a pod, what the token is bound to. */
  readonly node?: ObjectIdentity;
}

export interface TokenGrant {
  readonly subject: TokenSubject;
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** Tells this token from all others. */
  readonly id: string;
  /** Seconds since 1970, as all times in tokens. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** From when on its use is worth a warning: clients should have taken a fresh one. */
  readonly warnAfter?: number;
}

export function buildClaims(grant: TokenGrant): object {
  const { subject, issuer, audiences, id, issuedAt, expiresAt, warnAfter } = grant;
  const { namespace, serviceAccount, pod, secret, node } = subject;
  return {
    aud: audiences,
    exp: expiresAt,
    iat: issuedAt,
    iss: issuer,
    jti: id,
    "kubernetes.io": {
      namespace,
      ...(node && { node }),
      ...(pod && { pod }),
      ...(secret && { secret }),
      serviceaccount: serviceAccount,
      ...(warnAfter !== undefined && { warnafter: warnAfter }),
    },
    nbf: issuedAt,
    sub: accountUserName(namespace, serviceAccount.name),
  };
}

/** What is left to check once the signature is: undefined where the claims are no service account's. */
export interface TokenClaims {
  readonly subject: TokenSubject;
  readonly audiences: readonly string[];
  readonly id: string | undefined;
  readonly issuedAt: number | undefined;
  readonly notBefore: number | undefined;
  readonly expiresAt: number | undefined;
}

type Json = Readonly<Record<string, unknown>>;

export function readClaims(claims: Json): TokenClaims | undefined {
  const own = claims["kubernetes.io"] as Json | undefined;
  const namespace = textOf(own?.namespace);
  const serviceAccount = identityOf(own?.serviceaccount);
  if (!own || !namespace || !serviceAccount) return undefined;
  const [pod, secret, node] = [own.pod, own.secret, own.node].map(identityOf);
  return {
    subject: { namespace, serviceAccount, ...(pod && { pod }), ...(secret && { secret }), ...(node && { node }) },
    audiences: [claims.aud ?? []].flat().filter((each) => typeof each === "string"),
    id: textOf(claims.jti),
    issuedAt: numberOf(claims.iat),
    notBefore: numberOf(claims.nbf),
    expiresAt: numberOf(claims.exp),
  };
}

const textOf = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
const numberOf = (value: unknown) => (typeof value === "number" ? value : undefined);

function identityOf(value: unknown): ObjectIdentity | undefined {
  const { name, uid } = (value ?? {}) as Partial<Record<string, unknown>>;
  return typeof name === "string" && typeof uid === "string" ? { name, uid } : undefined;
}

/** The claims of the tokens that are kept in secrets, from before tokens were bound to anything. */
export interface LegacyClaims {
  readonly namespace: string;
  readonly secretName: string;
  readonly serviceAccount: ObjectIdentity;
}

/** Kubernetes' own words for what is missing. */
export function readLegacyClaims(claims: Json): LegacyClaims | string {
  const read = (claim: keyof typeof LEGACY_CLAIMS) => textOf(claims[LEGACY_CLAIMS[claim]]);
  const subject = textOf(claims.sub);
  const namespace = read("namespace");
  const secretName = read("secretName");
  const [name, uid] = [read("accountName"), read("accountUid")];
  if (!subject) return "sub claim is missing";
  if (!namespace) return "namespace claim is missing";
  if (!secretName) return "secretName claim is missing";
  if (!name) return "serviceAccountName claim is missing";
  if (!uid) return "serviceAccountUID claim is missing";
  if (subject !== accountUserName(namespace, name)) return "sub claim is invalid";
  return { namespace, secretName, serviceAccount: { name, uid } };
}

/** The groups that every service account of the namespace belongs to. */
export const accountGroups = (namespace: string): readonly string[] => [
  "system:serviceaccounts",
  `system:serviceaccounts:${namespace}`,
];

/** Undefined for users that are no service accounts. */
export function parseAccountUserName(username: string): { namespace: string; name: string } | undefined {
  const [, namespace, name] = /^system:serviceaccount:([a-z0-9-]+):([a-z0-9.-]+)$/.exec(username) ?? [];
  return namespace && name ? { namespace, name } : undefined;
}

/** The user that the bearer of a token acts as. */
export function userOf({ namespace, serviceAccount, pod, node }: TokenSubject, tokenId?: string): UserInfo {
  const extra = {
    ...(tokenId && { "authentication.kubernetes.io/credential-id": [`JTI=${tokenId}`] }),
    ...(node && {
      "authentication.kubernetes.io/node-name": [node.name],
      // Unknown where the node was gone when the token was issued.
      ...(node.uid && { "authentication.kubernetes.io/node-uid": [node.uid] }),
    }),
    ...(pod && {
      "authentication.kubernetes.io/pod-name": [pod.name],
      "authentication.kubernetes.io/pod-uid": [pod.uid],
    }),
  };
  return {
    username: accountUserName(namespace, serviceAccount.name),
    uid: serviceAccount.uid,
    groups: accountGroups(namespace),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}
