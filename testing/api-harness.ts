// An API server for tests: the real one over the memory store, on a clock that the test moves, called in process.

import { setMaxListeners } from "node:events";
import { builtinResources } from "../api/index.ts";
import type { KubeObject } from "../api/meta/object.ts";
import type { StatusDetails } from "../api/meta/status.ts";
import { createApiServer, type ApiServer, type ApiServerOptions } from "../apiserver/api-server.ts";
import { MemoryStore } from "../apiserver/storage/memory-store.ts";
import type { Store } from "../apiserver/storage/store.ts";
import {
  emptyRequestBody,
  objectRequestBody,
  type EncodableEvent,
  type HttpResponse,
  type UserInfo,
} from "../lib/http.ts";
import { silentLog } from "../lib/log.ts";
import { createMetrics } from "../lib/metrics.ts";
import { seededRandom } from "../lib/random.ts";
import { FakeClock } from "./fake-clock.ts";

const ADMIN: UserInfo = { username: "admin", groups: ["system:masters", "system:authenticated"] };

export interface CallOptions {
  /** JSON data, handed over without encoding. */
  readonly body?: unknown;
  /** The body as text, as from a socket. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** null: nobody that is known. */
  readonly user?: UserInfo | null;
}

/** What a test looks at: the code, the headers, and the body as data. */
export interface Reply {
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Data;
  readonly response: HttpResponse;
}

/** The fields that tests look at, of objects, lists and Statuses alike. Each test knows what it has asked for. */
export interface Data extends KubeObject {
  readonly spec?: object;
  readonly status?: unknown;
  readonly items?: readonly KubeObject[];
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: StatusDetails;
}

export class ApiHarness {
  readonly clock = new FakeClock();
  readonly store: Store;
  readonly server: ApiServer;
  readonly #stop = new AbortController();

  private constructor(options: Partial<ApiServerOptions>) {
    // One signal stands for the end of every call of a test.
    setMaxListeners(0, this.#stop.signal);
    this.store = options.store ?? new MemoryStore();
    this.server = createApiServer({
      store: this.store,
      resources: builtinResources,
      clock: this.clock,
      random: seededRandom(1),
      log: silentLog,
      metrics: createMetrics(),
      nodeHandler: () => () => Promise.reject(new Error("the test has no kubelets")),
      serviceCidr: "10.96.0.0/24",
      // Nobody makes service accounts here.
      disabledAdmission: ["ServiceAccount"],
      ...options,
    });
  }

  /** A server that is ready. Stop it when done. */
  static async start(options: Partial<ApiServerOptions> = {}): Promise<ApiHarness> {
    const harness = ApiHarness.prepare(options);
    await harness.begin();
    return harness;
  }

  /** A server that is asked before it is ready; `begin` makes it so. */
  static prepare(options: Partial<ApiServerOptions> = {}): ApiHarness {
    return new ApiHarness(options);
  }

  begin(): Promise<void> {
    return this.server.start(this.#stop.signal);
  }

  /** Ends what runs beside the requests; the store stays, for another server. */
  stop(): void {
    this.#stop.abort();
  }

  /** `call("GET", "/api/v1/pods?limit=1")`. */
  async call(method: string, target: string, options: CallOptions = {}): Promise<Reply> {
    const [path = "", query = ""] = target.split("?", 2);
    const { body, text, headers = {}, user = ADMIN } = options;
    const response = await this.server.handle({
      method,
      path: decodeURIComponent(path),
      query: new URLSearchParams(query),
      headers,
      body: text !== undefined ? textBody(text) : body === undefined ? emptyRequestBody : objectRequestBody(body),
      peer: { address: "in-process", ...(user && { user }) },
      signal: options.signal ?? this.#stop.signal,
    });
    return { code: response.status, headers: response.headers, data: dataOf(response) as Data, response };
  }

  async create(collection: string, object: unknown): Promise<Data> {
    const { code, data } = await this.call("POST", collection, { body: object });
    if (code !== 201) throw new Error(`creating in ${collection} gave ${code}: ${JSON.stringify(data)}`);
    return data;
  }

  async get(path: string): Promise<Data> {
    const { code, data } = await this.call("GET", path);
    if (code !== 200) throw new Error(`reading ${path} gave ${code}: ${JSON.stringify(data)}`);
    return data;
  }

  /** The events of a watch, collected as they come. */
  async watch(target: string, options: CallOptions = {}): Promise<WatchRecorder> {
    const stop = new AbortController();
    const { response } = await this.call("GET", target, { ...options, signal: stop.signal });
    if (response.body.kind !== "events") throw new Error(`watching ${target} gave ${response.status}`);
    return new WatchRecorder(response.body.events, stop);
  }
}

const textBody = (text: string) => ({ bytes: () => Promise.resolve(Buffer.from(text)) });

function dataOf({ body }: HttpResponse): unknown {
  if (body.kind === "object") return body.object;
  return body.kind === "bytes" ? Buffer.from(body.bytes).toString() : undefined;
}

/** The text that a socket would carry. */
export function textOf({ body }: HttpResponse): string {
  if (body.kind === "object") return Buffer.concat([...body.chunks()]).toString();
  return body.kind === "bytes" ? Buffer.from(body.bytes).toString() : "";
}

export class WatchRecorder {
  readonly events: EncodableEvent[] = [];
  readonly #stop: AbortController;
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>;

  constructor(source: AsyncIterable<readonly EncodableEvent[]>, stop: AbortController) {
    this.#stop = stop;
    this.ended = this.#collect(source);
  }

  /** `ADDED web`, in order. */
  get summary(): readonly string[] {
    return this.events.map(({ type, object }) => `${type} ${(object as KubeObject).metadata.name ?? ""}`.trim());
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.ended;
  }

  async #collect(source: AsyncIterable<readonly EncodableEvent[]>): Promise<void> {
    for await (const batch of source) this.events.push(...batch);
  }
}
