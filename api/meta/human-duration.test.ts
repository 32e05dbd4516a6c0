import { expect } from "chai";
import { humanDuration, renderAge } from "./human-duration.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("humanDuration", () => {
  const cases: readonly (readonly [number, string])[] = [
    [-2 * SECOND, "<invalid>"],
    [-SECOND, "0s"],
    [0, "0s"],
    [119 * SECOND, "119s"],
    [2 * MINUTE, "2m"],
    [9 * MINUTE + 59 * SECOND, "9m59s"],
    [10 * MINUTE + 30 * SECOND, "10m"],
    [179 * MINUTE, "179m"],
    [3 * HOUR, "3h"],
    [7 * HOUR + 59 * MINUTE, "7h59m"],
    [8 * HOUR + 59 * MINUTE, "8h"],
    [47 * HOUR, "47h"],
    [2 * DAY + 3 * HOUR, "2d3h"],
    [8 * DAY + 3 * HOUR, "8d"],
    [729 * DAY, "729d"],
    [730 * DAY, "2y"],
    [733 * DAY, "2y3d"],
    [8 * 365 * DAY + DAY, "8y"],
  ];
  for (const [durationMs, text] of cases) {
    it(`prints ${durationMs} ms as ${text}`, () => {
      expect(humanDuration(durationMs)).to.equal(text);
    });
  }

  it("says so where a time is unknown", () => {
    expect(renderAge(undefined, 0)).to.equal("<unknown>");
    expect(renderAge("1970-01-01T00:00:10Z", 15_000)).to.equal("5s");
  });
});
