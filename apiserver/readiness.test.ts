import { expect } from "chai";
import { Readiness } from "./readiness.ts";

describe("Readiness", () => {
  it("lets callers wait until the server is ready, and none after", async () => {
    const readiness = new Readiness();
    const caller = { signal: new AbortController().signal };
    let passed = 0;
    const waiting = readiness.wait(caller).then(() => (passed += 1));
    await Promise.resolve();
    expect([passed, readiness.isReady]).to.deep.equal([0, false]);
    readiness.complete();
    await waiting;
    await readiness.wait(caller);
    expect([passed, readiness.isReady]).to.deep.equal([1, true]);
  });

  it("lets go of callers that are gone", async () => {
    const ended = new AbortController();
    const waiting = new Readiness().wait(ended).catch((error: unknown) => error);
    const reason = new Error("the client has left");
    ended.abort(reason);
    expect(await waiting).to.equal(reason);
  });
});
