import { expect } from "chai";
import { sleep } from "../lib/clock.ts";
import { FakeClock } from "./fake-clock.ts";

describe("FakeClock", () => {
  it("runs due timers in order of time, then of setting, and shows each its own time", async () => {
    const clock = new FakeClock(1000);
    const seen: string[] = [];
    for (const [name, delayMs] of Object.entries({ late: 30, first: 10, second: 10, never: 31 })) {
      clock.setTimer(delayMs, () => seen.push(`${name}@${clock.now()}`));
    }
    await clock.advance(30);
    expect(seen).to.deep.equal(["first@1010", "second@1010", "late@1030"]);
    expect(clock.nextTimerMs()).to.equal(1);
  });

  it("runs timers that are set on the way, with promise chains settled in between", async () => {
    const clock = new FakeClock(0);
    const seen: number[] = [];
    const run = async () => {
      for (let round = 0; round < 3; round++) {
        await sleep(clock, 10);
        await Promise.resolve();
        seen.push(clock.monotonic());
      }
    };
    const running = run();
    await clock.advance(25);
    expect(seen).to.deep.equal([10, 20]);
    await clock.advance(5);
    await running;
    expect(seen).to.deep.equal([10, 20, 30]);
  });

  it("does not run a cancelled timer, and cancelling twice is harmless", async () => {
    const clock = new FakeClock(0);
    let ran = false;
    const cancel = clock.setTimer(5, () => (ran = true));
    cancel();
    cancel();
    await clock.advance(10);
    expect(ran).to.equal(false);
    expect(clock.nextTimerMs()).to.equal(undefined);
  });

  it("keeps monotonic time when the wall clock jumps", async () => {
    const clock = new FakeClock(100_000);
    clock.jumpWallClock(-50_000);
    await clock.advance(10);
    expect([clock.now(), clock.monotonic()]).to.deep.equal([50_010, 10]);
  });
});
