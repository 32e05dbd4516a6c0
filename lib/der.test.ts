import { expect } from "chai";
import { INTEGER, partsOfDer, readDer, SEQUENCE, SET } from "./der.ts";

const bytes = (hex: string) => Buffer.from(hex, "hex");

describe("DER", () => {
  const TABLE: readonly [title: string, hex: string, expected: readonly (readonly [number, string])[] | undefined][] = [
    ["of nothing holds nothing", "", []],
    [
      "holds values one after the other",
      "0201050500",
      [
        [INTEGER, "05"],
        [0x05, ""],
      ],
    ],
    ["has lengths of several bytes", "04820003616263", [[0x04, "616263"]]],
    ["may end too early", "020205", undefined],
    ["may end within a length", "0482", undefined],
    ["has no endless lengths", "30800000", undefined],
    ["has no lengths beyond four bytes", "30850000000001", undefined],
    ["may lack a length", "30", undefined],
  ];
  for (const [title, hex, expected] of TABLE) {
    it(title, () => {
      const read = readDer(bytes(hex))?.map(({ tag, body }) => [tag, body.toString("hex")]);
      expect(read).to.deep.equal(expected);
    });
  }

  it("tells the parts of a value only where they begin as they should", () => {
    const [value] = readDer(bytes("3006020105020106")) ?? [];
    const tags = (expected: readonly number[], outer?: number) =>
      value && partsOfDer(value, expected, outer).map(({ tag }) => tag);
    expect(tags([INTEGER])).to.deep.equal([INTEGER, INTEGER]);
    expect(tags([INTEGER, SEQUENCE])).to.deep.equal([]);
    expect(tags([INTEGER], SET)).to.deep.equal([]);
  });
});
