// Who sends a request: by client certificate or bearer token. It only finds out who it is; what they may do is decided
// elsewhere. Anonymous is undefined, never a user with a name.

import type { HttpRequest, UserInfo } from "../../lib/http.ts";
import { hashToken, type TokenUsers } from "./token-file.ts";

export type Authenticate = (request: HttpRequest) => Promise<UserInfo | undefined>;

/** Kubernetes' rules: the common name is the user, organizations are groups, and everybody known is in system:authenticated. */
export function createAuthenticator({ tokens }: { readonly tokens?: TokenUsers } = {}): Authenticate {
  return (request) => {
    const user = inProcessUser(request) ?? certificateUser(request) ?? tokenUser(request, tokens);
    return Promise.resolve(user && withAuthenticatedGroup(user));
  };
}

const inProcessUser = ({ peer }: HttpRequest) => peer.user;

function certificateUser({ peer: { certificate } }: HttpRequest): UserInfo | undefined {
  return certificate && { username: certificate.commonName, groups: certificate.organizations };
}

function tokenUser({ headers }: HttpRequest, tokens: TokenUsers | undefined): UserInfo | undefined {
  const token = /^bearer +(\S+)\s*$/i.exec(headers.authorization ?? "")?.[1];
  return token === undefined ? undefined : tokens?.get(hashToken(token));
}

// A user's object is the same from request to request, so that the group is added once.
const completed = new WeakMap<UserInfo, UserInfo>();

function withAuthenticatedGroup(user: UserInfo): UserInfo {
  if (user.groups.includes("system:authenticated")) return user;
  const known = completed.get(user);
  if (known) return known;
  const complete = { ...user, groups: [...user.groups, "system:authenticated"] };
  completed.set(user, complete);
  return complete;
}
