// A small API server for tests of the client's parts: objects in a map, watches with history, optimistic concurrency, and
// faults on demand. It validates nothing and knows no kinds; tests of behaviour use the real server (cluster.ts).

import {
  CREATIONS_PATH,
  type CreationRequest,
  type CreationResponse,
  type CreationResult,
} from "../api/bulk/creation.ts";
import type { KubeObject } from "../api/meta/object.ts";
import { StatusError } from "../api/meta/status.ts";
import type { EncodableEvent, Handler, HttpRequest, HttpResponse } from "../lib/http.ts";

interface HistoryEntry {
  readonly revision: number;
  readonly collection: string;
  readonly event: EncodableEvent;
}

interface Target {
  /** Group, version and plural, such as `/api/v1/pods`. */
  readonly collection: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

const PATH = /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?(?:\/[^/]+)?$/;

export class FakeApiServer {
  /** Every request in order, as `METHOD path`; for tests about traffic. */
  readonly requests: HttpRequest[] = [];
  /** Answers with bytes, as over a socket, instead of objects. */
  encoded = false;
  /** Thrown instead of an answer, for as long as it is set. */
  failure: StatusError | undefined;
  readonly #objects = new Map<string, KubeObject>();
  readonly #watchers = new Set<() => void>();
  #history: HistoryEntry[] = [];
  #revision = 0;
  #oldest = 0;
  #generation = 0;

  readonly handle: Handler = async (request) => {
    this.requests.push(request);
    try {
      if (this.failure) throw this.failure;
      return await this.#answer(request);
    } catch (error) {
      if (!(error instanceof StatusError) || error === this.failure) throw error;
      return this.#respond(error.toStatus(), error.code);
    }
  };

  /** Ends all running watches, as a restart does. */
  cutWatches(): void {
    this.#generation++;
    this.#wake();
  }

  /** Forgets the history: watches that resume before now get 410. */
  compact(): void {
    this.#history = [];
    this.#oldest = this.#revision;
  }

  /** Sends each watcher a bookmark of the newest revision. */
  bookmark(): void {
    const object = { metadata: { resourceVersion: String(this.#revision) } };
    this.#record("", "BOOKMARK", object);
  }

  async #answer(request: HttpRequest): Promise<HttpResponse> {
    const target = parseTarget(request.path);
    if (request.method === "GET") {
      if (request.query.get("watch")) return this.#watch(target, request);
      return this.#respond(target.name ? this.#existing(target) : this.#list(target));
    }
    const body = (request.body.object ??
      JSON.parse(Buffer.from(await request.body.bytes(1e6)).toString())) as KubeObject;
    if (request.path === CREATIONS_PATH) return this.#respond(this.#createMany(body as unknown as CreationRequest));
    if (request.method === "POST") return this.#respond(this.#create(target, body), 201);
    if (request.method === "PUT") return this.#respond(this.#update(target, body));
    if (request.method === "PATCH") return this.#respond(this.#patch(target, body));
    return this.#respond(this.#delete(target));
  }

  #respond(object: unknown, status = 200): HttpResponse {
    const headers = { "content-type": "application/json" };
    const bytes = () => Buffer.from(JSON.stringify(object));
    if (this.encoded) return { status, headers, body: { kind: "bytes", bytes: bytes() } };
    return { status, headers, body: { kind: "object", object, chunks: () => [bytes()] } };
  }

  #existing(target: Target): KubeObject {
    const found = this.#objects.get(pathOf(target));
    if (!found) throw new StatusError("NotFound", `"${target.name}" not found`);
    return found;
  }

  #list({ collection, namespace }: Target) {
    const prefix = `${collection}:${namespace === undefined ? "" : `${namespace}/`}`;
    const items = [...this.#objects].filter(([path]) => path.startsWith(prefix)).map(([, object]) => object);
    return { kind: "List", metadata: { resourceVersion: String(this.#revision) }, items };
  }

  #create(target: Target, body: KubeObject): KubeObject {
    const { name } = body.metadata;
    const path = pathOf({ ...target, name });
    if (this.#objects.has(path)) throw new StatusError("AlreadyExists", `"${name}" already exists`);
    const uid = `uid-${this.#revision + 1}`;
    const creationTimestamp = "2026-01-01T00:00:00Z";
    return this.#store(target, { ...body, metadata: { ...body.metadata, uid, creationTimestamp } }, "ADDED");
  }

  /** Plurals are guessed, which is right for the kinds that are created in bulk. */
  #createMany({ items }: CreationRequest): CreationResponse {
    const results = (items as readonly KubeObject[]).map((item): CreationResult => {
      const root = item.apiVersion.includes("/") ? "/apis" : "/api";
      const collection = `${root}/${item.apiVersion}/${item.kind.toLowerCase()}s`;
      const { namespace, name } = item.metadata;
      try {
        const { metadata } = this.#create({ collection, namespace, name }, item);
        return { name: metadata.name, uid: metadata.uid };
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        return { status: error.toStatus() };
      }
    });
    return { results };
  }

  #update(target: Target, body: KubeObject): KubeObject {
    const old = this.#existing(target);
    const { resourceVersion } = body.metadata;
    if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) {
      throw new StatusError("Conflict", `"${target.name}" has been modified`);
    }
    return this.#store(target, body, "MODIFIED");
  }

  /** Replaces top-level fields: enough for the patches that the client's own parts send. */
  #patch(target: Target, body: Partial<KubeObject>): KubeObject {
    const old = this.#existing(target);
    return this.#store(target, { ...old, ...body, metadata: { ...old.metadata, ...body.metadata } }, "MODIFIED");
  }

  #delete(target: Target): KubeObject {
    const old = this.#existing(target);
    this.#objects.delete(pathOf(target));
    const last = { ...old, metadata: { ...old.metadata, resourceVersion: String(this.#revision + 1) } };
    this.#record(target.collection, "DELETED", last);
    return last;
  }

  #store(target: Target, body: KubeObject, type: "ADDED" | "MODIFIED"): KubeObject {
    const metadata = { ...body.metadata, resourceVersion: String(this.#revision + 1) };
    const object = { ...body, metadata };
    this.#objects.set(pathOf({ ...target, name: metadata.name }), object);
    this.#record(target.collection, type, object);
    return object;
  }

  #record(collection: string, type: EncodableEvent["type"], object: unknown): void {
    if (type !== "BOOKMARK") this.#revision++;
    const line = () => Buffer.from(`${JSON.stringify({ type, object })}\n`);
    this.#history.push({ revision: this.#revision, collection, event: { type, object, line } });
    this.#wake();
  }

  #watch(target: Target, request: HttpRequest): HttpResponse {
    const after = Number(request.query.get("resourceVersion") ?? 0);
    if (after < this.#oldest) throw new StatusError("Expired", `too old resource version: ${after}`);
    const events = this.#follow(target, after, request.signal);
    if (!this.encoded) return { status: 200, headers: {}, body: { kind: "events", events } };
    return { status: 200, headers: {}, body: { kind: "stream", chunks: encode(events) } };
  }

  async *#follow(target: Target, after: number, signal: AbortSignal): AsyncGenerator<EncodableEvent[], void> {
    const generation = this.#generation;
    let position = this.#history.findIndex(({ revision }) => revision > after);
    if (position < 0) position = this.#history.length;
    while (!signal.aborted && generation === this.#generation) {
      const batch = this.#history.slice(position);
      position = this.#history.length;
      if (batch.length > 0) yield batch.filter((entry) => matches(target, entry)).map(({ event }) => event);
      else await this.#changed(signal);
    }
  }

  #changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#watchers.add(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  #wake(): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const wake of watchers) wake();
  }
}

async function* encode(events: AsyncIterable<readonly EncodableEvent[]>): AsyncGenerator<Uint8Array, void> {
  for await (const batch of events) for (const event of batch) yield event.line();
}

function matches({ collection, namespace }: Target, { collection: changed, event }: HistoryEntry): boolean {
  if (event.type === "BOOKMARK") return true;
  return changed === collection && (!namespace || (event.object as KubeObject).metadata.namespace === namespace);
}

const pathOf = ({ collection, namespace, name }: Target) => `${collection}:${namespace ? `${namespace}/` : ""}${name}`;

function parseTarget(path: string): Target {
  const [, root, namespace, plural, name] = PATH.exec(path) ?? [];
  if (!plural) throw new StatusError("NotFound", "the server could not find the requested resource");
  return { collection: `${root}/${plural}`, namespace, name };
}
