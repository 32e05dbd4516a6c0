import { expect } from "chai";
import { encodeFrame, type SentFrame } from "./frame.ts";
import { HeaderWriter } from "./header-block.ts";

describe("SPDY's frames", () => {
  it("have the bytes of the draft", () => {
    const compress = new HeaderWriter();
    const hex = (frame: SentFrame) => encodeFrame(frame, compress).toString("hex");
    expect(hex({ type: "ping", id: 7 })).to.equal("800300060000000400000007");
    expect(hex({ type: "rstStream", streamId: 5, status: 3 })).to.equal("80030003000000080000000500000003");
    expect(hex({ type: "goAway", lastStreamId: 3, status: 0 })).to.equal("80030007000000080000000300000000");
    expect(hex({ type: "data", streamId: 9, data: Uint8Array.of(1, 2), fin: true })).to.equal("00000009010000020102");
    const opened = hex({ type: "synStream", streamId: 1, headers: new Map(), fin: true, unidirectional: false });
    // Its head, the stream, none associated, priority and slot, and the zlib header with the dictionary's sum.
    expect(opened).to.match(/^8003000101[0-9a-f]{6}00000001000000000000(78bbe3c6a7c2)/);
  });
});
