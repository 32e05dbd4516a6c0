import { expect } from "chai";
import { parseDurationMs } from "./duration.ts";

describe("parseDurationMs", () => {
  const cases: [string, number | undefined][] = [
    ["40s", 40_000],
    ["1m30s", 90_000],
    ["1.5h", 5_400_000],
    ["500ms", 500],
    ["0s", 0],
    ["", undefined],
    ["40", undefined],
    ["-1s", undefined],
    ["1s ", undefined],
    ["1d", undefined],
  ];
  for (const [text, ms] of cases) {
    it(`reads ${JSON.stringify(text)} as ${ms ?? "no duration"}`, () => {
      expect(parseDurationMs(text)).to.equal(ms);
    });
  }
});
