import { once } from "node:events";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import { FakeClock } from "../../testing/fake-clock.ts";
import { duplexPair } from "../duplex-pair.ts";
import { encodeFrame, type Frame, type SentFrame } from "./frame.ts";
import { FrameReader } from "./frame-reader.ts";
import { HeaderWriter } from "./header-block.ts";
import { SpdyConnection } from "./spdy-connection.ts";
import type { SpdyStream } from "./spdy-stream.ts";

const headersOf = (object: Readonly<Record<string, string>>) => new Map(Object.entries(object));
const named = (name: string) => headersOf({ name });
const turns = async (count = 30) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

function connect(serve: (stream: SpdyStream) => void = () => undefined) {
  const clock = new FakeClock();
  const [near, far] = duplexPair();
  const end = (socket: Duplex, side: "client" | "server", each: (stream: SpdyStream) => void) =>
    new SpdyConnection(socket, {
      side,
      head: new Uint8Array(),
      clock,
      admits: (headers) => headers.get("name") !== "refused",
      begin: () => each,
    });
  return { client: end(near, "client", () => undefined), server: end(far, "server", serve), clock, wire: near };
}

/** A server, and the raw bytes of what speaks with it. */
function connectRaw(serve: (stream: SpdyStream) => void = () => undefined) {
  const clock = new FakeClock();
  const [wire, far] = duplexPair();
  const options = { side: "server", head: new Uint8Array(), clock, admits: () => true, begin: () => serve } as const;
  const server = new SpdyConnection(far, options);
  const received: Frame[] = [];
  const reader = new FrameReader();
  wire.on("data", (chunk: Buffer) => received.push(...reader.read(chunk)));
  wire.on("error", () => undefined);
  const compress = new HeaderWriter();
  const send = (frame: SentFrame) => wire.write(encodeFrame(frame, compress));
  const openStream = (streamId: number) =>
    send({ type: "synStream", streamId, headers: named("a"), fin: false, unidirectional: false });
  return { server, wire, received, send, openStream, clock };
}

describe("a SPDY connection", () => {
  it("carries streams both ways, each with its headers and its end", async () => {
    const { client } = connect((stream) => stream.pipe(stream));
    const [one, two] = await Promise.all([client.open(named("one")), client.open(named("two"))]);
    one.write("first ");
    two.end("second");
    one.end("third");
    expect(await Promise.all([text(one), text(two)])).to.deep.equal(["first third", "second"]);
  });

  it("gives the server the headers that the stream was opened with", async () => {
    const seen: unknown[] = [];
    const { client } = connect((stream) => seen.push([stream.id, ...stream.headers]));
    await client.open(headersOf({ name: "x", port: "80" }));
    await client.open(headersOf({ name: "y" }));
    expect(seen).to.deep.equal([
      [1, ["name", "x"], ["port", "80"]],
      [3, ["name", "y"]],
    ]);
  });

  it("can be half closed: a side that has ended still reads", async () => {
    const { client } = connect((stream) => {
      stream.resume();
      stream.on("end", () => stream.end("after the end"));
    });
    const stream = await client.open(named("a"));
    stream.end();
    expect(await text(stream)).to.equal("after the end");
  });

  it("refuses streams that are not admitted, and goes on", async () => {
    const { client } = connect((stream) => stream.end("ok"));
    const refused = await client.open(named("refused")).catch((error: Error) => error.message);
    expect(refused).to.equal("the stream was refused with status 3");
    expect(await text(await client.open(named("a")))).to.equal("ok");
  });

  it("tells the other side when a stream is reset, and keeps the others", async () => {
    const served: SpdyStream[] = [];
    const { client } = connect((stream) => served.push(stream));
    const [one, two] = await Promise.all([client.open(named("one")), client.open(named("two"))]);
    one.destroy();
    await turns();
    expect(served.map(({ destroyed }) => destroyed)).to.deep.equal([true, false]);
    served[1]?.end("still here");
    expect(await text(two)).to.equal("still here");
  });

  it("holds the sender back while the receiver does not read, and loses nothing", async () => {
    let served: SpdyStream | undefined;
    const { client } = connect((stream) => (served = stream));
    const stream = await client.open(named("a"));
    const total = 2 * 1024 * 1024;
    let sent = false;
    stream.end(Buffer.alloc(total, 7), () => (sent = true));
    await turns();
    expect(sent).to.equal(false);
    let received = 0;
    for await (const chunk of served ?? []) received += (chunk as Buffer).length;
    expect(received).to.equal(total);
    expect(sent).to.equal(true);
  });

  it("reads on when the stream that fell behind is destroyed", async () => {
    const served: SpdyStream[] = [];
    const { client } = connect((stream) => served.push(stream));
    const [slow, other] = await Promise.all([client.open(named("slow")), client.open(named("other"))]);
    slow.write(Buffer.alloc(512 * 1024));
    await turns();
    other.end("waits");
    served[0]?.destroy();
    expect(await text(served[1] ?? other)).to.equal("waits");
  });

  it("reads on when the stream that fell behind has ended, however late its reader is", async () => {
    const served: SpdyStream[] = [];
    const { wire, openStream, send } = connectRaw((stream) => served.push(stream));
    [1, 3].forEach(openStream);
    await turns();
    const compress = new HeaderWriter();
    const data = (streamId: number, bytes: Buffer, fin: boolean) =>
      encodeFrame({ type: "data", streamId, data: bytes, fin }, compress);
    // In one piece, so that the end is known when the connection would stop reading.
    wire.write(Buffer.concat([data(1, Buffer.alloc(96 * 1024), false), data(1, Buffer.alloc(0), true)]));
    await turns();
    send({ type: "data", streamId: 3, data: Buffer.from("waits"), fin: true });
    const other = await Promise.race([text(served[1] ?? wire), turns(100).then(() => "still held up")]);
    expect(other).to.equal("waits");
  });

  it("ends in order: after what was sent, when the client has let go of its streams", async () => {
    const { client, server } = connect((stream) => stream.end("last words"));
    const stream = await client.open(named("a"));
    server.close();
    expect(await text(stream)).to.equal("last words");
    expect(await client.open(named("b")).catch((error: Error) => error.message)).to.contain("the connection is ending");
    stream.end();
    await Promise.all([client.closed, server.closed]);
  });

  it("waits four hours at most for a client that does not let go", async () => {
    const { server, clock, openStream } = connectRaw((stream) => stream.resume());
    openStream(1);
    await turns();
    server.close();
    let closed = false;
    void server.closed.then(() => (closed = true));
    await clock.advance(4 * 3_600_000 - 1);
    await turns();
    expect(closed).to.equal(false);
    await clock.advance(1);
    await server.closed;
  });

  it("lets everything on it go when the connection breaks", async () => {
    const served: SpdyStream[] = [];
    const { client, server, wire } = connect((stream) => served.push(stream));
    const stream = await client.open(named("a"));
    stream.on("error", () => undefined);
    wire.destroy();
    await Promise.all([client.closed, server.closed]);
    expect(stream.destroyed).to.equal(true);
    expect(served.every(({ destroyed }) => destroyed)).to.equal(true);
  });

  it("tells one who waits for a stream when the connection breaks", async () => {
    const [near, far] = duplexPair();
    const clock = new FakeClock();
    const begin = () => () => undefined;
    const client = new SpdyConnection(near, {
      side: "client",
      head: new Uint8Array(),
      clock,
      admits: () => true,
      begin,
    });
    const opening = client.open(named("a")).catch((error: Error) => error.message);
    far.destroy();
    expect(await opening).to.equal("the connection has ended");
  });

  it("answers the client's pings, not its own", async () => {
    const { send, received } = connectRaw();
    send({ type: "ping", id: 1 });
    send({ type: "ping", id: 2 });
    await turns();
    expect(received).to.deep.equal([{ type: "ping", id: 1 }]);
  });

  it("takes a thousand streams and refuses more", async () => {
    const { openStream, received } = connectRaw();
    for (let index = 0; index <= 1000; index++) openStream(2 * index + 1);
    await turns();
    expect(received.filter(({ type }) => type === "synReply")).to.have.length(1000);
    expect(received.at(-1)).to.deep.equal({ type: "rstStream", streamId: 2001, status: 3 });
  });

  for (const [what, act] of [
    ["opens a stream twice", ({ openStream }) => [openStream(1), openStream(1)]],
    ["opens a stream with the server's numbers", ({ openStream }) => openStream(2)],
    [
      "sends what is no frame",
      ({ wire }) => wire.write(Buffer.from("GET / HTTP/1.1\r\n\r\n".repeat(2)).fill(0xff, 0, 4)),
    ],
  ] as const satisfies readonly (readonly [string, (raw: ReturnType<typeof connectRaw>) => unknown])[]) {
    it(`is ended, with the reason, for one who ${what}`, async () => {
      const raw = connectRaw();
      act(raw);
      await raw.server.closed;
      expect(raw.received.at(-1)).to.deep.include({ type: "goAway", status: 1 });
    });
  }

  it("looks at nothing more of one who has broken its rules, and waits ten seconds for it to read why", async () => {
    const served: SpdyStream[] = [];
    const { server, wire, send, openStream, clock } = connectRaw((stream) => served.push(stream));
    wire.pause();
    for (let index = 0; index < 4000; index++) send({ type: "ping", id: 1 });
    wire.write(Buffer.alloc(8, 255));
    openStream(1);
    let closed = false;
    void server.closed.then(() => (closed = true));
    await turns();
    await clock.advance(9_999);
    await turns();
    expect([served, closed]).to.deep.equal([[], false]);
    await clock.advance(1);
    await server.closed;
  });

  it("passes over data, ends and resets of streams that are no more", async () => {
    const { send, openStream, received } = connectRaw((stream) => stream.end("x").resume());
    send({ type: "data", streamId: 9, data: Uint8Array.of(1), fin: true });
    send({ type: "rstStream", streamId: 9, status: 5 });
    openStream(11);
    send({ type: "data", streamId: 11, data: Uint8Array.of(1), fin: true });
    send({ type: "data", streamId: 11, data: Uint8Array.of(2), fin: true });
    await turns();
    expect(received.map(({ type }) => type)).to.deep.equal(["synReply", "data", "data"]);
  });

  it("is cut for one who floods it with pings and reads no answer", async () => {
    const { server, wire, send } = connectRaw();
    wire.removeAllListeners("data").pause();
    const closed = once(wire, "close");
    for (let index = 0; index < 100_000 && !wire.destroyed; index++) send({ type: "ping", id: 1 });
    await Promise.all([server.closed, closed]);
  });
});
