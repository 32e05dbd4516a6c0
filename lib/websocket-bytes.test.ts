import { once } from "node:events";
import type { Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect } from "chai";
import { duplexPair } from "./duplex-pair.ts";
import { nextTurn } from "./next-turn.ts";
import { acceptWebSocketBytes } from "./websocket-bytes.ts";

const PROTOCOL = "SPDY/3.1+portforward.k8s.io";
const headersOf = (protocol: string) => ({
  upgrade: "websocket",
  "sec-websocket-key": "k",
  "sec-websocket-protocol": protocol,
});

/** The server's bytes, and the wire with the frames. */
function connect(head: Uint8Array = new Uint8Array()): { readonly bytes: Duplex; readonly wire: Duplex } {
  let bytes: Duplex | undefined;
  const serve = (opened: Duplex) => (bytes = opened);
  const { body } = acceptWebSocketBytes({ headers: headersOf(PROTOCOL) }, { protocol: PROTOCOL, serve });
  const [wire, far] = duplexPair();
  if (body.kind === "upgrade") body.accept(far, head);
  return bytes ? { bytes, wire } : expect.fail("the server did not upgrade");
}

/** A client's frame with the mask 0. */
function frame(opcode: number, data: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(data.length);
  return Buffer.concat([Uint8Array.of(0x80 | opcode, 0x80 | 126), length, Buffer.alloc(4), data]);
}
const BINARY = 2;
const TEXT = 1;
const PING = 9;
const CLOSE = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);

describe("bytes inside a WebSocket", () => {
  it("are what the messages hold, in order, up to the closing frame", async () => {
    const { bytes, wire } = connect(frame(BINARY, Buffer.from("one ")));
    wire.write(frame(BINARY, Buffer.from("two ")));
    wire.write(Buffer.concat([frame(BINARY, Buffer.alloc(0)), frame(BINARY, Buffer.from("three")), CLOSE]));
    expect((await buffer(bytes)).toString()).to.equal("one two three");
  });

  it("go out as binary messages, and their end as a closing frame", async () => {
    const { bytes, wire } = connect();
    bytes.write("ab");
    bytes.end("c");
    expect((await buffer(wire)).toString("latin1")).to.equal("\x82\x02ab\x82\x01c\x88\x02\x03\xe8");
  });

  it("wait for their reader, and none is lost", async () => {
    const { bytes, wire } = connect();
    const message = frame(BINARY, Buffer.alloc(60_000, 7));
    let sent = 0;
    for (; sent < 100 && !wire.writableNeedDrain; sent++) {
      wire.write(message);
      await nextTurn();
    }
    expect(sent).to.be.below(20);
    wire.end(CLOSE);
    expect((await buffer(bytes)).length).to.equal(sent * 60_000);
  });

  it("wait for the other side to read", async () => {
    const { bytes, wire } = connect();
    let done = false;
    bytes.end(Buffer.alloc(1024 * 1024, 7), () => (done = true));
    await nextTurn();
    expect(done).to.equal(false);
    expect((await buffer(wire)).length).to.equal(1024 * 1024 + 10 + 4);
    expect(done).to.equal(true);
  });

  it("go on through pings, which are answered", async () => {
    const { bytes, wire } = connect();
    wire.write(Uint8Array.of(0x80 | PING, 0x81, 0, 0, 0, 0, 0x70));
    await nextTurn();
    bytes.end("a");
    expect((await buffer(wire)).toString("latin1")).to.equal("\x8a\x01p\x82\x01a\x88\x02\x03\xe8");
  });

  for (const [what, data] of [
    ["a text message", frame(TEXT, Buffer.from("x"))],
    ["an unmasked frame", Buffer.from([0x82, 1, 0])],
  ] as const) {
    it(`end with the connection at ${what}`, async () => {
      const { wire } = connect();
      let received = "";
      wire.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
      wire.write(data);
      await once(wire, "close");
      expect(received).to.equal("\x88\x02\x03\xea");
    });
  }

  it("are gone when the connection is, and the connection when they are", async () => {
    const one = connect();
    one.wire.destroy();
    await once(one.bytes, "close");
    const two = connect();
    two.bytes.destroy();
    await once(two.wire, "close");
  });

  it("are refused to one who asks for another protocol, or for no WebSocket", () => {
    const ask = (headers: Readonly<Record<string, string>>) => () =>
      acceptWebSocketBytes({ headers }, { protocol: PROTOCOL, serve: () => undefined });
    expect(ask(headersOf("v5.channel.k8s.io"))).to.throw("unable to negotiate protocol");
    expect(ask({ upgrade: "SPDY/3.1" })).to.throw("Upgrade request required");
  });
});
