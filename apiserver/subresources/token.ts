// The subresource `token` of service accounts: issues a token, bound to a pod, a node or a secret where the request says so.
// Nothing is stored, and a token appears nowhere but in the answer.

import {
  tokenRequestKind,
  validateTokenRequest,
  type BoundObjectReference,
  type TokenRequest,
} from "../../api/authentication/token-request.ts";
import { nodes } from "../../api/core/node.ts";
import { pods } from "../../api/core/pod.ts";
import { secrets } from "../../api/core/secret.ts";
import { serviceAccounts } from "../../api/core/service-account.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import { conflict, forbidden, invalid, notFound, StatusError } from "../../api/meta/status.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import { invalidField } from "../../api/schema/field-error.ts";
import { formatTime } from "../../lib/clock.ts";
import type { DataAnswer } from "../answer.ts";
import { targetOf, type ApiRequest } from "../api-request.ts";
import { nodeOf } from "../auth/node-authorizer.ts";
import type { FindObject } from "../auth/service-account-tokens.ts";
import type { ObjectIdentity, TokenSubject } from "../auth/service-account-claims.ts";
import { readDryRun, readObject } from "../registry/request-object.ts";
import type { Server } from "../server.ts";

const REQUEST = { ...tokenRequestKind, plural: "tokenrequests" };

export async function createToken(server: Server, request: ApiRequest): Promise<DataAnswer> {
  const { issuer, find } = server.auth;
  if (!issuer) throw new StatusError("NotFound", "this server issues no tokens: it was started without a signing key");
  const { namespace = "", name } = targetOf(request);
  const sent = await readObject<TokenRequest>(request, tokenRequestKind);
  readDryRun(request);
  assertSameAccount(sent, { namespace, name });
  const account = await find(serviceAccounts, { namespace, name });
  if (!account) throw notFound(serviceAccounts, name);
  const audiences = sent.spec.audiences.length > 0 ? sent.spec.audiences : issuer.apiAudiences;
  const { expirationSeconds = 0, boundObjectRef } = sent.spec;
  const errors = validateTokenRequest(sent);
  if (errors.length > 0) throw invalid(REQUEST, "", errors);
  const serviceAccount = identityOf(account);
  const bound = boundObjectRef ? await bind(find, boundObjectRef, { namespace, serviceAccount }) : {};
  const problem = findNodeProblem(nodeOf(request.user), boundObjectRef, bound);
  if (problem !== undefined) throw forbidden(serviceAccounts, name, problem);
  const subject: TokenSubject = { namespace, serviceAccount, ...bound };
  const status = issuer.issue({ subject, audiences, expirationSeconds });
  const metadata = { ...sent.metadata, name, namespace, creationTimestamp: formatTime(server.clock.now()) };
  return { kind: "data", status: 201, data: { ...sent, metadata, spec: { ...sent.spec, audiences }, status } };
}

const identityOf = ({ metadata: { name, uid } }: KubeObject): ObjectIdentity => ({ name, uid });

function assertSameAccount(
  { metadata }: Partial<TokenRequest>,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): void {
  const refuse = (field: "name" | "namespace") => {
    const detail = `must match the service account ${field} if specified`;
    return invalid(REQUEST, name, [invalidField(`metadata.${field}`, metadata?.[field], detail)]);
  };
  if (metadata?.name && metadata.name !== name) throw refuse("name");
  if (metadata?.namespace && metadata.namespace !== namespace) throw refuse("namespace");
}

type Account = Pick<TokenSubject, "namespace" | "serviceAccount">;
type Bound = Pick<TokenSubject, "pod" | "node" | "secret">;

/** What the token is bound to. Throws for objects that do not exist, or are of another kind, account or uid. */
async function bind(find: FindObject, ref: BoundObjectReference, account: Account): Promise<Bound> {
  const { kind = "", apiVersion = "", name = "", uid } = ref;
  const bound = await binderOf(apiVersion, kind)(find, name, account);
  const found = bound.pod ?? bound.secret ?? bound.node;
  if (uid && found?.uid !== uid) {
    const detail = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict({ group: "", kind, plural: kind }, name, detail);
  }
  return bound;
}

/** Kubelets get tokens for the pods that they run, and for nothing else. */
function findNodeProblem(
  node: string | undefined,
  ref: BoundObjectReference | undefined,
  bound: Bound,
): string | undefined {
  if (node === undefined) return undefined;
  if (!bound.pod) return "node requested token not bound to a pod";
  if (!ref?.uid) return "node requested token with a pod binding without a uid";
  return bound.node?.name === node ? undefined : "node requested token bound to a pod scheduled on a different node";
}

type Binder = (find: FindObject, name: string, account: Account) => Promise<Bound>;

function binderOf(apiVersion: string, kind: string): Binder {
  const isCore = !apiVersion.includes("/");
  const binder = isCore && Object.hasOwn(BINDERS, kind) ? BINDERS[kind] : undefined;
  if (binder) return binder;
  const type = `${isCore ? "/" : ""}${apiVersion}, Kind=${kind}`;
  throw new StatusError("BadRequest", `cannot bind token to object of type ${type}`);
}

const BINDERS: Readonly<Record<string, Binder | undefined>> = {
  async Pod(find, name, { namespace, serviceAccount }) {
    const pod = await require(find, pods, { namespace, name });
    if (pod.spec.serviceAccountName !== serviceAccount.name) {
      const message = `cannot bind token for serviceaccount ${JSON.stringify(serviceAccount.name)} to pod running with different serviceaccount name.`;
      throw new StatusError("BadRequest", message);
    }
    const { nodeName } = pod.spec;
    if (!nodeName) return { pod: identityOf(pod) };
    const node = await find(nodes, { name: nodeName });
    return { pod: identityOf(pod), node: node ? identityOf(node) : { name: nodeName, uid: "" } };
  },
  Secret: async (find, name, { namespace }) => ({
    secret: identityOf(await require(find, secrets, { namespace, name })),
  }),
  Node: async (find, name) => ({ node: identityOf(await require(find, nodes, { name })) }),
};

async function require<T extends KubeObject>(
  find: FindObject,
  resource: ResourceDefinition<T>,
  key: { readonly namespace?: string; readonly name: string },
): Promise<T> {
  const object = await find(resource, key);
  if (!object) throw notFound(resource, key.name);
  return object;
}
