import { expect } from "chai";
import { canonicalMicroTime, canonicalTime } from "./time-format.ts";

describe("times", () => {
  const times: readonly [string, string | undefined, string | undefined][] = [
    ["2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05.000000Z"],
    ["2024-01-02T03:04:05.123456789Z", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05.123456Z"],
    ["2024-01-02T03:04:05.5+02:00", "2024-01-02T01:04:05Z", "2024-01-02T01:04:05.500000Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"],
    ["2024-01-31T23:59:59-01:00", "2024-02-01T00:59:59Z", "2024-02-01T00:59:59.000000Z"],
    ["2023-02-29T00:00:00Z", undefined, undefined],
    ["2024-01-02T24:00:00Z", undefined, undefined],
    ["2024-01-02 03:04:05Z", undefined, undefined],
    ["2024-01-02T03:04:05", undefined, undefined],
    ["2024-01-02", undefined, undefined],
    ["", undefined, undefined],
  ];
  for (const [text, seconds, micros] of times) {
    it(`${JSON.stringify(text)} is ${seconds ?? "refused"}`, () => {
      expect([canonicalTime(text), canonicalMicroTime(text)]).to.deep.equal([seconds, micros]);
    });
  }
});
