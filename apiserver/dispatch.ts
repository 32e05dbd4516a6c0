// From a routed request to the verb or subresource that serves it: the one table of what can be done to a resource.

import { nodes, type Node } from "../api/core/node.ts";
import type { Pod } from "../api/core/pod.ts";
import type { Verb } from "../api/resource.ts";
import { StatusError } from "../api/meta/status.ts";
import { admitConnection } from "./admission/run-admission.ts";
import type { Answer } from "./answer.ts";
import type { ApiRequest } from "./api-request.ts";
import { listComputed } from "./registry/computed.ts";
import { createObject } from "./registry/create.ts";
import { deleteCollection } from "./registry/delete-collection.ts";
import { deleteObject } from "./registry/delete.ts";
import { getObject, readEntry } from "./registry/get.ts";
import { listObjects } from "./registry/list.ts";
import { readBoolean, readListOptions } from "./registry/list-options.ts";
import { patchObject } from "./registry/patch.ts";
import { readSelection } from "./registry/selection.ts";
import { updateObject } from "./registry/update.ts";
import { objectOf } from "./registry/view.ts";
import { watchObjects } from "./registry/watch.ts";
import type { Server } from "./server.ts";
import { storageKey, verbsOf } from "./served-resource.ts";
import { selectableKind } from "./versions.ts";
import { acceptOffer } from "./subresources/accept-offer.ts";
import { declineOffer, reviveFramework } from "./subresources/answer-offer.ts";
import { serveApproval } from "./subresources/approval.ts";
import { createBinding } from "./subresources/binding.ts";
import { createEviction } from "./subresources/eviction.ts";
import { finalizeNamespace } from "./subresources/finalize.ts";
import type { PodStream } from "./subresources/kubelet-request.ts";
import { streamFromPod } from "./subresources/kubelet-stream.ts";
import { servePodSpecPart } from "./subresources/pod-spec-parts.ts";
import { serveProxy } from "./subresources/serve-proxy.ts";
import { serveScale } from "./subresources/scale.ts";
import { createToken } from "./subresources/token.ts";

export type Serve = (server: Server, request: ApiRequest) => Promise<Answer>;

/** What kube-apiserver's router says, with details of nothing. */
export const notServed = (): StatusError =>
  new StatusError("NotFound", "the server could not find the requested resource", { details: {} });
export const notAllowed = (): StatusError =>
  new StatusError("MethodNotAllowed", "the server does not allow this method on the requested resource", {
    details: {},
  });

const OBJECT_VERBS: Readonly<Record<string, Verb | undefined>> = {
  GET: "get",
  HEAD: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};
const COLLECTION_VERBS: Readonly<Record<string, Verb | undefined>> = {
  GET: "list",
  HEAD: "list",
  POST: "create",
  DELETE: "deletecollection",
};
const CONNECTIONS: readonly string[] = ["exec", "attach", "portforward", "proxy"];

/** Requests that last as long as those at both ends like. */
export const isConnection = ({ subresource = "" }: ApiRequest): boolean => CONNECTIONS.includes(subresource);

/** What the request wants. Throws MethodNotAllowed for methods without a meaning here. */
export function verbOf({ http, name, subresource, isWatch }: ApiRequest): Verb {
  if (isWatch) {
    if (http.method === "GET") return "watch";
    throw notAllowed();
  }
  // What is asked of a backend is its affair; whether a user may ask is decided by the method.
  if (subresource === "proxy" && http.method === "OPTIONS") return "get";
  if (subresource && http.method === "POST") return "create";
  const verb = (name === undefined ? COLLECTION_VERBS : OBJECT_VERBS)[http.method];
  if (!verb) throw notAllowed();
  return verb === "list" && readBoolean(http.query, "watch") ? "watch" : verb;
}

const VERBS: Readonly<Record<Verb, Serve>> = {
  create: createObject,
  get: (_, request) => getObject(request),
  list: serveCollection,
  watch: serveCollection,
  update: updateObject,
  patch: patchObject,
  delete: deleteObject,
  deletecollection: deleteCollection,
};

interface SubresourceRule {
  readonly methods: readonly string[];
  readonly serve: Serve;
}

const READ_WRITE = ["GET", "PUT", "PATCH"];

const SUBRESOURCES: Readonly<Record<string, SubresourceRule | undefined>> = {
  status: { methods: READ_WRITE, serve: serveStatus },
  scale: { methods: READ_WRITE, serve: serveScale },
  binding: { methods: ["POST"], serve: createBinding },
  token: { methods: ["POST"], serve: createToken },
  eviction: { methods: ["POST"], serve: createEviction },
  approval: { methods: READ_WRITE, serve: serveApproval },
  accept: { methods: ["POST"], serve: acceptOffer },
  decline: { methods: ["POST"], serve: declineOffer },
  revive: { methods: ["POST"], serve: reviveFramework },
  finalize: { methods: ["PUT"], serve: finalizeNamespace },
  ephemeralcontainers: { methods: READ_WRITE, serve: servePodSpecPart },
  resize: { methods: READ_WRITE, serve: servePodSpecPart },
  log: { methods: ["GET"], serve: serveStream },
  exec: { methods: ["GET", "POST"], serve: connecting(serveStream) },
  attach: { methods: ["GET", "POST"], serve: connecting(serveStream) },
  portforward: { methods: ["GET", "POST"], serve: connecting(serveStream) },
  proxy: { methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], serve: connecting(serveProxy) },
};

/**
 * Throws NotFound where the kind has no such subresource, MethodNotAllowed where it does not take the verb or the method:
 * HEAD needs the rights of GET, and is served by no resource but what a proxy leads to.
 */
export function findServe(request: ApiRequest, verb: Verb): Serve {
  const { subresource, http, version: resource } = request;
  if (subresource === undefined) {
    if (http.method === "HEAD" || !verbsOf(resource).includes(verb)) throw notAllowed();
    return VERBS[verb];
  }
  const declared = resource.subresources?.some((each) => each === subresource);
  const rule = declared ? SUBRESOURCES[subresource] : undefined;
  if (!rule) throw notServed();
  if (!rule.methods.includes(http.method)) throw notAllowed();
  return rule.serve;
}

function serveStatus(server: Server, request: ApiRequest): Promise<Answer> {
  if (request.http.method === "PUT") return updateObject(server, request);
  return request.http.method === "PATCH" ? patchObject(server, request) : getObject(request);
}

async function serveCollection(server: Server, request: ApiRequest): Promise<Answer> {
  const { query } = request.http;
  const options = readListOptions(query);
  const selection = readSelection(selectableKind(request.version), query, request.name);
  const { rules } = request.served;
  if (rules.compute) return listComputed(rules.compute, { selection, namespace: request.namespace });
  const list = { request, options, selection };
  return options.isWatch || request.isWatch ? watchObjects(server, list) : listObjects(server, list);
}

/** Steps of admission may refuse connections, too. */
function connecting(serve: Serve): Serve {
  return async (server, request) => {
    await admitConnection(server, request);
    return serve(server, request);
  };
}

async function serveStream(server: Server, request: ApiRequest): Promise<Answer> {
  const pod = objectOf<Pod>(await readEntry(request));
  const access = {
    readNode: (name: string) => Promise.resolve(findNode(server, name)),
    nodeHandler: server.nodeHandler,
  };
  const stream = request.subresource as PodStream;
  return { kind: "response", response: await streamFromPod(access, request.http, { pod, stream }) };
}

function findNode(server: Server, name: string): Node | undefined {
  const served = server.resources.require(nodes);
  const entry = served.cache.get(storageKey(served, { name }));
  return entry && objectOf<Node>(entry);
}
