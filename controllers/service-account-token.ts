// Fills the secrets that ask for a token of a service account, and removes those whose account is gone, so that their tokens
// end with it. Kubernetes' token controller.

import { secrets, type Secret } from "../api/core/secret.ts";
import {
  ACCOUNT_NAME,
  ACCOUNT_UID,
  accountUserName,
  LEGACY_CLAIMS,
  LEGACY_ISSUER,
  TOKEN_SECRET_TYPE,
} from "../api/core/service-account-secret.ts";
import { serviceAccounts, type ServiceAccount } from "../api/core/service-account.ts";
import { formatKey, keyOf } from "../api/meta/object.ts";
import { ignoreNotFound } from "../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler } from "../client/controller.ts";
import type { SigningKey } from "../lib/jwt.ts";

export interface ServiceAccountTokenOptions {
  /** PEM of the authority that the API server's certificate can be checked with; left out unless given. */
  readonly certificateAuthority?: string;
  /** Signs the tokens. Secrets stay without one unless given. */
  readonly tokenKey?: SigningKey;
}

const BY_ACCOUNT = "service-account";

/** `namespace/name` of the account that a secret asks for. */
const byAccount = {
  [BY_ACCOUNT]: ({ type, metadata }: Secret) => {
    const name = metadata.annotations?.[ACCOUNT_NAME];
    return type === TOKEN_SECRET_TYPE && name ? [`${metadata.namespace}/${name}`] : [];
  },
};

export const serviceAccountTokenController = (options: ServiceAccountTokenOptions): Controller<Secret> => ({
  name: "service-account-token",
  for: secrets,
  watches: [
    {
      resource: serviceAccounts,
      map: ({ object }, deps) =>
        deps
          .informer(secrets, byAccount)
          .byIndex(BY_ACCOUNT, formatKey(keyOf(object)))
          .map(keyOf),
    },
  ],
  build: (deps) => new ServiceAccountTokenReconciler(deps, options),
});

class ServiceAccountTokenReconciler implements Reconciler<Secret> {
  readonly #deps: ControllerDeps;
  readonly #options: ServiceAccountTokenOptions;

  constructor(deps: ControllerDeps, options: ServiceAccountTokenOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  async reconcile(secret: Secret): Promise<void> {
    const { namespace, annotations, uid, resourceVersion } = secret.metadata;
    const name = annotations?.[ACCOUNT_NAME];
    if (secret.type !== TOKEN_SECRET_TYPE || !name) return;
    const { client, informer } = this.#deps;
    const key = { namespace, name };
    // The cache may lag behind, and what is deleted here is not made again.
    const account =
      informer(serviceAccounts).get(key) ?? (await client.get(serviceAccounts, key).catch(ignoreNotFound));
    const wantedUid = annotations[ACCOUNT_UID];
    if (!account || (wantedUid && wantedUid !== account.metadata.uid)) {
      const preconditions = { uid, resourceVersion };
      await client.delete(secrets, keyOf(secret), { preconditions }).catch(ignoreNotFound);
      return;
    }
    const filled = fillSecret(secret, account, this.#options);
    if (filled) await client.update(secrets, filled);
  }

  async finalize(): Promise<void> {
    // A secret on its way out gets nothing new.
  }
}

/** Undefined where nothing is missing. Exported for its test. */
export function fillSecret(
  secret: Secret,
  account: ServiceAccount,
  { certificateAuthority, tokenKey }: ServiceAccountTokenOptions,
): Secret | undefined {
  const { data = {}, metadata } = secret;
  const authority = certificateAuthority && encode(certificateAuthority);
  const missing = {
    ...(authority && data["ca.crt"] !== authority && { "ca.crt": authority }),
    ...(!data.namespace && { namespace: encode(metadata.namespace ?? "") }),
    ...(!data.token && tokenKey && { token: encode(tokenKey.sign(claimsOf(secret, account))) }),
  };
  const isNamed = metadata.annotations?.[ACCOUNT_UID] === account.metadata.uid;
  if (isNamed && Object.keys(missing).length === 0) return undefined;
  const annotations = { ...metadata.annotations, [ACCOUNT_UID]: account.metadata.uid };
  return { ...secret, metadata: { ...metadata, annotations }, data: { ...data, ...missing } };
}

const encode = (text: string) => Buffer.from(text).toString("base64");

const claimsOf = ({ metadata: { namespace = "", name } }: Secret, { metadata: account }: ServiceAccount) => ({
  iss: LEGACY_ISSUER,
  [LEGACY_CLAIMS.namespace]: namespace,
  [LEGACY_CLAIMS.secretName]: name,
  [LEGACY_CLAIMS.accountName]: account.name,
  [LEGACY_CLAIMS.accountUid]: account.uid,
  sub: accountUserName(namespace, account.name),
});
