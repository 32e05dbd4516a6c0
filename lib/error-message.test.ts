import { expect } from "chai";
import { errorMessage } from "./error-message.ts";

describe("the message of a thrown value", () => {
  it("is an error's own", () => expect(errorMessage(new TypeError("no"))).to.equal("no"));
  it("is readable for anything else", () => {
    expect(errorMessage("text")).to.equal("text");
    expect(errorMessage({ code: 1 })).to.equal('{"code":1}');
  });
});
