import { expect } from "chai";
import { labelValueProblems, qualifiedNameProblems } from "./label-syntax.ts";

describe("the syntax of labels", () => {
  const good = ["a", "A.b_c-1", "example.com/name", "kubernetes.io/hostname", "x".repeat(63), `${"a".repeat(253)}/b`];
  for (const key of good) {
    it(`allows the key ${key.slice(0, 30)}`, () => expect(qualifiedNameProblems(key)).to.deep.equal([]));
  }

  const bad: readonly [string, string][] = [
    ["", "name part must be non-empty"],
    ["-a", "name part must consist of alphanumeric characters, '-', '_' or '.'"],
    ["a/b/c", "a qualified name must consist of alphanumeric characters"],
    ["/a", "prefix part must be non-empty"],
    ["A.com/a", "prefix part a lowercase RFC 1123 subdomain must consist of lower case"],
    ["x".repeat(64), "name part must be no more than 63 characters"],
    [`${"a".repeat(254)}/b`, "prefix part must be no more than 253 characters"],
    ["é", "name part must consist of"],
  ];
  for (const [key, problem] of bad) {
    it(`refuses the key ${JSON.stringify(key.slice(0, 20))}`, () => {
      expect(qualifiedNameProblems(key)[0]).to.contain(problem);
    });
  }

  it("allows empty values and refuses long and odd ones", () => {
    expect(["", "a", "A-b_c.1", "x".repeat(63)].flatMap(labelValueProblems)).to.deep.equal([]);
    expect(labelValueProblems("x".repeat(64))).to.deep.equal(["must be no more than 63 characters"]);
    expect(labelValueProblems("a b")[0]).to.contain("a valid label must be an empty string or consist of");
  });
});
