import { expect } from "chai";
import { invalidField, requiredField, unsupportedField, withErrorsBeside } from "./field-error.ts";

describe("an error about a field", () => {
  it("quotes the null of a value that is missing, but not that of an empty map", () => {
    expect(invalidField("a", undefined, "b").message).to.equal('Invalid value: "null": b');
    expect(invalidField("a", null, "b").message).to.equal("Invalid value: null: b");
  });
});

describe("the errors of two kinds of rules", () => {
  const pathsOf = (errors: readonly { readonly path: string }[]) => errors.map(({ path }) => path);

  it("stand together by the field that they are about", () => {
    const errors = [
      invalidField("spec.ports[0].port", 0, "x"),
      requiredField("spec.ports[1].name"),
      requiredField("spec.type"),
    ];
    const others = [requiredField("spec.ports[0].name"), requiredField("type"), requiredField("spec.ports[1].port")];
    expect(pathsOf(withErrorsBeside(errors, others))).to.deep.equal([
      "spec.ports[0].port",
      "spec.ports[0].name",
      "spec.ports[1].name",
      "spec.ports[1].port",
      "spec.type",
      "type",
    ]);
  });

  it("say once that a field is missing, or that its value is none of those that there are", () => {
    const required = requiredField("a", "because");
    expect(withErrorsBeside([required], [requiredField("a"), unsupportedField("a", "", ["b"])])).to.deep.equal([
      required,
    ]);
    const invalid = invalidField("a", "c", "is too short");
    const unsupported = unsupportedField("a", "c", ["b"]);
    expect(withErrorsBeside([invalid], [unsupported])).to.deep.equal([invalid, unsupported]);
  });
});
