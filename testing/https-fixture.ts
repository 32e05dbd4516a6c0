// HTTPS servers on loopback for one suite, and clients for them: proper ones, and raw connections on which a test writes
// what no proper client would.

import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { type Agent, request as startRequest } from "node:https";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { systemClock } from "../lib/clock.ts";
import { serveHttps, type HttpsServerOptions, type RunningServer } from "../lib/http-server.ts";
import type { Handler, HttpResponse } from "../lib/http.ts";
import { silentLog } from "../lib/log.ts";
import type { KeyPair } from "../lib/x509.ts";
import { createTestAuthority, type TestAuthority } from "./test-certificates.ts";

export interface Ask {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  readonly keys?: KeyPair;
  readonly agent?: Agent;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export class HttpsFixture {
  private readonly servers: RunningServer[] = [];
  private readonly sockets: TLSSocket[] = [];
  private keys!: KeyPair;
  authority!: TestAuthority;

  /** Call it in the suite's describe. */
  static forSuite(): HttpsFixture {
    const fixture = new HttpsFixture();
    before(async () => {
      fixture.authority = await createTestAuthority(systemClock().now());
      fixture.keys = await fixture.authority.server();
    });
    afterEach(async () => {
      for (const socket of fixture.sockets.splice(0)) socket.destroy();
      await Promise.all(fixture.servers.splice(0).map((server) => server.close()));
    });
    return fixture;
  }

  async serve(handler: Handler, options: Partial<HttpsServerOptions> = {}): Promise<RunningServer> {
    const server = await serveHttps({
      handler,
      host: "127.0.0.1",
      port: 0,
      tls: { ...this.keys, clientCa: this.authority.ca },
      log: silentLog,
      clock: systemClock(),
      ...options,
      limits: { drainMs: 200, ...options.limits },
    });
    this.servers.push(server);
    return server;
  }

  /** Resolves when the answer's head has arrived. */
  async start({ port }: RunningServer, { keys, body, path = "/", ...rest }: Ask = {}): Promise<IncomingMessage> {
    const sent = startRequest({ host: "127.0.0.1", port, path, ca: this.authority.ca, ...keys, ...rest });
    sent.end(body);
    const [received] = (await once(sent, "response")) as [IncomingMessage];
    return received;
  }

  async ask(server: RunningServer, question: Ask = {}): Promise<Answer> {
    const received = await this.start(server, question);
    const chunks = (await received.toArray()) as Buffer[];
    return { status: received.statusCode ?? 0, headers: received.headers, body: Buffer.concat(chunks) };
  }

  /** A connection that speaks HTTP/1.1, or whatever the test writes. */
  async raw({ port }: RunningServer): Promise<TLSSocket> {
    const socket = connectTls({ host: "127.0.0.1", port, ca: this.authority.ca, ALPNProtocols: ["http/1.1"] });
    socket.on("error", () => undefined);
    this.sockets.push(socket);
    await once(socket, "secureConnect");
    return socket;
  }
}

/** All that a connection receives until it is closed. */
export async function untilClosed(socket: TLSSocket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  if (!socket.closed) await once(socket, "close");
  return Buffer.concat(chunks).toString();
}

export const respond = (body: HttpResponse["body"]): HttpResponse => ({ status: 200, headers: {}, body });

export const respondText = (status: number, text: string): HttpResponse => ({
  status,
  headers: {},
  body: { kind: "bytes", bytes: Buffer.from(text) },
});

export const respondJson = (value: unknown): HttpResponse => respondText(200, JSON.stringify(value));
