import { expect } from "chai";
import { applyChanges, describeLabelling, overwrittenKeys, parseChanges, splitChanges } from "./key-value-changes.ts";

describe("changes of labels and annotations", () => {
  it("come after the resources", () => {
    expect(splitChanges(["pod", "web", "a=b", "c-"])).to.deep.equal({
      resources: ["pod", "web"],
      changes: ["a=b", "c-"],
    });
    expect(splitChanges(["pod/web"])).to.deep.equal({ resources: ["pod/web"], changes: [] });
    expect(() => splitChanges(["pod", "a=b", "web"])).to.throw("all resources must be specified before changes: web");
  });

  it("set values that hold equals signs and dashes, and remove keys", () => {
    const { set, remove } = parseChanges(["a=b=c-", "d=", "e-"], "label");
    expect([...set]).to.deep.equal([
      ["a", "b=c-"],
      ["d", ""],
    ]);
    expect(remove).to.deep.equal(["e"]);
  });

  it("never set and remove the same key", () => {
    expect(() => parseChanges(["a=b", "a-"], "label")).to.throw(
      "can not both modify and remove a label in the same command",
    );
  });

  it("name the keys that have another value already", () => {
    const changes = parseChanges(["a=2", "b=1", "c=1"], "label");
    expect([...overwrittenKeys({ a: "1", b: "1" }, changes)]).to.deep.equal([["a", "1"]]);
  });

  it("leave other keys alone", () => {
    const changes = parseChanges(["a=2", "b-"], "label");
    expect(applyChanges({ a: "1", b: "1", c: "1" }, changes)).to.deep.equal({ a: "2", c: "1" });
  });

  for (const [words, said] of [
    [["a=2"], "labeled"],
    [["a=1"], "not labeled"],
    [["a-"], "unlabeled"],
    [["x-"], "not labeled"],
    [["a-", "b=1"], "labeled"],
  ] as const) {
    it(`are reported for ${words.join(" ")} as "${said}"`, () => {
      expect(describeLabelling({ a: "1" }, parseChanges(words, "label"))).to.equal(said);
    });
  }
});
