// Who sends a request: by client certificate or bearer token. It only finds out who it is; what they may do is decided
// elsewhere. Anonymous is undefined, never a user with a name.

import type { HttpRequest, UserInfo } from "../../lib/http.ts";
import type { TokenAuthenticator } from "./token-authenticator.ts";

export interface AuthenticatorOptions {
  readonly tokens: TokenAuthenticator;
  /** Whom tokens must be meant for. */
  readonly apiAudiences: readonly string[];
}

/** Kubernetes' rules: the common name is the user, organizations are groups, and everybody known is in system:authenticated. */
export async function authenticate(request: HttpRequest, options: AuthenticatorOptions): Promise<UserInfo | undefined> {
  const user = request.peer.user ?? certificateUser(request) ?? (await tokenUser(request, options));
  return user && withAuthenticatedGroup(user);
}

function certificateUser({ peer: { certificate } }: HttpRequest): UserInfo | undefined {
  return certificate && { username: certificate.commonName, groups: certificate.organizations };
}

async function tokenUser(
  { headers }: HttpRequest,
  { tokens, apiAudiences }: AuthenticatorOptions,
): Promise<UserInfo | undefined> {
  const token = /^bearer +(\S+)\s*$/i.exec(headers.authorization ?? "")?.[1];
  if (token === undefined) return undefined;
  const verdict = await tokens.authenticate(token, apiAudiences);
  return verdict?.kind === "known" ? verdict.user : undefined;
}

// A user's object is often the same from request to request, so that the group is added once.
const completed = new WeakMap<UserInfo, UserInfo>();

export function withAuthenticatedGroup(user: UserInfo): UserInfo {
  if (user.groups.includes("system:authenticated")) return user;
  const known = completed.get(user);
  if (known) return known;
  const complete = { ...user, groups: [...user.groups, "system:authenticated"] };
  completed.set(user, complete);
  return complete;
}
