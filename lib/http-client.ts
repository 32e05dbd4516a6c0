// A Handler that sends requests over HTTPS, or HTTP where that is what the other end speaks: what stands in a component's
// process for the API server's, and in the API server's for a kubelet's or a pod's. It reuses connections, streams answers
// with back-pressure, and gives upgraded connections on.

import { Agent, request as startSecureRequest } from "node:https";
import {
  Agent as PlainAgent,
  request as startPlainRequest,
  type AgentOptions,
  type ClientRequest,
  type IncomingMessage,
} from "node:http";
import type { Duplex } from "node:stream";
import { encodePath } from "./http-path.ts";
import { HttpError, type Handler, type HttpRequest, type HttpResponse } from "./http.ts";
import { tunnel } from "./tunnel.ts";

export interface HttpsClientOptions {
  /** Such as `https://127.0.0.1:6443`; a path in it goes before each request's. `http:` sends everything in the clear. */
  readonly baseUrl: string;
  readonly tls: {
    /** PEM of the authorities to believe; the system's unless given. */
    readonly ca?: string;
    /** PEM of the client's certificate and key. */
    readonly cert?: string;
    readonly key?: string;
    /** The name that the server's certificate must carry, where it is not the URL's host. */
    readonly serverName?: string;
  };
  /** Sent as a bearer token with each request. */
  readonly token?: string;
  /** Believes any certificate: for trying things out only. */
  readonly insecureSkipVerify?: boolean;
  /** Connections kept open while idle; 16 unless given. */
  readonly idleConnectionsMax?: number;
  /** Requests of a method in flight at a time; others wait. Any number of the methods that are not here. */
  readonly inFlightMax?: Readonly<Record<string, number>>;
  /** For a connection to come about; 10 s unless given. Answers may take as long as the request's signal lets them. */
  readonly connectTimeoutMs?: number;
}

/** Below the idle time of Kubernetes' servers, so that a request seldom meets a connection that is being closed. */
const IDLE_MS = 60_000;

// Headers that belong to one connection, and are written anew for the next.
const NOT_FORWARDED = ["content-length", "transfer-encoding", "host"];
const NOT_RETURNED = ["transfer-encoding", "keep-alive", "connection"];

/**
 * Request bodies are read whole before they are sent. Rejects with HttpError 503, one sentence, when the server cannot be
 * reached or the connection breaks; with the signal's reason when that is aborted. The chunks of a stream throw likewise.
 */
export function httpsHandler(options: HttpsClientOptions): Handler {
  const url = new URL(options.baseUrl);
  const isSecure = url.protocol === "https:";
  const agentOf = chooseAgent(options, isSecure ? createAgent : createPlainAgent);
  const startRequest = isSecure ? startSecureRequest : startPlainRequest;
  const root = url.pathname.replace(/\/$/, "");
  return async (request) => {
    const body = await request.body.bytes(Number.POSITIVE_INFINITY);
    request.signal.throwIfAborted();
    const query = request.query.toString();
    const sent = startRequest({
      agent: agentOf(request),
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port || (isSecure ? 443 : 80),
      method: request.method,
      path: `${root}${encodePath(request.path)}${query && `?${query}`}`,
      headers: headersOf(request, options, body),
    });
    limitConnecting(sent, options.connectTimeoutMs ?? 10_000);
    const answered = answerOf(sent, { request, baseUrl: options.baseUrl });
    sent.end(body);
    return answered;
  };
}

/** The pools of connections: each method with a limit has its own, so that it keeps no other waiting. */
function chooseAgent<A extends PlainAgent>(
  options: HttpsClientOptions,
  create: (options: HttpsClientOptions, requestsMax?: number) => A,
): (request: HttpRequest) => A {
  const shared = create(options);
  const limits = Object.entries(options.inFlightMax ?? {});
  const limited = new Map<string, A>(limits.map(([method, max]) => [method, create(options, max)]));
  return ({ method }) => limited.get(method) ?? shared;
}

function createAgent(options: HttpsClientOptions, requestsMax?: number): Agent {
  const { tls, insecureSkipVerify } = options;
  return new Agent({
    ...poolOf(options, requestsMax),
    ca: tls.ca,
    cert: tls.cert,
    key: tls.key,
    servername: tls.serverName,
    rejectUnauthorized: !insecureSkipVerify,
    minVersion: "TLSv1.2",
  });
}

const createPlainAgent = (options: HttpsClientOptions, requestsMax?: number): PlainAgent =>
  new PlainAgent(poolOf(options, requestsMax));

const poolOf = ({ idleConnectionsMax = 16 }: HttpsClientOptions, requestsMax?: number): AgentOptions => ({
  keepAlive: true,
  scheduling: "lifo",
  maxFreeSockets: idleConnectionsMax,
  timeout: IDLE_MS,
  ...(requestsMax !== undefined && { maxSockets: requestsMax }),
});

function headersOf({ headers, method }: HttpRequest, { token }: HttpsClientOptions, body: Uint8Array) {
  const sendsBody = body.length > 0 || !["GET", "HEAD", "DELETE"].includes(method);
  return {
    ...without(headers, NOT_FORWARDED),
    ...(token && { authorization: `Bearer ${token}` }),
    ...(sendsBody && { "content-length": body.length }),
  };
}

const without = <V>(headers: Readonly<Record<string, V>>, names: readonly string[]): Record<string, V> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));

/** The agent's idle timeout also covers connecting, and is far too long for that. */
function limitConnecting(sent: ClientRequest, timeoutMs: number): void {
  sent.once("socket", (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => sent.destroy(Object.assign(new Error("timeout"), { code: "ETIMEDOUT" })), timeoutMs);
    const cancel = () => clearTimeout(timer);
    socket.once("encrypted" in socket ? "secureConnect" : "connect", cancel).once("close", cancel);
  });
}

interface Exchange {
  readonly request: HttpRequest;
  readonly baseUrl: string;
}

function answerOf(sent: ClientRequest, exchange: Exchange): Promise<HttpResponse> {
  const { signal } = exchange.request;
  return new Promise((resolve, reject) => {
    const abort = () => {
      sent.destroy(signal.reason as Error);
      // A request that still waits for its turn would hear of it only then.
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", abort, { once: true });
    sent.once("close", () => signal.removeEventListener("abort", abort));
    sent.once("response", (received) => {
      resolve(responseOf(received, { kind: "stream", chunks: chunksOf(received, exchange) }));
    });
    sent.once("upgrade", (received, socket: Duplex, head) => {
      signal.removeEventListener("abort", abort);
      resolve(
        responseOf(received, {
          kind: "upgrade",
          accept: (connection, early) => join({ connection, early, socket, head }),
        }),
      );
    });
    sent.on("error", (error) => reject(failureOf(error, exchange)));
  });
}

function responseOf(received: IncomingMessage, body: HttpResponse["body"]): HttpResponse {
  const dropped = body.kind === "upgrade" ? [] : NOT_RETURNED;
  const headers = Object.entries(without(received.headers, dropped));
  return {
    status: received.statusCode ?? 500,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, [value ?? []].flat().join(", ")])),
    body,
  };
}

async function* chunksOf(received: IncomingMessage, exchange: Exchange): AsyncGenerator<Uint8Array> {
  const { signal } = exchange.request;
  const abort = () => received.destroy(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  try {
    for await (const chunk of received) yield chunk as Buffer;
  } catch (error) {
    throw failureOf(error, exchange);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

interface Upgraded {
  readonly connection: Duplex;
  readonly early: Uint8Array;
  readonly socket: Duplex;
  readonly head: Uint8Array;
}

function join({ connection, early, socket, head }: Upgraded): void {
  if (head.length > 0) connection.write(head);
  if (early.length > 0) socket.write(early);
  tunnel(connection, socket);
}

function failureOf(error: unknown, { request, baseUrl }: Exchange): unknown {
  if (request.signal.aborted) return request.signal.reason;
  const { code = "", message } = error as NodeJS.ErrnoException;
  const cause =
    causes[code] ??
    (isCertificateError(code)
      ? `has a certificate that is not trusted (${message})`
      : `could not be reached (${message})`);
  return new HttpError(503, `The server at ${baseUrl} ${cause}${cause.endsWith("?") ? "" : "."}`);
}

const isCertificateError = (code: string) => /CERT|^ERR_TLS|UNABLE_TO_|^ERR_SSL|SELF_SIGNED/.test(code);

const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refused the connection; is it running?",
  ECONNRESET: "closed the connection before it had answered",
  EPIPE: "closed the connection before it had answered",
  ENOTFOUND: "has a name that is not known",
  EAI_AGAIN: "has a name that could not be looked up",
  ETIMEDOUT: "did not answer in time",
  EHOSTUNREACH: "is on a machine that cannot be reached",
  ENETUNREACH: "is on a network that cannot be reached",
  CERT_HAS_EXPIRED: "has an expired certificate",
};
