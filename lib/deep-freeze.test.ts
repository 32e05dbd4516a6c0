import { expect } from "chai";
import { deepFreeze } from "./deep-freeze.ts";

describe("deepFreeze", () => {
  it("freezes every level of JSON data and returns the same value", () => {
    const value = { list: [{ inner: { leaf: 1 } }], text: "x", nothing: null };
    expect(deepFreeze(value)).to.equal(value);
    for (const part of [value, value.list, value.list[0], value.list[0]?.inner]) {
      expect(Object.isFrozen(part)).to.equal(true);
    }
  });

  it("gives scalars back as they are", () => {
    for (const value of [1, "a", true, null, undefined]) expect(deepFreeze(value)).to.equal(value);
  });
});
