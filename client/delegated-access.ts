// Who may ask a component: it lets the API server check tokens and rights, as Kubernetes' components do. A client certificate that
// the cluster's authority signed says itself whose it is.

import { tokenReviews } from "../api/authentication/token-review.ts";
import { subjectAccessReviews, type SubjectAccessReview } from "../api/authorization/subject-access-review.ts";
import { StatusError } from "../api/meta/status.ts";
import { errorMessage } from "../lib/error-message.ts";
import type { HttpRequest, UserInfo } from "../lib/http.ts";
import type { Client } from "./client.ts";

const ANONYMOUS: UserInfo = { username: "system:anonymous", groups: ["system:unauthenticated"] };
const AUTHENTICATED = "system:authenticated";
const BEARER = /^bearer +(\S+)$/i;

/** What somebody wants to do: `nonResourceAttributes` or `resourceAttributes`. */
export type AccessAttributes = Pick<SubjectAccessReview["spec"], "nonResourceAttributes" | "resourceAttributes">;

/** Rejects with Unauthorized or Forbidden, in Kubernetes' words; with another error where the API server does not say. */
export async function requireAccess(client: Client, request: HttpRequest): Promise<void> {
  const { path, signal } = request;
  const user = identify(request) ?? (await reviewToken(client, tokenOf(request), signal));
  const verb = request.method.toLowerCase();
  if (await isAllowed(client, { user, signal, attributes: { nonResourceAttributes: { path, verb } } })) return;
  throw new StatusError("Forbidden", `forbidden: User "${user.username}" cannot ${verb} path "${path}"`);
}

/** Who it is without a token: the certificate's holder, an in-process caller, or nobody in particular. Undefined with one. */
function identify({ peer: { certificate, user }, headers }: HttpRequest): UserInfo | undefined {
  if (certificate) {
    const { commonName, organizations } = certificate;
    return { username: commonName, groups: [...organizations, AUTHENTICATED] };
  }
  return user ?? (headers.authorization === undefined ? ANONYMOUS : undefined);
}

/** The same, where nobody in particular has no access. */
export function identifyNamed(request: HttpRequest): UserInfo | undefined {
  const user = identify(request);
  if (user === ANONYMOUS) throw unauthorized();
  return user;
}

/** Throws Unauthorized where the request has none. */
export function tokenOf({ headers }: HttpRequest): string {
  const token = BEARER.exec(headers.authorization ?? "")?.[1];
  if (token === undefined) throw unauthorized();
  return token;
}

/** Rejects with Unauthorized where the token is nobody's; with another error where the API server does not say. */
export async function reviewToken(client: Client, token: string, signal: AbortSignal): Promise<UserInfo> {
  const { status } = await asked(client.create(tokenReviews, { metadata: {}, spec: { token } }, { signal }));
  if (!status.authenticated) throw unauthorized();
  const { username = "", uid, groups = [], extra } = status.user;
  return { username, groups, uid, extra };
}

export interface AccessQuestion {
  readonly user: UserInfo;
  readonly attributes: AccessAttributes;
  readonly signal: AbortSignal;
}

/** Rejects where the API server does not say. */
export async function isAllowed(client: Client, { user, attributes, signal }: AccessQuestion): Promise<boolean> {
  const { username, uid, groups, extra } = user;
  const spec = { user: username, uid, groups: [...groups], extra, ...attributes };
  return (await asked(client.create(subjectAccessReviews, { metadata: {}, spec }, { signal }))).status.allowed;
}

const unauthorized = () => new StatusError("Unauthorized", "Unauthorized");

/** What it refuses the component is no refusal of who has asked the component. */
function asked<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((cause: unknown) => {
    throw new Error(`the API server does not review requests: ${errorMessage(cause)}`, { cause });
  });
}
