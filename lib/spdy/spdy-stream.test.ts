import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import { nextTurn } from "../next-turn.ts";
import { SpdyStream } from "./spdy-stream.ts";

/** A stream on a carrier that writes down what it is asked for, and has room when it is told so. */
function streamOf() {
  const calls: string[] = [];
  const waiting: (() => void)[] = [];
  const stream = new SpdyStream(7, new Map(), {
    sendData(id, data, sent) {
      calls.push(`${id}: ${data.length}`);
      waiting.push(sent);
    },
    sendEnd: (id) => calls.push(`${id}: end`),
    readOn: () => undefined,
    forget: (_stream, { reset }) => calls.push(reset ? "reset" : "ended"),
  });
  return { stream, calls, giveRoom: () => waiting.splice(0).forEach((each) => each()) };
}

describe("a SPDY stream", () => {
  it("sends data in pieces, the next when there is room", () => {
    const { stream, calls, giveRoom } = streamOf();
    stream.write(Buffer.alloc(70_000));
    expect(calls).to.deep.equal(["7: 32768"]);
    giveRoom();
    giveRoom();
    giveRoom();
    expect(calls).to.deep.equal(["7: 32768", "7: 32768", "7: 4464"]);
  });

  it("is no more when both sides have ended, which needs no reset", async () => {
    const { stream, calls } = streamOf();
    stream.receive(Buffer.from("last words"));
    stream.receiveEnd();
    stream.end();
    expect(await text(stream)).to.equal("last words");
    await nextTurn();
    expect(calls).to.deep.equal(["7: end", "ended"]);
  });

  it("resets when it is destroyed before, and not when the other side has reset it", async () => {
    for (const [act, call] of [
      ["destroy", "reset"],
      ["receiveReset", "ended"],
    ] as const) {
      const { stream, calls } = streamOf();
      stream[act]();
      await once(stream, "close");
      expect(calls).to.deep.equal([call]);
    }
  });

  it("passes over what comes after its end", async () => {
    const { stream } = streamOf();
    stream.receiveEnd();
    stream.receiveEnd();
    expect(stream.receive(Buffer.from("x"))).to.equal(true);
    expect(await text(stream)).to.equal("");
  });

  it("says when too much lies unread, and tells a writer that it was reset", async () => {
    const { stream } = streamOf();
    expect(stream.receive(Buffer.alloc(60_000))).to.equal(true);
    expect(stream.receive(Buffer.alloc(60_000))).to.equal(false);
    stream.receiveReset();
    const error = await new Promise((resolve) => stream.write("x", resolve));
    expect(error).to.be.instanceOf(Error);
  });
});
