import { expect } from "chai";
import { renderGoValue, strategicProblem } from "./strategic-problem.ts";

describe("a patch as Go prints it", () => {
  const values: readonly (readonly [unknown, string])[] = [
    [{ b: [1, "x y", null], a: { c: true } }, "map[a:map[c:true] b:[1 x y <nil>]]"],
    [{}, "map[]"],
    [{ n: 12345678901234567890n }, "map[n:12345678901234567890]"],
  ];
  for (const [value, text] of values) {
    it(`is ${text}`, () => expect(renderGoValue(value)).to.equal(text));
  }
});

describe("what does not fit after a strategic merge patch", () => {
  const mismatches: readonly (readonly [from: string, to: string, problem: string])[] = [
    ["string", "int32", "unrecognized type: int32"],
    ["bool", "string", "unrecognized type: string"],
    ["number", "string", "cannot convert int64 to string"],
    ["number 1.5", "int32", "cannot convert float64 to int32"],
    ["string", "[]v1.Container", "cannot restore slice from string"],
    ["array", "map[string]string", "cannot restore map from slice"],
    ["number", "v1.PodSpec", "cannot restore struct from: int64"],
  ];
  for (const [from, to, problem] of mismatches) {
    it(`is told in terms of Go's types: ${problem}`, () => {
      const detail = `json: cannot unmarshal ${from} into Go struct field Spec.spec.x of type ${to}`;
      expect(strategicProblem({ spec: { x: "y" } }, detail)).to.deep.equal({
        reason: "FieldValueInvalid",
        path: "patch",
        message: `Invalid value: "map[spec:map[x:y]]": ${problem}`,
      });
    });
  }

  it("is told as it is where it is about unknown fields", () => {
    const detail = 'strict decoding error: unknown field "spec.y"';
    expect(strategicProblem({}, detail).message).to.equal(`Invalid value: "map[]": ${detail}`);
  });
});
