import { expect } from "chai";
import { closeCodes, closePayload, createReceiver, frame, opcodes } from "./websocket-frames.ts";

const bytesOf = (opcode: number, data: Uint8Array, mask: boolean) =>
  Buffer.concat(frame(data, { opcode, mask }).map((part) => Buffer.from(part)));

describe("WebSocket frames", () => {
  it("have the bytes of RFC 6455", () => {
    expect(bytesOf(opcodes.binary, Buffer.from("ab"), false).toString("hex")).to.equal("82026162");
    expect(bytesOf(opcodes.close, closePayload(closeCodes.protocolError), false).toString("hex")).to.equal("880203ea");
  });

  it("of a client are masked, and read by a server", async () => {
    const receiver = createReceiver("server");
    const received = new Promise((resolve) => receiver.on("message", resolve));
    receiver.write(bytesOf(opcodes.binary, Buffer.from("hello"), true));
    expect(String(await received)).to.equal("hello");
  });

  it("of a client that are not masked are refused", async () => {
    const receiver = createReceiver("server");
    const failed = new Promise((resolve) => receiver.on("error", resolve));
    receiver.write(bytesOf(opcodes.binary, Buffer.from("hello"), false));
    expect(await failed).to.be.instanceOf(RangeError);
  });
});
