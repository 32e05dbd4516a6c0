import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { Agent, request as startRequest } from "node:https";
import { PassThrough } from "node:stream";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { createTestAuthority, type TestAuthority } from "../testing/test-certificates.ts";
import { systemClock } from "./clock.ts";
import { ListenError, serveHttps, type HttpsServerOptions, type RunningServer } from "./http-server.ts";
import type { Handler, HttpRequest, HttpResponse } from "./http.ts";
import { silentLog } from "./log.ts";
import type { KeyPair } from "./x509.ts";

const clock = systemClock();
const json = (value: unknown): HttpResponse => ({
  status: 200,
  headers: { "content-type": "application/json" },
  body: { kind: "bytes", bytes: Buffer.from(JSON.stringify(value)) },
});
const text = (status: number, body: string): HttpResponse => ({
  status,
  headers: {},
  body: { kind: "bytes", bytes: Buffer.from(body) },
});
const withBody = (body: HttpResponse["body"]): HttpResponse => ({ status: 200, headers: {}, body });

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: Buffer;
}

describe("the HTTPS server", () => {
  let authority: TestAuthority;
  let serverKeys: KeyPair;
  const servers: RunningServer[] = [];
  const sockets: TLSSocket[] = [];

  before(async () => {
    authority = await createTestAuthority(clock.now());
    serverKeys = await authority.server();
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  async function serve(handler: Handler, options: Partial<HttpsServerOptions> = {}): Promise<RunningServer> {
    const tls = { ...serverKeys, clientCa: authority.ca };
    const limits = { drainMs: 200, ...options.limits };
    const server = await serveHttps({
      handler,
      host: "127.0.0.1",
      port: 0,
      tls,
      log: silentLog,
      clock,
      ...options,
      limits,
    });
    servers.push(server);
    return server;
  }

  interface Ask {
    readonly path?: string;
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string | Buffer;
    readonly keys?: KeyPair;
    readonly agent?: Agent;
  }

  async function ask({ port }: RunningServer, { keys, body, path = "/", ...rest }: Ask = {}): Promise<Answer> {
    const sent = startRequest({ host: "127.0.0.1", port, path, ca: authority.ca, ...keys, ...rest });
    sent.end(body);
    const [received] = (await once(sent, "response")) as [IncomingMessage];
    const chunks = (await received.toArray()) as Buffer[];
    return { status: received.statusCode ?? 0, headers: received.headers, body: Buffer.concat(chunks) };
  }

  /** A connection on which a test writes what no proper client would. */
  async function raw({ port }: RunningServer): Promise<TLSSocket> {
    const socket = connectTls({ host: "127.0.0.1", port, ca: authority.ca, ALPNProtocols: ["http/1.1"] });
    socket.on("error", () => undefined);
    sockets.push(socket);
    await once(socket, "secureConnect");
    return socket;
  }

  async function untilClosed(socket: TLSSocket): Promise<string> {
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    if (!socket.closed) await once(socket, "close");
    return Buffer.concat(chunks).toString();
  }

  describe("passes to the handler", () => {
    it("the decoded path, the query, the headers and the body", async () => {
      const server = await serve(async (request) =>
        json({
          method: request.method,
          path: request.path,
          query: request.query.getAll("a"),
          header: request.headers["x-test"],
          body: Buffer.from(await request.body.bytes(100)).toString(),
        }),
      );
      const path = "/api/a%20b?a=1&a=%2F";
      const answer = await ask(server, { method: "POST", path, headers: { "X-Test": "yes" }, body: "hello" });
      expect(JSON.parse(answer.body.toString())).to.deep.equal({
        method: "POST",
        path: "/api/a b",
        query: ["1", "/"],
        header: "yes",
        body: "hello",
      });
    });

    it("the same over HTTP/2, with many requests on one connection", async () => {
      const server = await serve(async (request) =>
        json({ path: request.path, body: Buffer.from(await request.body.bytes(100)).toString(), peer: request.peer }),
      );
      const keys = await authority.client("jane", ["dev"]);
      const session = connectHttp2(`https://127.0.0.1:${server.port}`, { ca: authority.ca, ...keys });
      const answers = await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const stream = session.request({ ":method": "POST", ":path": `/item/${index}` });
          stream.end(`body ${index}`);
          return JSON.parse(Buffer.concat((await stream.toArray()) as Buffer[]).toString()) as unknown;
        }),
      );
      session.close();
      expect(answers[7]).to.deep.equal({
        path: "/item/7",
        body: "body 7",
        peer: { address: "127.0.0.1", certificate: { commonName: "jane", organizations: ["dev"] } },
      });
    });

    it("nothing of paths that could be read in two ways", async () => {
      let calls = 0;
      const server = await serve(() => Promise.resolve(json(++calls)));
      for (const path of ["/api/../x", "/api/%2e%2e/x", "/a%2fb", "/%00", "/%ff"]) {
        expect((await ask(server, { path })).status, path).to.equal(400);
      }
      expect(calls).to.equal(0);
    });
  });

  describe("believes a client certificate", () => {
    const peer: Handler = (request) => Promise.resolve(json(request.peer.certificate ?? null));
    const seen = async (server: RunningServer, keys?: KeyPair) =>
      JSON.parse((await ask(server, { keys })).body.toString()) as unknown;

    it("that the client CA signed", async () => {
      const server = await serve(peer);
      const keys = await authority.client("admin", ["system:masters", "ops"]);
      expect(await seen(server, keys)).to.deep.equal({ commonName: "admin", organizations: ["system:masters", "ops"] });
    });

    it("only then: not without one, from another CA, expired, not yet valid, or made for servers", async () => {
      const server = await serve(peer);
      const other = await createTestAuthority(clock.now());
      expect(await seen(server)).to.equal(null);
      expect(await seen(server, await other.client("admin", ["system:masters"]))).to.equal(null);
      expect(await seen(server, await authority.client("admin", [], { notAfterMs: clock.now() - 1000 }))).to.equal(
        null,
      );
      expect(await seen(server, await authority.client("admin", [], { notBeforeMs: clock.now() + 60_000 }))).to.equal(
        null,
      );
      expect(await seen(server, await authority.client("admin", [], { usage: "server" }))).to.equal(null);
    });

    it("on resumed sessions too, and never without one", async () => {
      const server = await serve(peer);
      const keys = await authority.client("admin");
      for (const [credentials, expected] of [
        [keys, { commonName: "admin", organizations: [] }],
        [undefined, null],
      ] as const) {
        const agent = new Agent({ maxCachedSessions: 10, keepAlive: false });
        for (let turn = 0; turn < 3; turn++) {
          const { body } = await ask(server, { keys: credentials, agent });
          expect(JSON.parse(body.toString())).to.deep.equal(expected);
        }
      }
    });
  });

  describe("sends", () => {
    const long = "x".repeat(300_000);
    const object = (...pieces: string[]) =>
      withBody({ kind: "object", object: {}, chunks: () => pieces.map((piece) => Buffer.from(piece)) });

    it("short bodies with their length", async () => {
      const { headers, body } = await ask(await serve(() => Promise.resolve(object("[1,", "2]"))));
      expect(body.toString()).to.equal("[1,2]");
      expect(headers["content-length"]).to.equal("5");
    });

    it("long bodies in pieces, compressed where the client takes that", async () => {
      for (const answer of [object(long, long), text(200, long + long)]) {
        const server = await serve(() => Promise.resolve(answer));
        const plain = await ask(server);
        expect(plain.body.toString()).to.equal(long + long);
        expect(plain.headers).not.to.have.property("content-encoding");
        const compressed = await ask(server, { headers: { "accept-encoding": "gzip" } });
        expect(compressed.headers["content-encoding"]).to.equal("gzip");
        expect(gunzipSync(compressed.body).toString()).to.equal(long + long);
        expect((await ask(server, { headers: { "accept-encoding": "gzip;q=0" } })).body).to.have.lengthOf(600_000);
      }
    });

    it("no body in answer to HEAD", async () => {
      const answer = await ask(await serve(() => Promise.resolve(text(200, "body"))), { method: "HEAD" });
      expect([answer.status, answer.body.length]).to.deep.equal([200, 0]);
    });

    it("watch events line by line, each as it comes", async () => {
      const source = new PassThrough({ objectMode: true });
      async function* events() {
        for await (const line of source)
          yield [{ type: "ADDED" as const, object: {}, line: () => Buffer.from(String(line)) }];
      }
      const server = await serve(() => Promise.resolve(withBody({ kind: "events", events: events() })));
      const sent = startRequest({ host: "127.0.0.1", port: server.port, ca: authority.ca }).end();
      const [received] = (await once(sent, "response")) as [IncomingMessage];
      for (const line of ['{"n":1}\n', '{"n":2}\n']) {
        source.write(line);
        const [chunk] = (await once(received, "data")) as [Buffer];
        expect(chunk.toString()).to.equal(line);
      }
      source.end();
      await once(received, "end");
    });

    it("a stream no faster than the client reads it", async () => {
      let produced = 0;
      let returned = false;
      async function* chunks() {
        try {
          for (;;) {
            produced++;
            yield Buffer.alloc(64 * 1024);
            await Promise.resolve();
          }
        } finally {
          returned = true;
        }
      }
      const server = await serve(() => Promise.resolve(withBody({ kind: "stream", chunks: chunks() })));
      const socket = await raw(server);
      socket.pause();
      socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      let before = -1;
      while (produced !== before || produced === 0) {
        before = produced;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect(produced).to.be.lessThan(500);
      socket.destroy();
      while (!returned) await new Promise((resolve) => setTimeout(resolve, 5));
    });

    it("a break, not an end, when the source of a stream fails", async () => {
      async function* chunks() {
        yield Buffer.from("half");
        await Promise.reject(new Error("source failed"));
      }
      const server = await serve(() => Promise.resolve(withBody({ kind: "stream", chunks: chunks() })));
      let failure: unknown;
      await ask(server).catch((error: unknown) => (failure = error));
      expect(failure).to.have.property("code", "ECONNRESET");
    });

    it("500 when the handler throws", async () => {
      const server = await serve(() => Promise.reject(new Error("broken")));
      const answer = await ask(server);
      expect(answer.status).to.equal(500);
      expect(answer.body.toString()).not.to.contain("broken");
    });
  });

  describe("survives", () => {
    const readBody: Handler = async (request: HttpRequest) =>
      text(200, String((await request.body.bytes(1000)).length));
    const stillAnswers = async (server: RunningServer) =>
      expect((await ask(server, { method: "POST", body: "abc" })).body.toString()).to.equal("3");

    it("a body above the limit, announced or not", async () => {
      const server = await serve(readBody);
      expect((await ask(server, { method: "POST", body: "x".repeat(2000) })).status).to.equal(413);
      const socket = await raw(server);
      socket.write("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      const chunk = `3e8\r\n${"x".repeat(1000)}\r\n`;
      socket.write(chunk + chunk + chunk);
      expect(await untilClosed(socket)).to.match(/^HTTP\/1.1 413 /);
      await stillAnswers(server);
    });

    it("a chunked body that never ends", async () => {
      const server = await serve(readBody, { limits: { bodyTimeoutMs: 50 } });
      const socket = await raw(server);
      socket.write("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
      expect(await untilClosed(socket)).to.match(/^HTTP\/1.1 408 /);
      await stillAnswers(server);
    });

    it("a compressed body", async () => {
      const server = await serve(readBody);
      const answer = await ask(server, { method: "POST", headers: { "content-encoding": "gzip" }, body: "bomb" });
      expect(answer.status).to.equal(415);
    });

    it("headers that are too large, and headers that never end", async () => {
      const server = await serve(readBody, { limits: { headerBytesMax: 8192, headersTimeoutMs: 200 } });
      const large = await raw(server);
      large.write(`GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${"x".repeat(10_000)}\r\n\r\n`);
      expect(await untilClosed(large)).to.match(/^HTTP\/1.1 431 /);
      const slow = await raw(server);
      slow.write("GET / HTTP/1.1\r\nHost: x\r\n");
      expect(await untilClosed(slow)).to.match(/^HTTP\/1.1 408 /);
      await stillAnswers(server);
    });

    it("bytes that are no HTTP, and two lengths in one request", async () => {
      const server = await serve(readBody);
      for (const bytes of [
        "nonsense\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      ]) {
        const socket = await raw(server);
        socket.write(bytes);
        expect(await untilClosed(socket)).to.match(/^HTTP\/1.1 400 /);
      }
      await stillAnswers(server);
    });

    it("a handler that never answers", async () => {
      let aborted = false;
      const server = await serve(
        ({ signal }) => new Promise(() => signal.addEventListener("abort", () => (aborted = true))),
        { limits: { answerTimeoutMs: 50 } },
      );
      expect((await ask(server)).status).to.equal(504);
      expect(aborted).to.equal(true);
    });

    it("a client that goes away while the handler works", async () => {
      let gone: Promise<unknown> = Promise.resolve();
      let started: () => void = () => undefined;
      const working = new Promise<void>((resolve) => (started = resolve));
      const server = await serve(async ({ signal }) => {
        gone = once(signal, "abort");
        started();
        await gone;
        return text(200, "nobody hears");
      });
      const socket = await raw(server);
      socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      await working;
      socket.destroy();
      await gone;
    });
  });

  describe("upgrades", () => {
    const upgrade = "GET /exec HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

    it("hand over the connection, with the bytes that came early", async () => {
      const server = await serve(() =>
        Promise.resolve({
          status: 101,
          headers: { upgrade: "websocket", connection: "Upgrade" },
          body: {
            kind: "upgrade",
            accept: (connection, head) => void connection.end(`got ${Buffer.from(head).toString()}`),
          },
        }),
      );
      const socket = await raw(server);
      socket.write(`${upgrade}early`);
      const received = await untilClosed(socket);
      expect(received).to.match(/^HTTP\/1.1 101 .*\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\r\ngot early$/);
    });

    it("close the connection when refused, and read nothing more from it", async () => {
      const paths: string[] = [];
      const server = await serve((request) => {
        paths.push(request.path);
        return Promise.resolve(text(403, "no"));
      });
      const socket = await raw(server);
      socket.write(`${upgrade}GET /secrets HTTP/1.1\r\nHost: x\r\n\r\n`);
      const received = await untilClosed(socket);
      expect(received).to.match(/^HTTP\/1.1 403 /);
      expect(received.match(/HTTP\/1.1/g)).to.have.lengthOf(1);
      expect(paths).to.deep.equal(["/exec"]);
    });

    it("close the connection when the handler fails", async () => {
      const server = await serve(() => Promise.reject(new Error("broken")));
      const socket = await raw(server);
      socket.write(upgrade);
      expect(await untilClosed(socket)).to.match(/^HTTP\/1.1 500 /);
    });
  });

  describe("when closed", () => {
    it("ends streams in order and lets requests in flight finish", async () => {
      let finish: () => void = () => undefined;
      const finishing = new Promise<void>((resolve) => (finish = resolve));
      async function* endless() {
        yield Buffer.from("first");
        await new Promise(() => undefined);
      }
      const server = await serve(
        async ({ path }) => {
          if (path === "/watch") return withBody({ kind: "stream", chunks: endless() });
          await finishing;
          return text(200, "finished");
        },
        { limits: { drainMs: 5000 } },
      );
      const sent = startRequest({ host: "127.0.0.1", port: server.port, path: "/watch", ca: authority.ca }).end();
      const [received] = (await once(sent, "response")) as [IncomingMessage];
      const watched = received.toArray();
      const asked = ask(server, { path: "/slow" });
      await new Promise((resolve) => setTimeout(resolve, 20));
      const closing = server.close();
      expect(Buffer.concat((await watched) as Buffer[]).toString()).to.equal("first");
      finish();
      expect((await asked).body.toString()).to.equal("finished");
      await closing;
    });

    it("cuts what does not end", async () => {
      const server = await serve(() => new Promise(() => undefined), { limits: { drainMs: 20 } });
      const asked = ask(server).catch((error: NodeJS.ErrnoException) => error.code);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await server.close();
      expect(await asked).to.equal("ECONNRESET");
    });
  });

  it("says in a sentence why it cannot listen", async () => {
    const { port } = await serve(() => Promise.resolve(text(200, "")));
    let failure: unknown;
    await serve(() => Promise.resolve(text(200, "")), { port }).catch((error: unknown) => (failure = error));
    expect(failure).to.be.instanceOf(ListenError);
    expect((failure as Error).message).to.equal(
      `127.0.0.1:${port} is in use. Stop the program that listens there, or choose another port.`,
    );
  });

  it("shows pages to browsers only, and leaves the rest to the handler", async () => {
    const server = await serve(() => Promise.resolve(text(200, "handler")), {
      pages: (app) => void app.get("/", (_request, response) => void response.type("html").send("<p>page</p>")),
    });
    const headers = { accept: "text/html,*/*" };
    expect((await ask(server, { headers })).body.toString()).to.equal("<p>page</p>");
    expect((await ask(server, { headers, path: "/api" })).body.toString()).to.equal("handler");
    expect((await ask(server)).body.toString()).to.equal("handler");

    const session = connectHttp2(`https://127.0.0.1:${server.port}`, { ca: authority.ca });
    const stream = session.request({ ":path": "/", accept: "text/html" });
    expect(Buffer.concat((await stream.toArray()) as Buffer[]).toString()).to.equal("<p>page</p>");
    session.close();
  });
});
