import { expect } from "chai";
import { formatMicroTime, formatTime, pause, sleep, systemClock } from "./clock.ts";

describe("the system clock", () => {
  it("sleeps and wakes", async () => {
    const clock = systemClock();
    const before = clock.monotonic();
    await sleep(clock, 5);
    expect(clock.monotonic()).to.be.above(before);
  });

  it("gives up sleeping when the signal is aborted, before or meanwhile", async () => {
    const clock = systemClock();
    const abort = new AbortController();
    const sleeping = sleep(clock, 60_000, abort.signal);
    abort.abort(new Error("enough"));
    for (const each of [sleeping, sleep(clock, 60_000, abort.signal)]) {
      const error = await each.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).to.have.property("message", "enough");
    }
  });

  it("ends a pause when its time has come, and when the signal is aborted", async () => {
    const clock = systemClock();
    const abort = new AbortController();
    await pause(clock, 1, abort.signal);
    const pausing = pause(clock, 60_000, abort.signal);
    abort.abort();
    await pausing;
    await pause(clock, 60_000, abort.signal);
  });

  it("cancels a timer", async () => {
    const clock = systemClock();
    let fired = false;
    clock.setTimer(1, () => (fired = true))();
    await sleep(clock, 10);
    expect(fired).to.equal(false);
  });

  it("writes times as Kubernetes does", () => {
    expect(formatTime(1_700_000_000_123)).to.equal("2023-11-14T22:13:20Z");
    expect(formatMicroTime(1_700_000_000_123)).to.equal("2023-11-14T22:13:20.123000Z");
  });
});
