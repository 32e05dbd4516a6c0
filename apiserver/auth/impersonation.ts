// Acting as somebody else: the headers Impersonate-User, -Group, -Uid and -Extra-KEY, for those who may. Each name that is
// taken on is a permission of its own.

import { StatusError } from "../../api/meta/status.ts";
import type { HttpRequest, UserInfo } from "../../lib/http.ts";
import { forbiddenRequest, type Attributes, type Authorizer } from "../authorizer.ts";
import { accountGroups, parseAccountUserName } from "./service-account-claims.ts";

const PREFIX = "impersonate-";
const EXTRA_PREFIX = "impersonate-extra-";

/** What the headers ask for. */
export interface Impersonation {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** The user to go on as. Throws Forbidden where the real one may not, and InternalError where nobody is named, as Kubernetes does. */
export function impersonate(user: UserInfo, http: HttpRequest, authorizer: Authorizer): UserInfo {
  const wanted = readImpersonation(http);
  if (!wanted) return user;
  for (const permission of listPermissions(wanted)) {
    const attributes: Attributes = { ...permission, user, verb: "impersonate", path: http.path };
    const { verdict, reason } = authorizer.authorize(attributes);
    if (verdict !== "allow") throw forbiddenRequest(attributes, reason);
  }
  return describeUser(wanted);
}

/** Undefined where nobody is to be impersonated. */
export function readImpersonation({ headers, path }: Pick<HttpRequest, "headers" | "path">): Impersonation | undefined {
  let isAsked = false;
  const extra: Record<string, readonly string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(PREFIX) || value === undefined) continue;
    isAsked = true;
    if (name.startsWith(EXTRA_PREFIX)) extra[decodeKey(name.slice(EXTRA_PREFIX.length))] = listOf(value);
  }
  if (!isAsked) return undefined;
  const username = headers["impersonate-user"] ?? "";
  const uid = headers["impersonate-uid"];
  const groups = listOf(headers["impersonate-group"]);
  if (username === "") {
    const what = [...groups, ...Object.keys(extra), uid ?? ""].filter(Boolean).join(" ");
    const message = `Internal Server Error: ${JSON.stringify(path)}: requested [${what}] without impersonating a user`;
    throw new StatusError("InternalError", message);
  }
  return { username, ...(uid && { uid }), groups, extra };
}

/** A header that was sent several times arrives as one, joined by commas: every value is checked on its own either way. */
const listOf = (value: string | undefined): readonly string[] =>
  (value ?? "")
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean);

/** Keys may hold what headers cannot, percent-encoded. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    // Not encoded, then: Kubernetes takes it as it is.
    return key;
  }
}

type Permission = Pick<Attributes, "resource" | "subresource" | "namespace" | "name">;

const CORE = (plural: string) => ({ group: "", version: "v1", plural });
const AUTHENTICATION = (plural: string) => ({ group: "authentication.k8s.io", version: "v1", plural });

function listPermissions({ username, uid, groups, extra }: Impersonation): readonly Permission[] {
  const account = parseAccountUserName(username);
  return [
    account ? { resource: CORE("serviceaccounts"), ...account } : { resource: CORE("users"), name: username },
    ...groups.map((name) => ({ resource: CORE("groups"), name })),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((name) => ({ resource: AUTHENTICATION("userextras"), subresource: key, name })),
    ),
    ...(uid ? [{ resource: AUTHENTICATION("uids"), name: uid }] : []),
  ];
}

const ANONYMOUS = "system:anonymous";
const AUTHENTICATED = "system:authenticated";
const UNAUTHENTICATED = "system:unauthenticated";

function describeUser({ username, uid, groups: given, extra }: Impersonation): UserInfo {
  const account = parseAccountUserName(username);
  const groups = given.length === 0 && account ? accountGroups(account.namespace) : given;
  const implied = username === ANONYMOUS ? UNAUTHENTICATED : AUTHENTICATED;
  const isSaid = groups.includes(implied) || groups.includes(UNAUTHENTICATED);
  return {
    username,
    ...(uid && { uid }),
    groups: isSaid ? groups : [...groups, implied],
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}
