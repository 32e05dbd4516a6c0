import { expect } from "chai";
import { setField } from "./set-field.ts";

describe("setField", () => {
  it("sets any key as plain data", () => {
    const object: Record<string, unknown> = {};
    for (const key of ["a", "__proto__", "constructor", "toString"]) setField(object, key, { polluted: 1 });
    setField(object, "__proto__", 2);
    expect(JSON.stringify(object)).to.equal(
      '{"a":{"polluted":1},"__proto__":2,"constructor":{"polluted":1},"toString":{"polluted":1}}',
    );
    expect(Object.getPrototypeOf(object)).to.equal(Object.prototype);
  });
});
