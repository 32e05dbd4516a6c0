import { expect } from "chai";
import fc from "fast-check";
import { encodeFrame, type Frame, type SentFrame } from "./frame.ts";
import { FrameReader } from "./frame-reader.ts";
import { HeaderWriter } from "./header-block.ts";
import { SpdyError } from "./spdy-error.ts";

const id = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const headers = fc
  .dictionary(fc.stringMatching(/^[a-z]{1,9}$/), fc.string(), { maxKeys: 4 })
  .map((object) => new Map(Object.entries(object)));
const withHeaders = { streamId: id, headers, fin: fc.boolean() };
const status = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const anyFrame: fc.Arbitrary<SentFrame> = fc.oneof(
  fc.record({ type: fc.constant("data" as const), streamId: id, data: fc.uint8Array(), fin: fc.boolean() }),
  fc.record({ type: fc.constant("synStream" as const), unidirectional: fc.boolean(), ...withHeaders }),
  fc.record({ type: fc.constant("synReply" as const), ...withHeaders }),
  fc.record({ type: fc.constant("headers" as const), ...withHeaders }),
  fc.record({ type: fc.constant("rstStream" as const), streamId: id, status }),
  fc.record({ type: fc.constant("ping" as const), id: status }),
  fc.record({ type: fc.constant("goAway" as const), lastStreamId: id, status }),
);

/** Pieces of one data frame as one, and bytes as numbers. */
function joined(frames: readonly Frame[]): unknown[] {
  const all: { type: string; streamId?: number; bytes?: number[]; fin?: boolean; headers?: unknown }[] = [];
  let open = false;
  for (const frame of frames) {
    const last = all.at(-1);
    if (frame.type === "data" && open && last?.bytes) {
      last.bytes.push(...frame.data);
      last.fin = frame.fin;
    } else if (frame.type === "data") {
      all.push({ type: "data", streamId: frame.streamId, bytes: [...frame.data], fin: frame.fin });
    } else {
      all.push("headers" in frame ? { ...frame, headers: [...frame.headers] } : frame);
    }
    open = frame.type === "data";
  }
  return all;
}

const read = (reader: FrameReader, ...chunks: readonly Uint8Array[]) =>
  chunks.flatMap((each) => [...reader.read(each)]);

describe("the reader of SPDY's frames", () => {
  it("are read as they were sent, however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 12 }), fc.integer({ min: 1, max: 40 }), (frames, size) => {
        const compress = new HeaderWriter();
        // A ping between them keeps pieces of two data frames apart.
        const sent = frames.flatMap((frame): SentFrame[] => [frame, { type: "ping", id: 0 }]);
        const bytes = Buffer.concat(sent.map((frame) => encodeFrame(frame, compress)));
        const chunks: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
        expect(joined(read(new FrameReader(), ...chunks))).to.deep.equal(joined(sent));
      }),
      { numRuns: 100 },
    );
  });

  it("never make the reader fail in another way than with its own error, whatever comes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), fc.boolean(), (chunks, control) => {
        const reader = new FrameReader();
        try {
          if (control) read(reader, Uint8Array.of(0x80, 3));
          read(reader, ...chunks);
        } catch (error) {
          expect(error).to.be.instanceOf(SpdyError);
        }
      }),
    );
  });

  it("give the data of a frame on before it is whole", () => {
    const reader = new FrameReader();
    const head = Uint8Array.of(0, 0, 0, 1, 1, 0xff, 0xff, 0xff);
    expect(joined(read(reader, head, Uint8Array.of(1, 2)))).to.deep.equal([
      { type: "data", streamId: 1, bytes: [1, 2], fin: false },
    ]);
  });

  for (const [what, bytes, message] of [
    ["of another version", [0x80, 2, 0, 6, 0, 0, 0, 4], "SPDY/2"],
    ["that are too large", [0x80, 3, 0, 1, 0, 1, 0, 0], "65536 bytes"],
    ["with data on stream 0", [0, 0, 0, 0, 0, 0, 0, 1], "stream 0"],
    ["that reset stream 0", [0x80, 3, 0, 3, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1], "stream 0"],
    ["of the wrong size", [0x80, 3, 0, 6, 0, 0, 0, 5, 0, 0, 0, 1, 0], "has 5 bytes, not 4"],
    ["too short for their type", [0x80, 3, 0, 1, 0, 0, 0, 4, 0, 0, 0, 1], "has 4 bytes, not 10"],
  ] as const) {
    it(`are refused when they are ones ${what}`, () => {
      expect(() => read(new FrameReader(), Uint8Array.from(bytes))).to.throw(SpdyError, message);
    });
  }

  it("are passed over when nothing follows from them: settings, windows, and what is unknown", () => {
    const settings = [0x80, 3, 0, 4, 0, 0, 0, 4, 0, 0, 0, 0];
    const window = [0x80, 3, 0, 9, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 255, 255];
    const unknown = [0x80, 3, 1, 0, 0, 0, 0, 0];
    const read4 = read(new FrameReader(), Uint8Array.from([...settings, ...window, ...unknown]));
    expect(read4).to.deep.equal([4, 9, 256].map((code) => ({ type: "other", code })));
  });
});
