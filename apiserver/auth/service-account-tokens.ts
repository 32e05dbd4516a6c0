// Believes the tokens of service accounts: those that are signed with a key of this cluster, meant for the asker, within
// their time, and bound to objects that still exist. What was looked at once is remembered, but never whether it still holds.

import { nodes, type Node } from "../../api/core/node.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { secrets, type Secret } from "../../api/core/secret.ts";
import { LEGACY_ISSUER } from "../../api/core/service-account-secret.ts";
import { serviceAccounts, type ServiceAccount } from "../../api/core/service-account.ts";
import type { KubeObject, ObjectKey } from "../../api/meta/object.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import type { Clock } from "../../lib/clock.ts";
import { parseJwt, type UnverifiedJwt, type VerificationKey } from "../../lib/jwt.ts";
import {
  readClaims,
  readLegacyClaims,
  userOf,
  type LegacyClaims,
  type ObjectIdentity,
  type TokenClaims,
} from "./service-account-claims.ts";
import { quoteList } from "./rule-coverage.ts";
import { hashToken } from "./token-file.ts";
import type { TokenAuthenticator, TokenVerdict } from "./token-authenticator.ts";

/** An object as it is now; undefined where there is none. */
export type FindObject = <T extends KubeObject>(
  resource: ResourceDefinition<T>,
  key: ObjectKey,
) => Promise<T | undefined>;

export interface ServiceAccountTokensOptions {
  /** Whose tokens are believed. */
  readonly issuers: readonly string[];
  /** Those of the API server: what older tokens, which name nobody, are meant for. */
  readonly apiAudiences: readonly string[];
  readonly keys: readonly VerificationKey[];
  readonly find: FindObject;
  readonly clock: Clock;
}

type BoundKind = ResourceDefinition<Pod> | ResourceDefinition<Secret> | ResourceDefinition<Node>;

/** The signature has been checked, which holds for good. */
type Signed = { readonly claims: Readonly<Record<string, unknown>> } | { readonly problem: string };

/** How many tokens are remembered; then the oldest is looked at anew. */
const REMEMBERED_MAX = 4096;
/** Objects being deleted count as there for this long, as in Kubernetes. */
const DELETION_LEEWAY_MS = 60_000;
const INVALIDATED = "service account token has been invalidated";

export class ServiceAccountTokens implements TokenAuthenticator {
  readonly #options: ServiceAccountTokensOptions;
  /** By the hash of the token. */
  readonly #signed = new Map<string, Signed>();

  constructor(options: ServiceAccountTokensOptions) {
    this.#options = options;
  }

  async authenticate(token: string, audiences: readonly string[]): Promise<TokenVerdict | undefined> {
    const signed = this.#verified(token);
    if (!signed) return undefined;
    if ("problem" in signed) return refused(signed.problem);
    const { claims } = signed;
    return claims.iss === LEGACY_ISSUER
      ? this.#judgeLegacy(readLegacyClaims(claims), { token, audiences })
      : this.#judge(readClaims(claims), audiences);
  }

  /** Undefined for what does not even claim to be a token of this cluster. */
  #verified(token: string): Signed | undefined {
    const hash = hashToken(token);
    const known = this.#signed.get(hash);
    if (known) return known;
    const parsed = parseJwt(token);
    const { iss } = parsed?.claims ?? {};
    if (!parsed || (iss !== LEGACY_ISSUER && !this.#options.issuers.some((issuer) => issuer === iss))) return undefined;
    const signed = checkSignature(parsed, this.#options.keys);
    if ("claims" in signed) this.#remember(hash, signed);
    return signed;
  }

  #remember(hash: string, signed: Signed): void {
    const [oldest] = this.#signed.keys();
    if (this.#signed.size >= REMEMBERED_MAX && oldest !== undefined) this.#signed.delete(oldest);
    this.#signed.set(hash, signed);
  }

  async #judge(claims: TokenClaims | undefined, audiences: readonly string[]): Promise<TokenVerdict> {
    if (!claims) return refused("service account token claims could not be validated");
    const { apiAudiences, clock } = this.#options;
    const meantFor = claims.audiences.length > 0 ? claims.audiences : apiAudiences;
    const shared = meantFor.filter((each) => audiences.includes(each));
    if (shared.length === 0) {
      const problem = `token audiences ${quoteList(meantFor)} is invalid for the target audiences ${quoteList(audiences)}`;
      return refused(problem);
    }
    const problem = checkTimes(claims, clock.now() / 1000) ?? (await this.#checkObjects(claims));
    if (problem !== undefined) return refused(problem);
    return { kind: "known", user: userOf(claims.subject, claims.id), audiences: shared };
  }

  async #checkObjects({ subject }: TokenClaims): Promise<string | undefined> {
    const { namespace, serviceAccount, pod, secret, node } = subject;
    const account = await this.#find(serviceAccounts, { namespace, name: serviceAccount.name });
    return (
      this.#checkAccount(account, serviceAccount) ??
      (secret && (await this.#checkBound(secrets, { namespace, wanted: secret }))) ??
      (pod && (await this.#checkBound(pods, { namespace, wanted: pod }))) ??
      // Beside a pod the node only says where the pod was.
      (node && !pod ? await this.#checkBound(nodes, { wanted: node }) : undefined)
    );
  }

  #checkAccount(account: ServiceAccount | undefined, { name, uid }: ObjectIdentity): string | undefined {
    if (!account) return `serviceaccounts "${name}" not found`;
    const found = account.metadata.uid;
    if (found !== uid) return `service account UID (${found}) does not match claim (${uid})`;
    return this.#isDeleted(account) ? "service account has been deleted" : undefined;
  }

  async #checkBound(
    resource: BoundKind,
    { namespace, wanted }: { readonly namespace?: string; readonly wanted: ObjectIdentity },
  ): Promise<string | undefined> {
    const { name } = wanted;
    const object = await this.#find<KubeObject>(resource, namespace ? { namespace, name } : { name });
    if (!object || this.#isDeleted(object)) return INVALIDATED;
    const { uid } = object.metadata;
    const kind = resource.kind.toLowerCase();
    if (uid === wanted.uid) return undefined;
    return `${kind} UID (${uid}) does not match service account ${kind} ref claim (${wanted.uid})`;
  }

  async #judgeLegacy(
    claims: LegacyClaims | string,
    { token, audiences }: { readonly token: string; readonly audiences: readonly string[] },
  ): Promise<TokenVerdict> {
    if (typeof claims === "string") return refused(claims);
    const { apiAudiences } = this.#options;
    const shared = apiAudiences.filter((each) => audiences.includes(each));
    if (shared.length === 0) {
      return refused(
        `token audiences ${quoteList(apiAudiences)} is invalid for the target audiences ${quoteList(audiences)}`,
      );
    }
    const problem = await this.#checkLegacyObjects(claims, token);
    if (problem !== undefined) return refused(problem);
    const { namespace, serviceAccount } = claims;
    return { kind: "known", user: userOf({ namespace, serviceAccount }), audiences: shared };
  }

  async #checkLegacyObjects(claims: LegacyClaims, token: string): Promise<string | undefined> {
    const { namespace, secretName, serviceAccount } = claims;
    const secret = await this.#find(secrets, { namespace, name: secretName });
    if (!secret || secret.metadata.deletionTimestamp) return "token has been invalidated";
    const kept = Buffer.from(secret.data?.token ?? "", "base64").toString();
    if (hashToken(kept) !== hashToken(token)) return "token does not match server's copy";
    const account = await this.#find(serviceAccounts, { namespace, name: serviceAccount.name });
    if (!account) return `serviceaccounts "${serviceAccount.name}" not found`;
    const { uid, deletionTimestamp } = account.metadata;
    if (deletionTimestamp) return `service account ${namespace}/${serviceAccount.name} has been deleted`;
    if (uid === serviceAccount.uid) return undefined;
    return `service account UID (${uid}) does not match claim (${serviceAccount.uid})`;
  }

  #find<T extends KubeObject>(resource: ResourceDefinition<T>, key: ObjectKey): Promise<T | undefined> {
    return this.#options.find(resource, key);
  }

  #isDeleted({ metadata: { deletionTimestamp } }: KubeObject): boolean {
    if (deletionTimestamp === undefined) return false;
    return Date.parse(deletionTimestamp) < this.#options.clock.now() - DELETION_LEEWAY_MS;
  }
}

const refused = (problem: string): TokenVerdict => ({ kind: "refused", problem });

/** The key that the token names goes first; where it names none that is known, every one is tried. */
function checkSignature(token: UnverifiedJwt, keys: readonly VerificationKey[]): Signed {
  const named = keys.filter(({ id }) => id === token.header.kid);
  const candidates = named.length > 0 ? named : keys;
  if (candidates.length === 0) return { problem: "invalid signature, no keys found" };
  const isSigned = candidates.some((key) => token.isSignedBy(key));
  return isSigned ? { claims: token.claims } : { problem: "go-jose/go-jose: error in cryptographic primitive" };
}

function checkTimes({ issuedAt, notBefore, expiresAt }: TokenClaims, now: number): string | undefined {
  if (notBefore !== undefined && now < notBefore) return "service account token is not valid yet";
  // A token without an end is one that this cluster has never issued.
  if (expiresAt === undefined || now > expiresAt) return "service account token has expired";
  if (issuedAt !== undefined && now < issuedAt) return "service account token is issued in the future";
  return undefined;
}
