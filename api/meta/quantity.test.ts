import { expect } from "chai";
import fc from "fast-check";
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  milliValue,
  parseQuantity,
  quantityOf,
  quantityOfMillis,
  quantityValue,
  QuantityError,
  renderQuantity,
  subtractQuantities,
} from "./quantity.ts";

const formats = ["DecimalSI", "BinarySI", "DecimalExponent"] as const;

describe("a quantity", () => {
  const canonical: readonly [string, string][] = [
    ["0", "0"],
    ["0Gi", "0"],
    ["-0", "0"],
    ["1", "1"],
    ["+1", "1"],
    ["0.5", "500m"],
    [".5", "500m"],
    ["5.", "5"],
    ["1.5", "1500m"],
    ["1500m", "1500m"],
    ["2000m", "2"],
    ["100m", "100m"],
    ["1000", "1k"],
    ["1500", "1500"],
    ["100000", "100k"],
    ["1000000", "1M"],
    ["1024Mi", "1Gi"],
    ["1.5Gi", "1536Mi"],
    ["1Ki", "1Ki"],
    ["0.5Ki", "512"],
    ["1023Ki", "1023Ki"],
    ["1048576Ki", "1Gi"],
    ["0.1Ki", "102400m"],
    ["1Ei", "1Ei"],
    ["-1Gi", "-1Gi"],
    ["-0.5", "-500m"],
    ["1e3", "1e3"],
    ["1E3", "1e3"],
    ["12e6", "12e6"],
    ["1e-3", "1e-3"],
    ["1e0", "1"],
    ["1E", "1E"],
    ["1n", "1n"],
    ["1u", "1u"],
    ["0.001m", "1u"],
    ["0.1n", "1n"],
    ["-0.1n", "-1n"],
    ["9223372036854775807", "9223372036854775807"],
    ["9007199254740993", "9007199254740993"],
    ["123Mi", "123Mi"],
    ["1000Mi", "1000Mi"],
    ["1000m", "1"],
    ["64Gi", "64Gi"],
  ];
  for (const [text, expected] of canonical) {
    it(`writes ${text} as ${expected}`, () => {
      expect(renderQuantity(parseQuantity(text))).to.equal(expected);
      expect(canonicalQuantity(text)).to.equal(expected);
    });
  }

  const wrong = ["", " 1", "1 ", "x", "-", ".", "1.2.3", "1kb", "1mi", "1KI", "0x10", "1e", "1e+", "NaN", "--1", "1ii"];
  for (const text of [...wrong, "1e9999", "1e999999999999", "8Ei", "9223372036854775808", "1".repeat(200)]) {
    it(`refuses ${JSON.stringify(text.slice(0, 30))}`, () => {
      expect(() => parseQuantity(text)).to.throw(QuantityError, text.slice(0, 100));
    });
  }

  it("names the grammar when it refuses a text", () => {
    expect(() => parseQuantity("ten")).to.throw(
      `quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$': "ten"`,
    );
  });

  it("takes JSON numbers", () => {
    expect([2, 0.5, 1000, 1e21 / 1e21, 2n ** 60n].map(canonicalQuantity)).to.deep.equal([
      "2",
      "500m",
      "1k",
      "1",
      "1152921504606846976",
    ]);
  });

  it("rounds values up, away from zero", () => {
    const values = ["100m", "1001m", "-100m", "1n", "1Gi"].map((text) => quantityValue(parseQuantity(text)));
    expect(values).to.deep.equal([1, 2, -1, 1, 1073741824]);
    expect(["0.5", "1u", "2"].map((text) => milliValue(parseQuantity(text)))).to.deep.equal([500, 1, 2000]);
  });

  it("adds and subtracts in the first one's suffix family", () => {
    const sum = addQuantities(parseQuantity("1Gi"), parseQuantity("512M"));
    expect(renderQuantity(subtractQuantities(sum, parseQuantity("512000000")))).to.equal("1Gi");
    expect(renderQuantity(addQuantities(quantityOf(0), parseQuantity("2Gi")))).to.equal("2Gi");
    expect(renderQuantity(subtractQuantities(parseQuantity("1"), parseQuantity("1500m")))).to.equal("-500m");
  });

  it("is built from numbers", () => {
    expect(renderQuantity(quantityOfMillis(250))).to.equal("250m");
    expect(renderQuantity(quantityOf(2 ** 30, "BinarySI"))).to.equal("1Gi");
  });

  it("writes sums beyond the largest quantity in full", () => {
    const half = parseQuantity("5E");
    expect(renderQuantity(addQuantities(addQuantities(half, half), quantityOf(10n ** 21n)))).to.equal("1010E");
    expect(renderQuantity(quantityOf(2n ** 70n, "BinarySI"))).to.equal("1024Ei");
  });

  const amount = fc.bigInt({ min: -(2n ** 62n) * 10n ** 9n, max: 2n ** 62n * 10n ** 9n });

  it("means the same after it was written and read", () => {
    fc.assert(
      fc.property(amount, fc.constantFrom(...formats), (nanos, format) => {
        const text = renderQuantity({ nanos, format });
        const read = parseQuantity(text);
        expect(read.nanos).to.equal(nanos);
        expect(renderQuantity(read)).to.equal(text);
      }),
    );
  });

  it("has one canonical text per value, whichever shortcut reads it", () => {
    const suffix = fc.constantFrom("", "m", "Ki", "Mi", "Gi", "k", "M", "G", "u", "e3");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000_000 }), suffix, (mantissa, unit) => {
        const text = `${mantissa}${unit}`;
        expect(canonicalQuantity(text)).to.equal(renderQuantity(parseQuantity(text)));
      }),
    );
  });

  it("is ordered by its amount", () => {
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        const order = compareQuantities({ nanos: a, format: "BinarySI" }, { nanos: b, format: "DecimalSI" });
        expect(order).to.equal(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });
});
