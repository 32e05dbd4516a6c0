import { expect } from "chai";
import { backoffDelayMs } from "./backoff.ts";

describe("back-off", () => {
  const backoff = { initialMs: 10_000, maxMs: 300_000 };

  it("doubles from the first failure up to the maximum", () => {
    const delays = [1, 2, 3, 4, 5, 6, 1000].map((failures) => backoffDelayMs(backoff, failures));
    expect(delays).to.deep.equal([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  });

  it("takes the random share off the delay", () => {
    expect(backoffDelayMs({ ...backoff, jitter: 0.5 }, 1, 0.5)).to.equal(7_500);
  });
});
