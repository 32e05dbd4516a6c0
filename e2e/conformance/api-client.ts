// The API over HTTPS as the administrator: plain JSON in and out, answers of any code, and watches that are read event by event.

import type { IncomingMessage } from "node:http";
import { Agent, request, type RequestOptions } from "node:https";
import { once } from "node:events";
import type { KubeConfig } from "@kubernetes/client-node";

export interface Json {
  readonly [field: string]: unknown;
}

export interface KubeJson extends Json {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: Json & {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly continue?: string;
    readonly remainingItemCount?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly items: readonly KubeJson[];
  readonly message?: string;
  readonly reason?: string;
}

export interface Answer {
  readonly code: number;
  readonly text: string;
  readonly headers: IncomingMessage["headers"];
  readonly data: KubeJson;
}

export interface Asked {
  readonly body?: unknown;
  readonly type?: string;
  readonly accept?: string;
}

export const MERGE = "application/merge-patch+json";
export const STRATEGIC = "application/strategic-merge-patch+json";
export const JSON_PATCH = "application/json-patch+json";
export const APPLY = "application/apply-patch+yaml";

const decode = (base64 = "") => Buffer.from(base64, "base64").toString();

export class ApiClient {
  readonly #options: RequestOptions;

  constructor(config: KubeConfig, port: number) {
    const { certData, keyData } = config.getCurrentUser() ?? {};
    const keys = { ca: decode(config.getCurrentCluster()?.caData), cert: decode(certData), key: decode(keyData) };
    this.#options = { host: "127.0.0.1", port, agent: new Agent({ keepAlive: true }), ...keys };
  }

  /** What is answered, whatever its code. A body that is a string goes as it is. */
  async ask(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    const received = await this.#send(method, path, asked);
    const text = Buffer.concat((await received.toArray()) as Buffer[]).toString();
    const isJson = received.headers["content-type"]?.includes("json") === true;
    const data = (isJson ? JSON.parse(text) : {}) as KubeJson;
    return { code: received.statusCode ?? 0, text, headers: received.headers, data };
  }

  get(path: string): Promise<KubeJson> {
    return this.#succeed("GET", path, {});
  }

  post(path: string, body: unknown): Promise<KubeJson> {
    return this.#succeed("POST", path, { body });
  }

  put(path: string, body: unknown): Promise<KubeJson> {
    return this.#succeed("PUT", path, { body });
  }

  patch(path: string, body: unknown, type = MERGE): Promise<KubeJson> {
    return this.#succeed("PATCH", path, { body, type });
  }

  delete(path: string, body?: unknown): Promise<KubeJson> {
    return this.#succeed("DELETE", path, { body });
  }

  /** A watch that has begun. `path` may say what it wants besides. */
  async watch(path: string): Promise<Watched> {
    const received = await this.#send("GET", `${path}${path.includes("?") ? "&" : "?"}watch=true`, {});
    if (received.statusCode === 200) return new Watched(received);
    const text = Buffer.concat((await received.toArray()) as Buffer[]).toString();
    throw new Error(`watch ${path}: ${received.statusCode} ${text}`);
  }

  async #succeed(method: string, path: string, asked: Asked): Promise<KubeJson> {
    const { code, text, data } = await this.ask(method, path, asked);
    if (code >= 300) throw new Error(`${method} ${path}: ${code} ${text}`);
    return data;
  }

  async #send(method: string, path: string, { body, type = "application/json", accept }: Asked) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const content = body === undefined ? {} : { "content-type": type, "content-length": Buffer.byteLength(text) };
    const headers = { ...content, ...(accept && { accept }) };
    const sent = request({ ...this.#options, method, path, headers });
    sent.end(text);
    const [received] = (await once(sent, "response")) as [IncomingMessage];
    return received;
  }
}

export interface WatchedEvent {
  readonly type: string;
  readonly object: KubeJson;
}

const EVENT_LIMIT_MS = 10_000;

export class Watched {
  readonly #received: IncomingMessage;
  readonly #events: AsyncGenerator<WatchedEvent>;

  constructor(received: IncomingMessage) {
    this.#received = received;
    this.#events = eventsOf(received);
  }

  /** The next event. Throws when none comes, or the watch ends. */
  async next(): Promise<WatchedEvent> {
    const timer = setTimeout(() => this.#received.destroy(new Error("no event came")), EVENT_LIMIT_MS);
    const result = await this.#events.next().finally(() => clearTimeout(timer));
    if (result.done) throw new Error("the watch has ended");
    return result.value;
  }

  async take(count: number): Promise<readonly WatchedEvent[]> {
    const taken: WatchedEvent[] = [];
    while (taken.length < count) taken.push(await this.next());
    return taken;
  }

  /** The first event that fulfils it, dropping those before. */
  async until(fulfils: (event: WatchedEvent) => boolean): Promise<WatchedEvent> {
    for (;;) {
      const event = await this.next();
      if (fulfils(event)) return event;
    }
  }

  close(): void {
    this.#received.destroy();
  }
}

async function* eventsOf(received: IncomingMessage): AsyncGenerator<WatchedEvent, undefined> {
  let rest = "";
  for await (const chunk of received.setEncoding("utf8") as AsyncIterable<string>) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as WatchedEvent;
  }
  return undefined;
}
