import { Readable } from "node:stream";
import { expect } from "chai";
import { readJsonLines } from "./json-lines.ts";

describe("messages, one per line", () => {
  const { signal } = new AbortController();
  const read = async (...chunks: (string | Buffer)[]) => {
    const messages: unknown[] = [];
    for await (const message of readJsonLines(Readable.from(chunks, { objectMode: false }), signal)) {
      messages.push(message);
    }
    return messages;
  };

  it("are read however they are cut, with or without a last line's end", async () => {
    expect(await read('{"a":1}\r\n{"b"', ":2}\n\n", "3")).to.deep.equal([{ a: 1 }, { b: 2 }, 3]);
    const bytes = Buffer.from('"ä"\n');
    expect(await read(bytes.subarray(0, 2), bytes.subarray(2))).to.deep.equal(["ä"]);
    expect(await read()).to.deep.equal([]);
  });

  it("fail where a line is no JSON or has no end in sight", async () => {
    const failed = (work: Promise<unknown>) =>
      work.then(
        () => "none",
        (error: Error) => error.name,
      );
    expect(await failed(read("{]\n"))).to.equal("SyntaxError");
    expect(await failed(read("1".repeat(2 ** 20), "1", "1"))).to.equal("Error");
  });

  it("end with the signal", async () => {
    const aborting = new AbortController();
    const body = new Readable({ read: () => undefined });
    const reading = readJsonLines(body, aborting.signal)
      .next()
      .catch((error: Error) => error.name);
    aborting.abort();
    expect(await reading).to.equal("AbortError");
    expect(body.destroyed).to.equal(true);
  });
});
