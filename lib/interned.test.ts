import { expect } from "chai";
import { interned } from "./interned.ts";

describe("interned texts", () => {
  it("are equal to what was given, however many there are", () => {
    for (let index = 0; index < 50_000; index += 1) expect(interned(`text ${index}`)).to.equal(`text ${index}`);
    expect(interned("text 0")).to.equal("text 0");
  });
});
