// Who is who and who may do what, put together from the parts that the server was configured with.

import type { KubeObject } from "../../api/meta/object.ts";
import type { Clock } from "../../lib/clock.ts";
import type { HttpRequest, UserInfo } from "../../lib/http.ts";
import type { SigningKey, VerificationKey } from "../../lib/jwt.ts";
import type { Random } from "../../lib/random.ts";
import { allowAuthenticated, allowMasters, authorizersInTurn, denyAll, type Authorizer } from "../authorizer.ts";
import { objectOf } from "../registry/view.ts";
import { storageKey, type ResourceTable } from "../served-resource.ts";
import { authenticate } from "./authenticator.ts";
import { componentRoles } from "../bootstrap/roles/component-roles.ts";
import { createNodeAuthorizer } from "./node-authorizer.ts";
import { createRbacAuthorizer } from "./rbac-authorizer.ts";
import { ServiceAccountTokens, type FindObject } from "./service-account-tokens.ts";
import { fileTokens, tokensInTurn, type TokenAuthenticator } from "./token-authenticator.ts";
import type { TokenUsers } from "./token-file.ts";
import { TokenIssuer } from "./token-issuer.ts";

export const AUTHORIZATION_MODES = ["AlwaysAllow", "AlwaysDeny", "RBAC", "Node"] as const;
export type AuthorizationMode = (typeof AUTHORIZATION_MODES)[number];

export interface ServiceAccountKeys {
  /** Tokens are issued in the name of the first; those of the others are believed, too. */
  readonly issuers: readonly string[];
  /** Whom tokens for this server name; its issuers unless given. */
  readonly apiAudiences?: readonly string[];
  /** Where the keys can be fetched; below the issuer unless given. */
  readonly jwksUri?: string;
  /** What tokens may be signed with, the signing key included. */
  readonly verificationKeys: readonly VerificationKey[];
  /** Without it the server issues no tokens. */
  readonly signingKey?: SigningKey;
}

export interface AuthOptions {
  readonly tokens?: TokenUsers;
  readonly serviceAccounts?: ServiceAccountKeys;
  /** The first mode with an opinion decides; AlwaysAllow unless given. */
  readonly authorizationModes?: readonly AuthorizationMode[];
  /** Decides instead of the modes. */
  readonly authorizer?: Authorizer;
  readonly clock: Clock;
  readonly random: Random;
}

export interface Auth {
  /** Undefined: nobody that is known. */
  authenticate(request: HttpRequest): Promise<UserInfo | undefined>;
  readonly tokens: TokenAuthenticator;
  readonly apiAudiences: readonly string[];
  readonly authorizer: Authorizer;
  readonly issuer?: TokenIssuer;
  /** An object of this server, for sure none if it finds none. */
  readonly find: FindObject;
}

export function createAuth(options: AuthOptions, resources: ResourceTable): Auth {
  const { tokens: users, serviceAccounts, clock, random } = options;
  const { issuers = [], verificationKeys = [], signingKey } = serviceAccounts ?? {};
  const apiAudiences = serviceAccounts?.apiAudiences ?? issuers;
  const find = createFind(resources);
  const tokens = tokensInTurn([
    ...(users ? [fileTokens(users, apiAudiences)] : []),
    ...(serviceAccounts
      ? [new ServiceAccountTokens({ issuers, apiAudiences, keys: verificationKeys, find, clock })]
      : []),
  ]);
  const [issuer] = issuers;
  return {
    authenticate: (request) => authenticate(request, { tokens, apiAudiences }),
    tokens,
    apiAudiences,
    authorizer: options.authorizer ?? createAuthorizer(options.authorizationModes ?? ["AlwaysAllow"], resources),
    find,
    ...(signingKey && issuer && { issuer: new TokenIssuer({ issuer, apiAudiences, signingKey, clock, random }) }),
  };
}

/** What all nodes may do is what the role says that they would have without an authorizer of their own. */
const [, ...nodeRules] = componentRoles.find(([name]) => name === "system:node") ?? [""];

function createAuthorizer(modes: readonly AuthorizationMode[], resources: ResourceTable): Authorizer {
  const create: Readonly<Record<AuthorizationMode, () => Authorizer>> = {
    AlwaysAllow: () => allowAuthenticated,
    AlwaysDeny: () => denyAll,
    RBAC: () => createRbacAuthorizer(resources),
    Node: () => createNodeAuthorizer(resources, nodeRules),
  };
  return authorizersInTurn([allowMasters, ...modes.map((mode) => create[mode]())]);
}

/** The cache may lag behind: what it does not show is looked for once more when it shows everything up to now. */
function createFind(resources: ResourceTable): FindObject {
  return async <T extends KubeObject>(resource: Parameters<FindObject>[0], key: Parameters<FindObject>[1]) => {
    const { cache, ...served } = resources.require(resource);
    const storedKey = storageKey(served, key);
    if (!cache.get(storedKey)) await cache.fresh();
    const entry = cache.get(storedKey);
    return entry && objectOf<T>(entry);
  };
}
