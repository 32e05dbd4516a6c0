// The secrets that hold a token of a service account for as long as they exist: the way from before tokens could be asked
// for. The names in them, and in the claims of their tokens, are Kubernetes'.

export const TOKEN_SECRET_TYPE = "kubernetes.io/service-account-token";

/** The annotations by which a secret names its account. */
export const ACCOUNT_NAME = "kubernetes.io/service-account.name";
export const ACCOUNT_UID = "kubernetes.io/service-account.uid";

/** Who issues such tokens: not the issuer of other tokens, since these expire never. */
export const LEGACY_ISSUER = "kubernetes/serviceaccount";

/** The names of the claims. */
export const LEGACY_CLAIMS = {
  namespace: "kubernetes.io/serviceaccount/namespace",
  secretName: "kubernetes.io/serviceaccount/secret.name",
  accountName: "kubernetes.io/serviceaccount/service-account.name",
  accountUid: "kubernetes.io/serviceaccount/service-account.uid",
} as const;

/** The name of the user that a service account is. */
export const accountUserName = (namespace: string, name: string) => `system:serviceaccount:${namespace}:${name}`;
