import { expect } from "chai";
import { parsePlainBoolean, parsePlainNumber, readsAsNonString } from "./yaml-scalar.ts";

describe("a plain YAML scalar", () => {
  const numbers: readonly [string, number | bigint | undefined][] = [
    ["0", 0],
    ["-5", -5],
    ["+5", 5],
    ["0644", 420],
    ["-0644", -420],
    ["0o644", 420],
    ["0899", 899],
    ["1_000", 1000],
    ["0x1F", 31],
    ["0b11", 3],
    ["9007199254740993", 9007199254740993n],
    ["18446744073709551615", 18446744073709551615n],
    ["1e3", 1000],
    [".5", 0.5],
    ["1.", 1],
    [".inf", Infinity],
    ["-.Inf", -Infinity],
    ["0b", undefined],
    ["0x", undefined],
    ["_1", undefined],
    ["._0", undefined],
    ["22:22", undefined],
    ["2001-01-01", undefined],
    ["1e", undefined],
    ["", undefined],
  ];
  for (const [text, value] of numbers) {
    it(`${JSON.stringify(text)} is ${value === undefined ? "no number" : `the number ${value}`}`, () => {
      expect(parsePlainNumber(text)).to.equal(value);
    });
  }

  it("is a boolean in the words of YAML 1.1", () => {
    expect(["y", "Yes", "ON", "true"].map(parsePlainBoolean)).to.deep.equal([true, true, true, true]);
    expect(["n", "No", "OFF", "false"].map(parsePlainBoolean)).to.deep.equal([false, false, false, false]);
    expect(["yeS", "t", "1", ""].map(parsePlainBoolean)).to.deep.equal([undefined, undefined, undefined, undefined]);
  });

  it("needs quotes where some reader would take it for something else", () => {
    const ambiguous = [
      "",
      "~",
      "null",
      "y",
      "off",
      "1",
      "1.5",
      "22:22",
      "190:20:30.5",
      "2001-01-01",
      "2001-1-1T1:2:3Z",
      ".nan",
    ];
    expect(ambiguous.filter((text) => !readsAsNonString(text))).to.deep.equal([]);
    const clear = ["nil", "1e", "v1", "10.0.0.1", "2001-13-01", "80/tcp", "a", "=", "<<", "1:60"];
    expect(clear.filter(readsAsNonString)).to.deep.equal([]);
  });
});
