import { expect } from "chai";
import { FakeClock } from "../testing/fake-clock.ts";
import { withDeadline } from "./deadline.ts";

describe("withDeadline", () => {
  const untilAborted = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      if (signal.aborted) reject(signal.reason as Error);
      signal.addEventListener("abort", () => reject(signal.reason as Error));
    });

  it("gives the result, and leaves no timer behind", async () => {
    const clock = new FakeClock();
    expect(await withDeadline({ clock, delayMs: 10 }, () => Promise.resolve(5))).to.equal(5);
    expect(clock.nextTimerMs()).to.equal(undefined);
  });

  it("ends the call when its time is up", async () => {
    const clock = new FakeClock();
    const outcome = withDeadline({ clock, delayMs: 10 }, untilAborted).catch(String);
    await clock.advance(10);
    expect(await outcome).to.equal("Error: the call took longer than 10 ms");
  });

  it("ends the call with its caller, whether it stops meanwhile or has stopped before", async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const during = withDeadline({ clock, delayMs: 10, signal: stop.signal }, untilAborted).catch(String);
    stop.abort("stopped");
    const after = withDeadline({ clock, delayMs: 10, signal: stop.signal }, untilAborted).catch(String);
    expect([await during, await after]).to.deep.equal(["stopped", "stopped"]);
  });
});
