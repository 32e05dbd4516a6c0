// Puts a Handler on a socket: HTTPS with HTTP/1.1 and HTTP/2, client certificates, and bounds against slow, large and
// malformed requests. It knows no API. Every request ends in a response or a closed connection, whatever the handler does.

import { setMaxListeners } from "node:events";
import type { IncomingMessage } from "node:http";
import { ServerResponse } from "node:http";
import {
  createSecureServer,
  Http2ServerRequest,
  Http2ServerResponse,
  type Http2SecureServer,
  type Http2Session,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Application } from "express";
import type { Clock } from "./clock.ts";
import { Deadlines } from "./deadlines.ts";
import { Exchange } from "./exchange.ts";
import { readBody } from "./http-body.ts";
import { canonicalPath } from "./http-path.ts";
import { writeResponse, type Outgoing, type WriteOptions } from "./http-writer.ts";
import { emptyRequestBody, HttpError, type Handler, type HttpRequest, type HttpResponse, type Peer } from "./http.ts";
import type { Log } from "./log.ts";
import { peerOf, type ConnectionPeer } from "./peer-certificate.ts";
import { contextOf, type ServerKeys } from "./server-keys.ts";

export interface HttpsServerOptions {
  readonly handler: Handler;
  /** The address to listen on. */
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly tls: ServerKeys;
  readonly limits?: Partial<HttpLimits>;
  readonly log: Log;
  readonly clock: Clock;
  /** Registers pages for people. They are looked at only where a browser asks (Accept: text/html), and before authentication. */
  readonly pages?: Pages;
  /** How a request is refused that does not get to the handler, or that the handler takes too long for; plain text unless given. */
  renderError?(code: number, message: string): HttpResponse;
}

export type Pages = (app: Application) => void;

export interface HttpLimits {
  /** All headers of a request together, its target included: exec's commands are in there. */
  readonly headerBytesMax: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  /** Until the handler has an answer; a stream may then go on. */
  readonly answerTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** How long a client may take nothing of what is sent. */
  readonly stallMs: number;
  /** How long close() waits for requests in flight. */
  readonly drainMs: number;
  /** Further connections are closed at once. */
  readonly connectionsMax: number;
  /** Requests at the same time on one HTTP/2 connection. */
  readonly streamsMax: number;
}

const defaultLimits: HttpLimits = {
  headerBytesMax: 256 * 1024,
  headersTimeoutMs: 10_000,
  bodyTimeoutMs: 30_000,
  answerTimeoutMs: 60_000,
  idleTimeoutMs: 180_000,
  stallMs: 60_000,
  drainMs: 5_000,
  connectionsMax: 10_000,
  streamsMax: 250,
};

/** What is left of a body that nobody read is thrown away for this long, so that the client gets to see its answer. */
const LINGER_MS = 1_000;
const KEEP_ALIVE_MS = 30_000;

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** Shows new connections another certificate; others go on. Who signs client certificates stays as it was. */
  useKeys(keys: Pick<ServerKeys, "cert" | "key">): void;
  /** Takes no new connections, ends streams in order, waits for requests in flight, then cuts what is left. Idempotent. */
  close(): Promise<void>;
}

/** The server cannot listen; the message says why, and what to do. */
export class ListenError extends Error {}

type Incoming = IncomingMessage | Http2ServerRequest;

/** Resolves when the server listens. Rejects with ListenError. */
export async function serveHttps(options: HttpsServerOptions): Promise<RunningServer> {
  const connections = new Connections(options, { ...defaultLimits, ...options.limits });
  await listen(connections.server, options);
  const { port } = connections.server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    host: options.host,
    port,
    useKeys: ({ cert, key }) => connections.server.setSecureContext(contextOf({ ...options.tls, cert, key })),
    close: () => (closed ??= connections.close()),
  };
}

function listen(server: Http2SecureServer, { host, port }: HttpsServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, `${host}:${port}`)));
    server.listen(port, host, resolve);
  });
}

function listenError(error: NodeJS.ErrnoException, address: string): Error {
  switch (error.code) {
    case "EADDRINUSE":
      return new ListenError(`${address} is in use. Stop the program that listens there, or choose another port.`);
    case "EACCES":
      return new ListenError(`Listening on ${address} is not allowed. Choose a port above 1023, or run as root.`);
    case "EADDRNOTAVAIL":
      return new ListenError(`${address} is no address of this machine. Choose another address to listen on.`);
    default:
      return error;
  }
}

/** The server's sockets and what is in flight on them. */
class Connections {
  readonly server: Http2SecureServer;
  private readonly sockets = new Set<Socket>();
  private readonly sessions = new Set<Http2Session>();
  private readonly ending = new AbortController();
  private readonly renderPage: PageRenderer | undefined;
  private readonly deadlines: Deadlines;
  private inFlight = 0;
  private whenIdle: () => void = () => undefined;

  constructor(
    private readonly options: HttpsServerOptions,
    private readonly limits: HttpLimits,
  ) {
    // As many listen as there are streams, at most `connectionsMax` times `streamsMax`.
    setMaxListeners(0, this.ending.signal);
    this.deadlines = new Deadlines(options.clock, limits.answerTimeoutMs);
    this.renderPage = options.pages && pageRenderer(options.pages);
    this.server = createServer(options, limits);
    this.server.on("connection", (socket: Socket) => this.track(socket));
    this.server.on("session", (session) => this.trackSession(session));
    this.server.on("request", (incoming: Incoming, outgoing: Outgoing) => void this.serve(incoming, outgoing));
    this.server.on(
      "upgrade",
      (incoming: IncomingMessage, socket: TLSSocket, head: Buffer) => void this.serveUpgrade(incoming, socket, head),
    );
    this.server.on("tlsClientError", (error: Error) => options.log.debug("A TLS handshake failed", { error }));
    this.server.on("error", (error: Error) => options.log.error("The server's socket failed", { error }));
    // The default error listener would throw for connections that break in the middle of HTTP/2 frames.
    this.server.on("sessionError", (error: Error) => options.log.debug("An HTTP/2 session failed", { error }));
  }

  private readonly noteResponseError = (error: Error): void => {
    this.options.log.debug("A response could not be sent", { error });
  };

  private track(socket: Socket): void {
    this.sockets.add(socket);
    // Finds out about watchers whose machine has gone without a word.
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.once("close", () => this.sockets.delete(socket));
    socket.on("error", (error: Error) => this.options.log.debug("A connection failed", { error }));
  }

  private trackSession(session: Http2Session): void {
    this.sessions.add(session);
    session.once("close", () => this.sessions.delete(session));
    // Requests in flight may still end; new ones need a new connection.
    session.setTimeout(this.limits.idleTimeoutMs, () => session.close());
  }

  async close(): Promise<void> {
    const stopped = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.ending.abort();
    for (const session of this.sessions) session.close();
    await new Promise<void>((resolve) => {
      if (this.inFlight === 0) return resolve();
      const cancelTimer = this.options.clock.setTimer(this.limits.drainMs, resolve);
      this.whenIdle = () => {
        cancelTimer();
        resolve();
      };
    });
    for (const socket of this.sockets) socket.destroy();
    this.deadlines.close();
    await stopped;
  }

  private async serve(incoming: Incoming, outgoing: Outgoing): Promise<void> {
    const { log } = this.options;
    this.inFlight++;
    const exchange = new Exchange();
    outgoing.once("close", () => {
      if (!outgoing.writableFinished) exchange.abandon(clientGone());
      if (--this.inFlight === 0) this.whenIdle();
    });
    outgoing.on("error", this.noteResponseError);
    try {
      if (this.ending.signal.aborted && incoming.httpVersionMajor === 1) outgoing.setHeader("connection", "close");
      if (await this.renderPage?.(incoming, outgoing)) return;
      const answer = await this.answer(incoming, exchange);
      if (hasBody(incoming) && !incoming.complete) this.linger(incoming);
      await writeResponse(outgoing, answer, this.writeOptions(incoming, exchange));
    } catch (error) {
      log.error("A request failed", { method: incoming.method, error });
      outgoing.destroy();
    }
  }

  private writeOptions(incoming: Incoming, exchange: Exchange): WriteOptions {
    const { headers, method = "GET" } = incoming;
    return {
      method,
      acceptsGzip: () => /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(String(headers["accept-encoding"] ?? "")),
      clock: this.options.clock,
      stallMs: this.limits.stallMs,
      exchange,
      ending: this.ending.signal,
    };
  }

  private async serveUpgrade(incoming: IncomingMessage, socket: TLSSocket, head: Buffer): Promise<void> {
    const exchange = new Exchange();
    const onClose = () => exchange.abandon(clientGone());
    socket.once("close", onClose);
    try {
      const answer = await this.answer(incoming, exchange);
      if (answer.body.kind === "upgrade") {
        socket.off("close", onClose);
        handOver(socket, head, answer);
      } else {
        await refuseUpgrade(incoming, socket, (outgoing) =>
          writeResponse(outgoing, answer, this.writeOptions(incoming, exchange)),
        );
      }
    } catch (error) {
      this.options.log.error("An upgrade failed", { method: incoming.method, error });
      socket.destroy();
    }
  }

  /** Never rejects. */
  private async answer(incoming: Incoming, exchange: Exchange): Promise<HttpResponse> {
    const { handler, log } = this.options;
    try {
      const request = this.requestOf(incoming, exchange);
      return await this.deadlines.limit(handler(request), () => {
        exchange.abandon(new HttpError(408, "The request was not answered in time."));
        return this.refusal(504, "The request was not answered in time.");
      });
    } catch (error) {
      if (error instanceof HttpError) return this.refusal(error.code, error.message);
      log.error("A request failed", { method: incoming.method, error });
      return this.refusal(500, "The server failed to answer the request; its log says why.");
    }
  }

  private refusal(code: number, message: string): HttpResponse {
    return this.options.renderError?.(code, message) ?? plainText(code, message);
  }

  private requestOf(incoming: Incoming, exchange: Exchange): HttpRequest {
    const target = incoming.url ?? "/";
    const queryAt = target.indexOf("?");
    const { bodyTimeoutMs: timeoutMs } = this.limits;
    const { clock } = this.options;
    return {
      method: incoming.method ?? "GET",
      path: canonicalPath(queryAt < 0 ? target : target.slice(0, queryAt)),
      query: new URLSearchParams(queryAt < 0 ? "" : target.slice(queryAt + 1)),
      headers: incoming.headers as Record<string, string | undefined>,
      body: incoming.headers.upgrade
        ? emptyRequestBody
        : { bytes: (bytesMax) => readBody(incoming, incoming.headers, { bytesMax, timeoutMs, clock }) },
      peer: this.peerOf(incoming),
      get signal() {
        return exchange.signal;
      },
    };
  }

  private peerOf(incoming: Incoming): Peer {
    const connection = "stream" in incoming ? incoming.stream.session?.socket : incoming.socket;
    return peerOf(connection as ConnectionPeer, this.options.clock.now());
  }

  /** The rest of a body that was refused: read away for a moment, then the connection is cut. */
  private linger(incoming: Incoming): void {
    const cancelTimer = this.options.clock.setTimer(LINGER_MS, () => {
      if (!incoming.complete) incoming.destroy();
    });
    incoming.once("end", cancelTimer).once("close", cancelTimer);
    incoming.resume();
  }
}

const clientGone = () => new HttpError(400, "The client has closed the connection.");

function createServer({ tls }: HttpsServerOptions, limits: HttpLimits): Http2SecureServer {
  const server = createSecureServer({
    allowHTTP1: true,
    ...contextOf(tls),
    handshakeTimeout: limits.headersTimeoutMs,
    settings: { maxConcurrentStreams: limits.streamsMax, maxHeaderListSize: limits.headerBytesMax },
    maxHeaderListPairs: 256,
  });
  server.maxConnections = limits.connectionsMax;
  // The HTTP/1 part reads its limits from these properties when it starts to listen, which the type declarations leave out.
  return Object.assign(server, {
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: limits.headersTimeoutMs,
    connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs),
    keepAliveTimeout: limits.idleTimeoutMs,
    // Bodies have a limit of their own; what remains of a request that was answered early is cut by linger().
    requestTimeout: 0,
  });
}

function hasBody(incoming: Incoming): boolean {
  if ("stream" in incoming) return !incoming.stream.endAfterHeaders;
  const { "content-length": length, "transfer-encoding": encoding } = incoming.headers;
  return encoding !== undefined || Number(length ?? 0) > 0;
}

const plainText = (status: number, text: string): HttpResponse => ({
  status,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body: { kind: "bytes", bytes: Buffer.from(`${text}\n`) },
});

/** Writes the 101 and gives the connection away. */
function handOver(socket: TLSSocket, head: Buffer, answer: HttpResponse): void {
  const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.setTimeout(0);
  socket.setNoDelay(true);
  // A side that has ended waits for the other only so long.
  socket.once("finish", () => socket.setTimeout(LINGER_MS, () => socket.destroy()));
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("")}\r\n`);
  if (answer.body.kind === "upgrade") answer.body.accept(socket, head);
}

/** After a refused upgrade the bytes that follow could be anything: nothing more is read from this connection. */
async function refuseUpgrade(
  incoming: IncomingMessage,
  socket: TLSSocket,
  write: (outgoing: ServerResponse) => Promise<void>,
): Promise<void> {
  const outgoing = new ServerResponse(incoming);
  outgoing.shouldKeepAlive = false;
  outgoing.assignSocket(socket);
  outgoing.once("finish", () => socket.destroySoon());
  await write(outgoing);
}

type PageRenderer = (incoming: Incoming, outgoing: Outgoing) => Promise<boolean>;

/** Resolves with true where a page was rendered. Loads express when the first browser asks. */
function pageRenderer(register: Pages): PageRenderer {
  let loading: Promise<{ http1: Application; http2: Application }> | undefined;
  const load = async () => {
    const { default: express } = await import("express");
    const apps = { http1: express(), http2: forHttp2(express()) };
    for (const app of Object.values(apps)) register(app.disable("x-powered-by"));
    return apps;
  };
  return async (incoming, outgoing) => {
    const wanted = incoming.method === "GET" && String(incoming.headers.accept ?? "").includes("text/html");
    if (!wanted) return false;
    const apps = await (loading ??= load());
    const app = "stream" in incoming ? apps.http2 : apps.http1;
    return new Promise((resolve, reject) => {
      outgoing.once("finish", () => resolve(true)).once("close", () => resolve(true));
      app(incoming as never, outgoing as never, (error?: unknown) => (error ? reject(error) : resolve(false)));
    });
  };
}

/** Express gives its requests and responses the prototypes of HTTP/1; these are the same methods on those of HTTP/2. */
function forHttp2(app: Application): Application {
  const { request, response } = app as unknown as { request: object; response: object };
  const rebuild = (own: object, base: object): unknown =>
    Object.create(
      Object.create(base, Object.getOwnPropertyDescriptors(Object.getPrototypeOf(own) as object)) as object,
      {
        app: { value: app, configurable: true, enumerable: true, writable: true },
      },
    );
  return Object.assign(app, {
    request: rebuild(request, Http2ServerRequest.prototype),
    response: rebuild(response, Http2ServerResponse.prototype),
  });
}
