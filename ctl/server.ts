// Requests to the API server as kctl makes them: JSON in and out, failures as StatusError, warnings shown as they come.

import type { Connection } from "../client/kubeconfig.ts";
import { readAnswer, readWatch, type RawWatchEvent } from "../client/response-body.ts";
import { emptyRequestBody, type Handler, type HttpResponse, type RequestBody } from "../lib/http.ts";
import { renderJson } from "../lib/json.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";

export interface ApiCall {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Decoded, such as `/api/v1/namespaces/default/pods/web`. */
  readonly path: string;
  /** Entries that are undefined, false or empty are left out; a list gives its entry several times. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly body?: unknown;
  /** Of the body; JSON unless given. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Server {
  /** Such as `https://127.0.0.1:6443`. */
  readonly url: string;
  /** The answer's JSON value. Rejects with the StatusError that a failed answer stands for. */
  call(call: ApiCall): Promise<unknown>;
  /** The answer as it comes in, whatever its status: for logs and upgrades. */
  send(call: ApiCall): Promise<HttpResponse>;
  /** The events of a watch, until the server ends it or the signal is aborted. */
  watch(call: ApiCall): AsyncGenerator<RawWatchEvent, void>;
}

export interface ServerOptions {
  readonly io: CommandIo;
  readonly connection: Connection;
  /** For one request; 0 or undefined for any time. Watches and streams are not limited. */
  readonly requestTimeoutMs: number | undefined;
  /** From 6 on, each request is shown. */
  readonly verbosity: number;
}

export function createServer(options: ServerOptions): Server {
  const handle = options.io.connect(options.connection);
  const send = (call: ApiCall) => sendCall(call, handle, options);
  return {
    url: options.connection.baseUrl,
    send,
    call: (call) => withTimeout(options, async (signal) => readAnswer(await send({ signal, ...call }))),
    watch: async function* (call) {
      yield* readWatch(await send({ ...call, query: { ...call.query, watch: true } }));
    },
  };
}

async function sendCall(call: ApiCall, handle: Handler, { io, connection, verbosity }: ServerOptions) {
  const { method, path, query, body, contentType = "application/json", headers, signal } = call;
  const startMs = io.clock.monotonic();
  const params = renderQuery(query);
  const response = await handle({
    method,
    path,
    query: params,
    headers: {
      accept: "application/json",
      "user-agent": "kctl",
      ...(body !== undefined && { "content-type": contentType }),
      ...headers,
    },
    body: body === undefined ? emptyRequestBody : bodyOf(body),
    peer: { address: "" },
    signal: signal ?? io.signal,
  });
  if (verbosity >= 6) {
    const target = `${connection.baseUrl}${path}${params.size > 0 ? `?${params.toString()}` : ""}`;
    io.err(`${method} ${target} ${response.status} in ${Math.round(io.clock.monotonic() - startMs)} milliseconds\n`);
  }
  for (const warning of readWarnings(response.headers.warning)) io.err(`Warning: ${warning}\n`);
  return response;
}

/** Integers above 2^53 in manifests are bigint, and leave with all their digits. */
const bodyOf = (object: unknown): RequestBody => ({
  object,
  bytes: () => Promise.resolve(Buffer.from(renderJson(object))),
});

async function withTimeout<T>(
  { io, requestTimeoutMs }: ServerOptions,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (!requestTimeoutMs) return run(io.signal);
  const timeout = new AbortController();
  const tooLate = new CommandError(
    `The server has not answered within ${requestTimeoutMs / 1000}s (--request-timeout); is it busy, or behind a firewall?`,
  );
  const cancel = io.clock.setTimer(requestTimeoutMs, () => timeout.abort(tooLate));
  try {
    return await run(AbortSignal.any([io.signal, timeout.signal]));
  } finally {
    cancel();
  }
}

function renderQuery(query: ApiCall["query"] = {}): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === false || value === "") continue;
    for (const each of typeof value === "object" ? value : [value]) params.append(name, String(each));
  }
  return params;
}

/** The texts of `299 - "text"` headers, joined by commas where there are several. */
function readWarnings(header: string | undefined): string[] {
  const found = header?.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g) ?? [];
  return [...found].map(([, text = ""]) => text.replace(/\\(.)/g, "$1"));
}
