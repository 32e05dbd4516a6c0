// The typed client over any transport. It turns calls into requests and answers into objects or StatusErrors, and does
// nothing else: no cache, no retries, no state.

import { setMaxListeners } from "node:events";
import type { KubeObject, NewObject, ObjectKey } from "../api/meta/object.ts";
import { reasonOf, statusErrorOf, StatusError, type Status } from "../api/meta/status.ts";
import { apiVersionOf, resourcePath, type ResourceDefinition } from "../api/resource.ts";
import { emptyRequestBody, HttpError, objectRequestBody, type Handler, type HttpRequest } from "../lib/http.ts";
import type {
  Client,
  DeleteOptions,
  GetOptions,
  ListOptions,
  ObjectList,
  Patch,
  SubresourceTarget,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "./client.ts";
import { readAnswer, readWatch, type RawWatchEvent } from "./response-body.ts";

export interface ClientSettings {
  readonly userAgent?: string;
  /**
   * The fence of a leader (see leader-election.ts), sent with every write: the server refuses the write once somebody
   * else leads. Called for each write; undefined sends none.
   */
  fence?(): string | undefined;
}

/** Holds no connection and no state of its own: as many as one likes may share a transport. */
export function createClient(transport: Handler, settings: ClientSettings = {}): Client {
  return new ApiClient(transport, settings);
}

interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

const PATCH_TYPES: Readonly<Record<Patch["type"], string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

class ApiClient implements Client {
  readonly #transport: Handler;
  readonly #settings: ClientSettings;

  constructor(transport: Handler, settings: ClientSettings) {
    this.#transport = transport;
    this.#settings = settings;
  }

  async get<T extends KubeObject>(resource: ResourceDefinition<T>, key: ObjectKey, options: GetOptions = {}) {
    const path = pathOf(resource, { ...key, subresource: options.subresource });
    return (await this.#call({ method: "GET", path, signal: options.signal })) as T;
  }

  async list<T extends KubeObject>(resource: ResourceDefinition<T>, options: ListOptions = {}) {
    const { namespace, signal, ...query } = options;
    const path = pathOf(resource, { namespace });
    return readList(resource, (await this.#call({ method: "GET", path, query, signal })) as RawList<T>);
  }

  async *watch<T extends KubeObject>(
    resource: ResourceDefinition<T>,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>, void> {
    const { namespace, signal, ...selection } = options;
    const call: Call = {
      method: "GET",
      path: pathOf(resource, { namespace }),
      query: { watch: true, ...selection },
      signal,
    };
    try {
      for await (const event of readWatch(await this.#send(call))) yield readEvent<T>(event);
    } catch (error) {
      // A transport reports its own aborting in its own way; for the caller the watch has ended as it wished.
      if (!signal.aborted) throw asStatusError(error);
    }
  }

  async create<T extends KubeObject>(
    resource: ResourceDefinition<T>,
    object: NewObject<T>,
    options: WriteOptions = {},
  ): Promise<T> {
    const { namespace, name } = object.metadata;
    const target = options.subresource ? { namespace, name, subresource: options.subresource } : { namespace };
    const body = object.kind ? object : { apiVersion: apiVersionOf(resource), kind: resource.kind, ...object };
    return (await this.#call({ ...writeCall(options), method: "POST", path: pathOf(resource, target), body })) as T;
  }

  async update<T extends KubeObject>(resource: ResourceDefinition<T>, object: T, options: WriteOptions = {}) {
    const { namespace, name } = object.metadata;
    const path = pathOf(resource, { namespace, name, subresource: options.subresource });
    return (await this.#call({ ...writeCall(options), method: "PUT", path, body: object })) as T;
  }

  async patch<T extends KubeObject>(...[resource, key, patch, options = {}]: Parameters<Client["patch"]>): Promise<T> {
    const call = writeCall(options);
    const force = patch.type === "apply" ? patch.force : undefined;
    return (await this.#call({
      ...call,
      method: "PATCH",
      path: pathOf(resource, { ...key, subresource: options.subresource }),
      query: { ...call.query, force },
      contentType: PATCH_TYPES[patch.type],
      body: patch.patch,
    })) as T;
  }

  async delete(resource: ResourceDefinition, key: ObjectKey, options: DeleteOptions = {}): Promise<void> {
    const { signal, dryRun, ...rest } = options;
    const body = { kind: "DeleteOptions", apiVersion: "v1", ...rest, ...(dryRun && { dryRun: ["All"] }) };
    await this.#call({ method: "DELETE", path: pathOf(resource, key), body, signal });
  }

  createSubresource(...[resource, target, body, options = {}]: Parameters<Client["createSubresource"]>) {
    return this.#call({ ...writeCall(options), method: "POST", path: pathOf(resource, target), body });
  }

  async raw(request: Pick<HttpRequest, "method" | "path"> & Partial<HttpRequest>) {
    try {
      return await this.#transport({
        query: new URLSearchParams(),
        body: emptyRequestBody,
        peer: { address: "" },
        signal: neverAborted,
        ...request,
        headers: { ...this.#headersOf(request.method), ...request.headers },
      });
    } catch (error) {
      throw asStatusError(error);
    }
  }

  async #call(call: Call): Promise<unknown> {
    const response = await this.#send(call);
    try {
      return await readAnswer(response);
    } catch (error) {
      throw asStatusError(error);
    }
  }

  #send({ method, path, query, contentType = "application/json", body, signal }: Call) {
    return this.raw({
      method,
      path,
      query: renderQuery(query),
      headers: { accept: "application/json", ...(body !== undefined && { "content-type": contentType }) },
      body: body === undefined ? emptyRequestBody : objectRequestBody(body),
      signal: signal ?? neverAborted,
    });
  }

  #headersOf(method: string): Record<string, string> {
    const fence = method === "GET" ? undefined : this.#settings.fence?.();
    const { userAgent } = this.#settings;
    return { ...(userAgent && { "user-agent": userAgent }), ...(fence && { "gantry-fence": fence }) };
  }
}

/** A server that cannot be reached, or a connection that broke, is an outcome of the API like others. */
function asStatusError(error: unknown): unknown {
  return error instanceof HttpError ? new StatusError(reasonOf(error.code), error.message) : error;
}

const neverAborted = new AbortController().signal;
// All calls without a signal of their own listen to this one while they are under way.
setMaxListeners(0, neverAborted);

function writeCall({ dryRun, fieldManager, signal }: WriteOptions): Pick<Call, "query" | "signal"> {
  return { query: { dryRun: dryRun ? "All" : undefined, fieldManager }, signal };
}

function renderQuery(query: Call["query"] = {}): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== false && value !== "") params.set(name, String(value));
  }
  return params;
}

/** Requests carry decoded paths, so that a name may hold no separator: it would name another resource. */
function pathOf(resource: ResourceDefinition, target: Partial<SubresourceTarget>): string {
  for (const segment of [target.namespace, target.name]) {
    if (segment !== undefined && (segment === "." || segment === ".." || /[/%]/.test(segment))) {
      throw new StatusError(
        "BadRequest",
        `invalid name ${JSON.stringify(segment)}: may not be '.', '..' or contain '/' or '%'`,
      );
    }
  }
  return decodeURIComponent(resourcePath(resource, target));
}

interface RawList<T> {
  readonly items: readonly T[] | null;
  readonly metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
}

/** kube-apiserver leaves apiVersion and kind out of a list's items; everything here relies on them. */
function readList<T extends KubeObject>(resource: ResourceDefinition<T>, list: RawList<T>): ObjectList<T> {
  const items = list.items ?? [];
  const apiVersion = apiVersionOf(resource);
  const { kind } = resource;
  return {
    items: items.every((item) => item.kind) ? items : items.map((item) => ({ ...item, apiVersion, kind })),
    resourceVersion: list.metadata.resourceVersion,
    continue: list.metadata.continue,
    remainingItemCount: list.metadata.remainingItemCount,
  };
}

function readEvent<T extends KubeObject>({ type, object }: RawWatchEvent): WatchEvent<T> {
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      return { type, object: object as T };
    case "BOOKMARK":
      return { type, resourceVersion: (object as T).metadata.resourceVersion };
    case "ERROR":
      throw statusErrorOf(object as Status);
    default:
      throw new StatusError(
        "InternalError",
        `the server sent a watch event of the unknown type ${JSON.stringify(type)}`,
      );
  }
}
