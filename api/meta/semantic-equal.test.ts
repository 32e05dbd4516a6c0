import { expect } from "chai";
import { semanticEqual } from "./semantic-equal.ts";

describe("semanticEqual", () => {
  const equal: readonly (readonly [unknown, unknown])[] = [
    [undefined, null],
    [undefined, []],
    [{ a: 1 }, { a: 1, b: undefined, c: [] }],
    [
      { a: 1, b: [{ c: "x" }] },
      { b: [{ c: "x" }], a: 1 },
    ],
  ];
  for (const [a, b] of equal) {
    it(`holds ${JSON.stringify(a)} and ${JSON.stringify(b)} equal, either way round`, () => {
      expect(semanticEqual(a, b)).to.equal(true);
      expect(semanticEqual(b, a)).to.equal(true);
    });
  }

  const different: readonly (readonly [unknown, unknown])[] = [
    [0, undefined],
    ["", undefined],
    [{}, undefined],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], { 0: 1 }],
    [{ a: { b: 1 } }, { a: { b: 2 } }],
    [{}, { toString: 1 }],
  ];
  for (const [a, b] of different) {
    it(`tells ${JSON.stringify(a)} from ${JSON.stringify(b)}, either way round`, () => {
      expect(semanticEqual(a, b)).to.equal(false);
      expect(semanticEqual(b, a)).to.equal(false);
    });
  }
});
