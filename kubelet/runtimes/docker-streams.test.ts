import { expect } from "chai";
import fc from "fast-check";
import { readFrames } from "./docker-streams.ts";

function frame(stream: number, text: string): Buffer {
  const data = Buffer.from(text);
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(data.length, 4);
  return Buffer.concat([header, data]);
}

/** The text of each stream, from bytes that arrive in pieces of the given sizes. */
async function read(bytes: Buffer, sizes: readonly number[]): Promise<{ stdout: string; stderr: string }> {
  async function* pieces(): AsyncGenerator<Buffer> {
    let at = 0;
    for (const size of sizes) {
      yield await Promise.resolve(bytes.subarray(at, at + size));
      at += size;
    }
    yield bytes.subarray(at);
  }
  const text = { stdout: "", stderr: "" };
  for await (const { stream, data } of readFrames(pieces())) text[stream] += data.toString("latin1");
  return text;
}

describe("the frames of Docker's streams", () => {
  it("are told apart however the bytes are cut", async () => {
    const frames = Buffer.concat([frame(1, "out one\n"), frame(2, "err\n"), frame(1, ""), frame(1, "out two\n")]);
    const cuts = fc.array(fc.nat(12), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(cuts, async (sizes) => {
        expect(await read(frames, sizes)).to.deep.equal({ stdout: "out one\nout two\n", stderr: "err\n" });
      }),
    );
  });

  it("give what there is where the connection ends within one", async () => {
    expect(await read(frame(1, "cut off").subarray(0, 11), [])).to.deep.equal({ stdout: "cut", stderr: "" });
    expect(await read(frame(1, "cut off").subarray(0, 5), [])).to.deep.equal({ stdout: "", stderr: "" });
  });
});
