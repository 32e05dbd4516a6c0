import { expect } from "chai";
import { parseDurationMs, renderDuration } from "./duration.ts";

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

describe("renderDuration", () => {
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
      expect(renderDuration(ms)).to.equal(text);
    });
  }
});
