// Creates many objects in one request: POST /apis/bulk.kctl.dev/v1/creations. Each goes the way of a request of its own, so that
// rights, admission and validation are the same; what is saved is the traffic, and writes that share an fsync.

import { CREATIONS_MAX, type CreationResult } from "../../api/bulk/creation.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import { StatusError } from "../../api/meta/status.ts";
import { resourcePath } from "../../api/resource.ts";
import { objectRequestBody, type HttpRequest } from "../../lib/http.ts";
import type { DataAnswer } from "../answer.ts";
import type { ApiRequest, VirtualRequest } from "../api-request.ts";
import { forbiddenRequest } from "../authorizer.ts";
import { findServe } from "../dispatch.ts";
import { explainFailure } from "../failure.ts";
import { readBody } from "../request-body.ts";
import type { Server } from "../server.ts";

type Item = Partial<KubeObject> & Readonly<Record<string, unknown>>;

export async function createCreations(server: Server, request: VirtualRequest): Promise<DataAnswer> {
  const items = readItems((await readBody(request.http)).value);
  const results = await Promise.all(items.map((item) => createItem(server, request, item)));
  return { kind: "data", status: 200, data: { kind: "Creation", apiVersion: "bulk.kctl.dev/v1", results } };
}

/** Throws BadRequest that names what is wrong. */
function readItems(value: unknown): readonly Item[] {
  const { items } = (value ?? {}) as { readonly items?: unknown };
  if (!Array.isArray(items) || items.length > CREATIONS_MAX) {
    throw new StatusError("BadRequest", `items: must be a list of at most ${CREATIONS_MAX} objects`);
  }
  items.forEach((item: unknown, index) => {
    if (typeof item !== "object" || item === null || Array.isArray(item)) {
      throw new StatusError("BadRequest", `items[${index}]: must be an object with apiVersion and kind`);
    }
  });
  return items as readonly Item[];
}

/** Never rejects: what goes wrong with one object is its own affair. */
async function createItem(server: Server, request: VirtualRequest, item: Item): Promise<CreationResult> {
  try {
    const answer = await createAlone(server, request, item);
    const created = answer.kind === "entry" ? answer.entry.object : undefined;
    return { name: created?.metadata.name, uid: created?.metadata.uid };
  } catch (cause) {
    const { error, isUnexpected } = explainFailure(cause);
    if (isUnexpected) server.log.error("creating one of many objects has failed unexpectedly", { error: cause });
    return { status: error.toStatus() };
  }
}

async function createAlone(server: Server, { http, user, form }: VirtualRequest, item: Item) {
  const found = server.resources.findKind(item.apiVersion, item.kind);
  if (!found) {
    throw new StatusError("BadRequest", `no kind ${JSON.stringify(item.kind)} in ${JSON.stringify(item.apiVersion)}`);
  }
  const { served, version } = found;
  const namespace = version.scope === "Namespaced" ? (item.metadata?.namespace ?? "default") : undefined;
  const path = resourcePath(version, { namespace });
  const attributes = { user, verb: "create" as const, path, resource: version, namespace };
  const { verdict, reason } = server.auth.authorizer.authorize(attributes);
  if (verdict !== "allow") throw forbiddenRequest(attributes, reason);
  const alone = requestAlone(http, path, item);
  const request: ApiRequest = { http: alone, user, served, version, namespace, form, warnings: [] };
  return findServe(request, "create")(server, request);
}

/** The request as if it had come with this object alone. */
const requestAlone = (all: HttpRequest, path: string, item: Item): HttpRequest => ({
  method: "POST",
  path,
  query: all.query,
  headers: all.headers,
  peer: all.peer,
  body: objectRequestBody(item),
  get signal() {
    return all.signal;
  },
});
