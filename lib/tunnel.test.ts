import { once } from "node:events";
import { PassThrough, type Duplex } from "node:stream";
import { expect } from "chai";
import { duplexPair } from "./duplex-pair.ts";
import { tunnel } from "./tunnel.ts";

function joined() {
  const [left, leftEnd] = duplexPair();
  const [right, rightEnd] = duplexPair();
  tunnel(leftEnd, rightEnd);
  return { left, right };
}

async function readAll(stream: Duplex): Promise<string> {
  return Buffer.concat((await stream.pipe(new PassThrough()).toArray()) as Buffer[]).toString();
}

describe("a tunnel", () => {
  it("carries bytes both ways until each side has ended", async () => {
    const { left, right } = joined();
    left.end("from left");
    expect(await readAll(right)).to.equal("from left");
    right.end("from right");
    expect(await readAll(left)).to.equal("from right");
  });

  it("breaks at both sides", async () => {
    for (const side of ["left", "right"] as const) {
      const ends = joined();
      const other = side === "left" ? ends.right : ends.left;
      other.resume();
      const closed = once(other, "close");
      ends[side].destroy();
      await closed;
    }
  });
});
