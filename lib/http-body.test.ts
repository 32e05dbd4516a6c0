import { PassThrough } from "node:stream";
import { expect } from "chai";
import { FakeClock } from "../testing/fake-clock.ts";
import { readBody } from "./http-body.ts";

const limits = { bytesMax: 10, timeoutMs: 1000 };

function start(headers: Record<string, string> = {}) {
  const source = new PassThrough();
  const clock = new FakeClock(0);
  const outcome = readBody(source, headers, { ...limits, clock }).then(
    (bytes) => Buffer.from(bytes).toString(),
    (error: { code: number }) => error.code,
  );
  return { source, clock, outcome };
}

describe("reading a request's body", () => {
  it("joins its chunks", async () => {
    const { source, outcome } = start();
    source.write("one");
    source.end("two");
    expect(await outcome).to.equal("onetwo");
  });

  it("accepts an empty body", async () => {
    const { source, outcome } = start();
    source.end();
    expect(await outcome).to.equal("");
  });

  it("stops at the limit, without waiting for the end", async () => {
    const { source, outcome } = start();
    source.write("12345678901");
    expect(await outcome).to.equal(413);
    expect(source.isPaused()).to.equal(true);
  });

  it("refuses an announced length above the limit before reading", async () => {
    expect(await start({ "content-length": "11" }).outcome).to.equal(413);
  });

  it("refuses compressed bodies", async () => {
    expect(await start({ "content-encoding": "gzip" }).outcome).to.equal(415);
  });

  it("gives up on a body that never ends", async () => {
    const { source, clock, outcome } = start();
    source.write("slow");
    await clock.advance(999);
    source.write("er");
    await clock.advance(1);
    expect(await outcome).to.equal(408);
  });

  it("reports a client that goes away", async () => {
    const { source, outcome } = start();
    source.write("half");
    source.destroy();
    expect(await outcome).to.equal(400);
  });
});
