import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import { emptyRequestBody, type HttpRequest } from "../../lib/http.ts";
import { nextTurn } from "../../lib/next-turn.ts";
import { spdyRequestHeaders } from "../../lib/spdy/accept-spdy.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { spdyClientOf, spdyHeadersOf } from "../../testing/spdy-client.ts";
import { acceptSpdyPorts } from "./spdy-port-forward.ts";

const request: HttpRequest = {
  method: "POST",
  path: "/portForward/default/web",
  query: new URLSearchParams(),
  headers: spdyRequestHeaders(["portforward.k8s.io"]),
  body: emptyRequestBody,
  peer: { address: "" },
  signal: new AbortController().signal,
};

describe("port-forward over SPDY", () => {
  let server: Server;
  let port: number;
  let serve: (socket: Socket) => void;

  before(async () => {
    server = createServer({ allowHalfOpen: true }, (socket) => serve(socket)).listen(0, "127.0.0.1");
    await once(server, "listening");
    ({ port } = server.address() as AddressInfo);
  });
  after(() => server.close());

  function connect() {
    const clock = new FakeClock();
    const client = spdyClientOf(acceptSpdyPorts(request, { host: "127.0.0.1", id: "s1" }, clock), clock);
    const open = (streamtype: string, others: Readonly<Record<string, string>> = {}) =>
      client.open(spdyHeadersOf({ streamtype, port: String(port), requestid: "0", ...others }));
    const openPair = async (others: Readonly<Record<string, string>> = {}) => ({
      errors: await open("error", others),
      data: await open("data", others),
    });
    return { client, clock, open, openPair };
  }

  it("joins each pair of streams with a connection of its own, and tells the end both ways", async () => {
    serve = (socket) => {
      let got = "";
      socket.on("data", (chunk: Buffer) => (got += chunk.toString()));
      socket.on("end", () => socket.end(`answer to ${got}`));
    };
    const { openPair, client } = connect();
    const pairs = await Promise.all([openPair(), openPair({ requestid: "1" })]);
    pairs.forEach(({ data }, index) => data.end(`question ${index}`));
    expect(await Promise.all(pairs.map(({ data }) => text(data)))).to.deep.equal([
      "answer to question 0",
      "answer to question 1",
    ]);
    expect(await Promise.all(pairs.map(({ errors }) => text(errors)))).to.deep.equal(["", ""]);
    client.close();
  });

  it("pairs the streams of clients that number no requests", async () => {
    serve = (socket) => socket.end("hello");
    const { client } = connect();
    const headers = { port: String(port) };
    await client.open(spdyHeadersOf({ ...headers, streamtype: "error" }));
    const data = await client.open(spdyHeadersOf({ ...headers, streamtype: "data" }));
    expect(await text(data)).to.equal("hello");
    client.close();
  });

  it("tells over the error stream that nobody listens, and goes on", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const dead = String((closed.address() as AddressInfo).port);
    closed.close();
    await once(closed, "close");
    serve = (socket) => socket.end("alive");
    const { openPair, client } = connect();
    const { errors, data } = await openPair({ port: dead });
    expect(await text(errors)).to.equal(
      `error forwarding port ${dead} to pod s1, uid : connect ECONNREFUSED 127.0.0.1:${dead}`,
    );
    expect(data.destroyed).to.equal(true);
    expect(await text((await openPair({ requestid: "1" })).data)).to.equal("alive");
    client.close();
  });

  it("ends the connection when the client resets the stream, also after it had ended its half", async () => {
    for (const act of ["reset", "end and reset", "leave"] as const) {
      const accepted = new Promise<Socket>((resolve) => (serve = resolve));
      const { openPair, client } = connect();
      const { data } = await openPair();
      const socket = await accepted;
      socket.resume().on("error", () => undefined);
      if (act === "end and reset") {
        data.end();
        await once(socket, "end");
      }
      if (act === "leave") client.destroy();
      else data.destroy();
      // A connection that is gone on the other side shows itself to one who writes.
      while (!socket.destroyed) {
        socket.write("x");
        await nextTurn();
      }
      client.close();
    }
  });

  for (const [what, headers] of [
    ["no port", { streamtype: "data", port: "" }],
    ["a port that is none", { streamtype: "data", port: "65536" }],
    ["another type", { streamtype: "stdin" }],
  ] as const) {
    it(`refuses a stream with ${what}`, async () => {
      const { open } = connect();
      const refusal = open(headers.streamtype, headers).catch((error: Error) => error.message);
      expect(await refusal).to.equal("the stream was refused with status 3");
    });
  }

  it("lets two streams of one type go", async () => {
    const { open } = connect();
    const streams = [await open("data"), await open("data")];
    await nextTurn();
    expect(streams.map(({ destroyed }) => destroyed)).to.deep.equal([true, true]);
  });

  it("waits thirty seconds for the other stream of a pair", async () => {
    const { open, clock } = connect();
    const half = await open("error");
    await clock.advance(29_999);
    expect(half.destroyed).to.equal(false);
    await clock.advance(1);
    await nextTurn();
    expect(half.destroyed).to.equal(true);
  });
});
