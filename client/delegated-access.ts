// Who may ask a component: it lets the API server check tokens and rights, as Kubernetes' components do. A client certificate that
// the cluster's authority signed says itself whose it is.

import { tokenReviews } from "../api/authentication/token-review.ts";
import { subjectAccessReviews } from "../api/authorization/subject-access-review.ts";
import { StatusError } from "../api/meta/status.ts";
import { errorMessage } from "../lib/error-message.ts";
import type { HttpRequest, UserInfo } from "../lib/http.ts";
import type { Client } from "./client.ts";

const ANONYMOUS: UserInfo = { username: "system:anonymous", groups: ["system:unauthenticated"] };
const AUTHENTICATED = "system:authenticated";
const BEARER = /^bearer +(\S+)$/i;

/** Rejects with Unauthorized or Forbidden, in Kubernetes' words; with another error where the API server does not say. */
export async function requireAccess(client: Client, request: HttpRequest): Promise<void> {
  const { path, signal } = request;
  const { username, uid, groups, extra } = await authenticate(client, request);
  const verb = request.method.toLowerCase();
  const spec = { user: username, uid, groups: [...groups], extra, nonResourceAttributes: { path, verb } };
  const { status } = await asked(client.create(subjectAccessReviews, { metadata: {}, spec }, { signal }));
  if (status.allowed) return;
  throw new StatusError("Forbidden", `forbidden: User "${username}" cannot ${verb} path "${path}"`);
}

async function authenticate(client: Client, { peer, headers, signal }: HttpRequest): Promise<UserInfo> {
  if (peer.certificate) {
    const { commonName, organizations } = peer.certificate;
    return { username: commonName, groups: [...organizations, AUTHENTICATED] };
  }
  const { authorization } = headers;
  if (authorization === undefined) return ANONYMOUS;
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) throw new StatusError("Unauthorized", "Unauthorized");
  const { status } = await asked(client.create(tokenReviews, { metadata: {}, spec: { token } }, { signal }));
  if (!status.authenticated) throw new StatusError("Unauthorized", "Unauthorized");
  const { username = "", uid, groups = [], extra } = status.user;
  return { username, groups, uid, extra };
}

/** What it refuses the component is no refusal of who has asked the component. */
function asked<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((cause: unknown) => {
    throw new Error(`the API server does not review requests: ${errorMessage(cause)}`, { cause });
  });
}
