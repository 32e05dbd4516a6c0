import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { expect } from "chai";
import { HttpsFixture, respond, respondJson, respondText } from "../testing/https-fixture.ts";
import { createTestAuthority } from "../testing/test-certificates.ts";
import { systemClock } from "./clock.ts";
import { duplexPair } from "./duplex-pair.ts";
import { httpsHandler, type HttpsClientOptions } from "./http-client.ts";
import type { RunningServer } from "./http-server.ts";
import { emptyRequestBody, objectRequestBody, type Handler, type HttpRequest, type HttpResponse } from "./http.ts";

const requestOf = (request: Partial<HttpRequest>): HttpRequest => ({
  method: "GET",
  path: "/",
  query: new URLSearchParams(),
  headers: {},
  body: emptyRequestBody,
  peer: { address: "" },
  signal: new AbortController().signal,
  ...request,
});

async function read({ body }: HttpResponse): Promise<string> {
  if (body.kind !== "stream") throw new Error(`expected a stream, not ${body.kind}`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body.chunks) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function failure(answer: Promise<unknown>): Promise<{ code?: number; message: string }> {
  return answer.then(
    () => ({ message: "it succeeded" }),
    (error: Error & { code?: number }) => error,
  );
}

describe("the HTTPS client", () => {
  const https = HttpsFixture.forSuite();
  const connect = ({ port }: RunningServer, options: Partial<HttpsClientOptions> = {}): Handler =>
    httpsHandler({ baseUrl: `https://127.0.0.1:${port}`, tls: { ca: https.authority.ca }, ...options });

  it("sends what it is given, and returns what comes back", async () => {
    const server = await https.serve(async ({ method, path, query, headers, body }) => ({
      ...respondJson({
        ...{ method, path, query: query.toString(), type: headers["content-type"], token: headers.authorization },
        body: Buffer.from(await body.bytes(100)).toString(),
      }),
      status: 201,
      headers: { "x-kind": "test" },
    }));
    const send = connect(server, { token: "secret" });
    const response = await send(
      requestOf({
        method: "POST",
        path: "/api/v1/nodes/system:node a",
        query: new URLSearchParams({ a: "1 &" }),
        headers: { "content-type": "application/json", host: "elsewhere", "content-length": "3" },
        body: objectRequestBody({ a: 1 }),
      }),
    );
    expect([response.status, response.headers["x-kind"]]).to.deep.equal([201, "test"]);
    expect(JSON.parse(await read(response))).to.deep.equal({
      method: "POST",
      path: "/api/v1/nodes/system:node a",
      query: "a=1+%26",
      type: "application/json",
      token: "Bearer secret",
      body: '{"a":1}',
    });
  });

  it("identifies itself with its certificate", async () => {
    const server = await https.serve((request) => Promise.resolve(respondJson(request.peer.certificate ?? null)));
    const keys = await https.authority.client("kubelet", ["nodes"]);
    const send = connect(server, { tls: { ca: https.authority.ca, ...keys } });
    expect(JSON.parse(await read(await send(requestOf({}))))).to.deep.equal({
      commonName: "kubelet",
      organizations: ["nodes"],
    });
  });

  it("reuses connections", async () => {
    // The server makes one Peer for each connection.
    const connections = new Set<object>();
    const server = await https.serve(({ peer }) => {
      connections.add(peer);
      return Promise.resolve(respondText(200, "x".repeat(1000)));
    });
    const send = connect(server);
    for (let turn = 0; turn < 5; turn++) await read(await send(requestOf({})));
    expect(connections.size).to.equal(1);
    await Promise.all(Array.from({ length: 20 }, async () => read(await send(requestOf({})))));
    const used = connections.size;
    await Promise.all(Array.from({ length: 10 }, async () => read(await send(requestOf({})))));
    expect(connections.size).to.equal(used);
  });

  it("has no more requests of a method in flight than it may, and keeps no other waiting", async () => {
    let inFlight = 0;
    let most = 0;
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const server = await https.serve(async ({ method }) => {
      if (method === "POST") {
        most = Math.max(most, ++inFlight);
        await held;
        inFlight--;
      }
      return respondText(200, method);
    });
    const send = connect(server, { inFlightMax: { POST: 2 } });
    const ask = async (method: HttpRequest["method"]) => read(await send(requestOf({ method })));
    const creations = Promise.all(Array.from({ length: 6 }, () => ask("POST")));
    expect(await Promise.all([ask("PUT"), ask("GET"), ask("DELETE")])).to.deep.equal(["PUT", "GET", "DELETE"]);
    const stop = new AbortController();
    const impatient = failure(send(requestOf({ method: "POST", signal: stop.signal })));
    await ask("GET");
    stop.abort(new Error("given up"));
    expect((await impatient).message).to.equal("given up");
    letGo();
    expect(await creations).to.deep.equal(Array(6).fill("POST"));
    expect(most).to.equal(2);
  });

  it("streams an answer while it comes, until the signal is aborted", async () => {
    let stopped: () => void = () => undefined;
    const stopping = new Promise<void>((resolve) => (stopped = resolve));
    const server = await https.serve(({ signal }) => {
      async function* chunks() {
        yield Buffer.from("line\n");
        await once(signal, "abort");
        stopped();
      }
      return Promise.resolve(respond({ kind: "stream", chunks: chunks() }));
    });
    const abort = new AbortController();
    const { body } = await connect(server)(requestOf({ signal: abort.signal }));
    if (body.kind !== "stream") throw new Error("expected a stream");
    const source = body.chunks[Symbol.asyncIterator]();
    expect(Buffer.from((await source.next()).value as Uint8Array).toString()).to.equal("line\n");
    const next = failure(source.next());
    abort.abort(new Error("enough"));
    expect((await next).message).to.equal("enough");
    await stopping;
  });

  it("lets go of an answer that is no longer read", async () => {
    let aborted: Promise<unknown> = Promise.resolve();
    const server = await https.serve(({ signal }) => {
      aborted = once(signal, "abort");
      async function* chunks() {
        for (;;) yield await Promise.resolve(Buffer.alloc(100_000));
      }
      return Promise.resolve(respond({ kind: "stream", chunks: chunks() }));
    });
    const { body } = await connect(server)(requestOf({}));
    if (body.kind !== "stream") throw new Error("expected a stream");
    for await (const chunk of body.chunks) if (chunk.length > 0) break;
    await aborted;
  });

  it("hands over upgraded connections", async () => {
    const server = await https.serve(({ headers }) =>
      Promise.resolve({
        status: 101,
        headers: { upgrade: String(headers.upgrade), connection: "Upgrade", "x-echo": "yes" },
        body: {
          kind: "upgrade",
          accept(connection, head) {
            connection.write(head);
            connection.pipe(connection);
          },
        },
      }),
    );
    const response = await connect(server)(requestOf({ headers: { upgrade: "echo", connection: "Upgrade" } }));
    expect(response.headers).to.include({ upgrade: "echo", "x-echo": "yes" });
    if (response.body.kind !== "upgrade") throw new Error("expected an upgrade");
    const [near, far] = duplexPair();
    response.body.accept(far, Buffer.from("early "));
    near.end("and late");
    expect(Buffer.concat((await near.toArray()) as Buffer[]).toString()).to.equal("early and late");
  });

  it("returns the answer of a server that does not upgrade", async () => {
    const server = await https.serve(() => Promise.resolve(respondText(403, "no")));
    const response = await connect(server)(requestOf({ headers: { upgrade: "echo", connection: "Upgrade" } }));
    expect([response.status, await read(response)]).to.deep.equal([403, "no"]);
  });

  describe("says in a sentence", () => {
    let plain: Server;
    let plainPort: number;
    before(async () => {
      plain = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
      await once(plain, "listening");
      plainPort = (plain.address() as AddressInfo).port;
    });
    after(() => void plain.close());

    it("that nothing listens", async () => {
      const server = await https.serve(() => Promise.resolve(respondText(200, "")));
      await server.close();
      const { code, message } = await failure(connect(server)(requestOf({})));
      expect([code, message]).to.deep.equal([
        503,
        `The server at https://127.0.0.1:${server.port} refused the connection; is it running?`,
      ]);
    });

    it("that the connection broke", async () => {
      const { code, message } = await failure(
        httpsHandler({ baseUrl: `https://127.0.0.1:${plainPort}`, tls: {} })(requestOf({})),
      );
      expect([code, message]).to.deep.equal([
        503,
        `The server at https://127.0.0.1:${plainPort} closed the connection before it had answered.`,
      ]);
    });

    it("that the server's certificate is not trusted, or expired", async () => {
      const server = await https.serve(() => Promise.resolve(respondText(200, "")));
      const other = await createTestAuthority(systemClock().now());
      const { message } = await failure(connect(server, { tls: { ca: other.ca } })(requestOf({})));
      expect(message).to.contain("has a certificate that is not trusted");
      const answer = await connect(server, { tls: {}, insecureSkipVerify: true })(requestOf({}));
      expect(answer.status).to.equal(200);
    });

    it("that an answer broke off", async () => {
      const server = await https.serve(() => {
        async function* chunks() {
          yield Buffer.from("half");
          await Promise.reject(new Error("source failed"));
        }
        return Promise.resolve(respond({ kind: "stream", chunks: chunks() }));
      });
      const { code, message } = await failure(connect(server)(requestOf({})).then(read));
      expect(code).to.equal(503);
      expect(message).to.contain("closed the connection");
    });
  });

  it("rejects with the signal's reason when that is aborted before the answer", async () => {
    const server = await https.serve(() => new Promise(() => undefined));
    const abort = new AbortController();
    const answer = failure(connect(server)(requestOf({ signal: abort.signal })));
    abort.abort(new Error("too late"));
    expect((await answer).message).to.equal("too late");
  });
});
