import { expect } from "chai";
import { FakeClock } from "../../testing/fake-clock.ts";
import { onAbort, unlessAborted, untilAborted, withDeadline } from "./abort.ts";
import { isRuntimeError } from "./runtime-error.ts";

const never = new Promise<never>(() => undefined);
const outcome = (work: Promise<unknown>) => work.catch((error: unknown) => error);

describe("aborting", () => {
  it("calls back once, at once where it is over already, and not when taken back", () => {
    const controller = new AbortController();
    let calls = 0;
    const count = () => calls++;
    onAbort(controller.signal, count);
    onAbort(controller.signal, count)();
    controller.abort();
    expect(calls).to.equal(0);
    onAbort(controller.signal, count);
    expect(calls).to.equal(1);
  });

  it("computes nothing when aborted before", async () => {
    const reason = new Error("stop");
    expect(await outcome(unlessAborted(AbortSignal.abort(reason), () => 1))).to.equal(reason);
    expect(await unlessAborted(new AbortController().signal, () => 1)).to.equal(1);
  });

  it("ends the waiting for work with the signal's reason", async () => {
    const controller = new AbortController();
    const waiting = outcome(untilAborted(controller.signal, never));
    const reason = new Error("stop");
    controller.abort(reason);
    expect(await waiting).to.equal(reason);
    expect(await untilAborted(new AbortController().signal, Promise.resolve(1))).to.equal(1);
  });

  it("fails work as unavailable when it takes too long, and tells the work", async () => {
    const clock = new FakeClock();
    const { signal } = new AbortController();
    let told: unknown;
    const work = (until: AbortSignal) => {
      onAbort(until, () => {
        told = until.reason;
      });
      return never;
    };
    const late = outcome(withDeadline({ clock, signal, deadlineMs: 5000 }, work));
    await clock.advance(5000);
    expect(isRuntimeError(await late, "Unavailable")).to.equal(true);
    expect(told).to.equal(await late);
  });
});
