import { once } from "node:events";
import { expect } from "chai";
import { duplexPair } from "./duplex-pair.ts";

describe("a pair of streams", () => {
  it("carries bytes both ways and tells the reader of the end", async () => {
    const [near, far] = duplexPair();
    near.end("to far");
    far.end("to near");
    expect(Buffer.concat(await far.toArray()).toString()).to.equal("to far");
    expect(Buffer.concat(await near.toArray()).toString()).to.equal("to near");
  });

  it("holds the writer back until the other end is read", async () => {
    const [near, far] = duplexPair();
    const chunk = Buffer.alloc(16 * 1024);
    let written = 0;
    while (near.write(chunk) && written < 100) written++;
    expect(written).to.be.lessThan(20);
    far.resume();
    await once(near, "drain");
  });

  it("breaks at both ends", async () => {
    const [near, far] = duplexPair();
    near.destroy();
    await once(far, "close");
    expect(far.destroyed).to.equal(true);
  });
});
