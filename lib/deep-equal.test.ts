import { expect } from "chai";
import fc from "fast-check";
import { deepEqual } from "./deep-equal.ts";

describe("deep equality", () => {
  const equal: readonly [unknown, unknown][] = [
    [1, 1],
    [null, null],
    [10n ** 20n, 10n ** 20n],
    [
      { a: 1, b: [1, { c: 2 }] },
      { b: [1, { c: 2 }], a: 1 },
    ],
    [{ a: undefined }, {}],
    [0, -0],
  ];
  for (const [a, b] of equal) {
    it(`holds for ${String(a)} and ${String(b)} of the same content`, () => {
      expect([deepEqual(a, b), deepEqual(b, a)]).to.deep.equal([true, true]);
    });
  }

  const different: readonly [unknown, unknown][] = [
    [1, "1"],
    [null, undefined],
    [null, {}],
    [[], {}],
    [{}, { a: null }],
    [{ a: 1 }, { b: 1 }],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], [1, 2]],
    [JSON.parse('{"__proto__": 1}'), {}],
    [{ toString: 1 }, {}],
  ];
  for (const [a, b] of different) {
    it(`does not hold for ${JSON.stringify(a)} and ${JSON.stringify(b)}`, () => {
      expect([deepEqual(a, b), deepEqual(b, a)]).to.deep.equal([false, false]);
    });
  }

  it("agrees with the text of equal values", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(deepEqual(a, JSON.parse(JSON.stringify(a)))).to.equal(true);
        if (JSON.stringify(a) === JSON.stringify(b)) expect(deepEqual(a, b)).to.equal(true);
      }),
    );
  });
});
