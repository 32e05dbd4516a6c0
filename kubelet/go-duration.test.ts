import { expect } from "chai";
import { formatGoDuration } from "./go-duration.ts";

describe("formatGoDuration", () => {
  for (const [ms, text] of [
    [0, "0s"],
    [250, "250ms"],
    [1500, "1.5s"],
    [10_000, "10s"],
    [80_000, "1m20s"],
    [300_000, "5m0s"],
    [3_600_000, "1h0m0s"],
  ] as const) {
    it(`prints ${ms} ms as ${text}`, () => {
      expect(formatGoDuration(ms)).to.equal(text);
    });
  }
});
