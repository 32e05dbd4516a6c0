import { expect } from "chai";
import { Wakeup } from "./wakeup.ts";

describe("a wakeup", () => {
  const never = () => new AbortController().signal;

  it("wakes who waits", async () => {
    const wakeup = new Wakeup();
    const waiting = wakeup.wait(never());
    wakeup.notify();
    expect(await waiting).to.equal(true);
  });

  it("does not get lost when nobody waits, and stays until it is cleared", async () => {
    const wakeup = new Wakeup();
    wakeup.notify();
    wakeup.notify();
    expect(await wakeup.wait(never())).to.equal(true);
    expect(await wakeup.wait(never())).to.equal(true);
    wakeup.clear();
    const stop = new AbortController();
    const waiting = wakeup.wait(stop.signal);
    stop.abort();
    expect(await waiting).to.equal(false);
  });

  it("is over once the signal is aborted, even when it was raised", async () => {
    const wakeup = new Wakeup();
    wakeup.notify();
    expect(await wakeup.wait(AbortSignal.abort())).to.equal(false);
  });
});
