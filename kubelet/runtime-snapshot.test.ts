import { expect } from "chai";
import { FakeClock } from "../testing/fake-clock.ts";
import { RuntimeSnapshot } from "./runtime-snapshot.ts";
import { FakeRuntime } from "./runtimes/fake.ts";
import { RuntimeError } from "./runtimes/runtime-error.ts";

describe("RuntimeSnapshot", () => {
  let clock: FakeClock;
  let snapshot: RuntimeSnapshot;
  let stop: AbortController;
  /** What a list waits for before it is answered. */
  let answer: () => Promise<void>;

  beforeEach(() => {
    clock = new FakeClock();
    stop = new AbortController();
    answer = () => Promise.resolve();
    const runtime = new FakeRuntime({ clock });
    const list = (signal: AbortSignal) => answer().then(() => runtime.list(signal));
    snapshot = new RuntimeSnapshot(
      { runtime: Object.assign(Object.create(runtime), { list }) as FakeRuntime, clock },
      stop.signal,
    );
  });
  afterEach(() => stop.abort());

  it("says why the runtime could not be asked, until it can", async () => {
    answer = () => Promise.reject(new RuntimeError("Unavailable", "gone"));
    const refreshed = snapshot.refresh();
    await clock.advance(3000);
    expect(snapshot.problem).to.equal("gone");
    answer = () => Promise.resolve();
    await clock.advance(10_000);
    await refreshed;
    expect(snapshot.problem).to.equal(undefined);
  });

  describe("tells whether the runtime has answered since a time", () => {
    /** Asked at 1 s about the time since 0 s; the runtime hangs from 0 s until this time. */
    const hungUntil = async (ms: number): Promise<boolean> => {
      await snapshot.refresh();
      answer = () =>
        clock.monotonic() < ms
          ? new Promise((resolve) => clock.setTimer(ms - clock.monotonic(), resolve))
          : Promise.resolve();
      await clock.advance(1000);
      const asked = snapshot.hasAnswered(0);
      await clock.advance(10_000);
      return asked;
    };

    it("where it does", async () => {
      expect(await hungUntil(0)).to.equal(true);
    });

    it("where it hangs", async () => {
      expect(await hungUntil(60_000)).to.equal(false);
    });

    it("where it hung until a moment ago", async () => {
      expect(await hungUntil(3000)).to.equal(false);
      expect(await snapshot.hasAnswered(2999), "while it hung").to.equal(false);
      expect(await snapshot.hasAnswered(3001), "afterwards").to.equal(true);
    });
  });
});
