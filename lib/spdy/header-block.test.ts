import { createDeflate, createInflate, constants, type Deflate, type Inflate } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import { spdyDictionary } from "./dictionary.ts";
import { HeaderReader, HeaderWriter } from "./header-block.ts";
import { SpdyError } from "./spdy-error.ts";

const headersOf = (object: Readonly<Record<string, string>>) => new Map(Object.entries(object));
const stream = headersOf({ streamtype: "stdin", port: "80", requestid: "0" });
/** zlib as a stream over the whole connection: what every other implementation uses. */
const dictionary = spdyDictionary;
const streaming = { dictionary, flush: constants.Z_SYNC_FLUSH };
const through = (codec: Deflate | Inflate, input: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    codec.once("error", reject);
    codec.write(input, () => resolve((codec.read() as Buffer | null) ?? Buffer.alloc(0)));
  });

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
}
const block = (...parts: readonly string[]) =>
  Buffer.concat([Buffer.from([0, 0, 0, parts.length / 2]), ...parts.map(text)]);

describe("SPDY's header blocks", () => {
  it("come out as they went in, whatever went before them", () => {
    const headers = fc
      .dictionary(fc.stringMatching(/^[a-z-]{1,20}$/), fc.string({ maxLength: 300, unit: "grapheme" }), { maxKeys: 20 })
      .map(headersOf);
    fc.assert(
      fc.property(fc.array(headers, { maxLength: 30 }), (blocks) => {
        const [writer, reader] = [new HeaderWriter(), new HeaderReader()];
        for (const each of blocks) expect([...reader.read(writer.write(each))]).to.deep.equal([...each]);
      }),
      { numRuns: 40 },
    );
  });

  it("grow small when they repeat, over more than zlib's window", () => {
    const [writer, reader] = [new HeaderWriter(), new HeaderReader()];
    const large = headersOf({ a: "0123456789".repeat(1500) });
    for (let round = 0; round < 6; round++) expect([...reader.read(writer.write(large))]).to.deep.equal([...large]);
    expect(writer.write(large).length).to.be.below(400);
  });

  it("are what a zlib stream over the whole connection reads and writes", async () => {
    const [inflate, deflate] = [createInflate(streaming), createDeflate(streaming)];
    const [writer, reader] = [new HeaderWriter(), new HeaderReader()];
    for (const port of ["80", "8080", "80"]) {
      const plain = block("port", port, "streamtype", "data");
      const headers = headersOf({ port, streamtype: "data" });
      expect((await through(inflate, writer.write(headers))).equals(plain)).to.equal(true);
      expect([...reader.read(await through(deflate, plain))]).to.deep.equal([...headers]);
    }
  });

  it("keep a name such as __proto__ as plain data", async () => {
    const written = await through(createDeflate(streaming), block("__proto__", "x"));
    expect([...new HeaderReader().read(written)]).to.deep.equal([["__proto__", "x"]]);
  });

  for (const [what, plain, message] of [
    ["announce more than there is", Buffer.from([0, 0, 0, 2, 0, 0, 0, 1, 97]), "ends early"],
    ["announce a huge text", Buffer.from([0, 0, 0, 1, 255, 255, 255, 255]), "ends early"],
    ["go on after their end", Buffer.from([0, 0, 0, 0, 1]), "after its last header"],
    ["repeat a name", block("a", "1", "a", "2"), "comes twice"],
    ["have a name in upper case", block("Port", "1"), "must be in lower case"],
    ["have an empty name", block("", "1"), "must be in lower case"],
    ["are larger than 64 KiB decompressed", Buffer.alloc(1024 * 1024), "at most 65536 bytes"],
  ] as const) {
    it(`are refused when they ${what}`, async () => {
      const written = await through(createDeflate({ ...streaming, chunkSize: 65_536 }), plain);
      expect(() => new HeaderReader().read(written)).to.throw(SpdyError, message);
    });
  }

  it("are refused when they are no zlib stream over this dictionary", async () => {
    const bare = await through(createDeflate({ flush: constants.Z_SYNC_FLUSH }), block("a", "1"));
    expect(() => new HeaderReader().read(bare)).to.throw(SpdyError, "does not begin a zlib stream");
    expect(() => new HeaderReader().read(Buffer.from([0x78]))).to.throw(SpdyError, "has no zlib header");
    const garbage = Buffer.concat([new HeaderWriter().write(stream).subarray(0, 6), Buffer.alloc(20, 255)]);
    expect(() => new HeaderReader().read(garbage)).to.throw(SpdyError, "cannot be decompressed");
  });
});
