import { expect } from "chai";
import { FakeClock } from "../../testing/fake-clock.ts";
import { FailedPodBackoff } from "./failed-pod-backoff.ts";

describe("the back-off for failed daemon pods", () => {
  it("doubles up to a quarter of an hour, for each node by itself", async () => {
    const clock = new FakeClock();
    const backoff = new FailedPodBackoff(clock);
    const waits: number[] = [];
    for (let failures = 0; failures < 12; failures++) {
      backoff.count("a");
      waits.push(backoff.waitMs("a") / 1000);
      await clock.advance(backoff.waitMs("a"));
      expect(backoff.waitMs("a")).to.equal(0);
    }
    expect(waits).to.deep.equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    expect(backoff.waitMs("b")).to.equal(0);
  });

  it("starts anew after half an hour without failures", async () => {
    const clock = new FakeClock();
    const backoff = new FailedPodBackoff(clock);
    ["a", "a", "a"].forEach((key) => backoff.count(key));
    expect(backoff.waitMs("a")).to.equal(4000);
    await clock.advance(30 * 60_000 + 1);
    backoff.count("a");
    expect(backoff.waitMs("a")).to.equal(1000);
  });

  it("forgets the oldest when too many are remembered", () => {
    const backoff = new FailedPodBackoff(new FakeClock());
    for (let node = 0; node < 10_001; node++) backoff.count(String(node));
    expect([backoff.waitMs("0"), backoff.waitMs("1"), backoff.waitMs("10000")]).to.deep.equal([0, 1000, 1000]);
  });
});
