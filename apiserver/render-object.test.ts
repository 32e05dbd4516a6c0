import { expect } from "chai";
import { deepFreeze } from "../lib/deep-freeze.ts";
import { renderObject } from "./render-object.ts";

const entry = {
  manager: "me",
  operation: "Update",
  apiVersion: "v1",
  fieldsType: "FieldsV1",
  fieldsV1: { "f:data": {} },
};

describe("the JSON of an object", () => {
  const cases: readonly (readonly [title: string, value: unknown])[] = [
    [
      "with owners",
      { apiVersion: "v1", kind: "A", metadata: { name: "a", managedFields: [entry, entry] }, data: { x: '\u00e9"' } },
    ],
    ["with owners and nothing else", { metadata: { managedFields: [entry] } }],
    ["with an empty list of owners", { apiVersion: "v1", metadata: { name: "a", managedFields: [] } }],
    ["with an owner that is empty", { metadata: { managedFields: [{}] }, spec: {} }],
    ["with an owner of nothing", { metadata: { managedFields: [{ ...entry, fieldsV1: undefined }] } }],
    ["without owners", { apiVersion: "v1", kind: "A", metadata: { name: "a" } }],
    ["without metadata", { a: [1] }],
    ["that is none", [null]],
    ["that is nothing", null],
  ];
  for (const [title, value] of cases) {
    it(`says the same for one ${title}`, () => {
      const plain = JSON.parse(JSON.stringify(value)) as unknown;
      expect(JSON.parse(renderObject(value))).to.deep.equal(plain);
      const frozen = deepFreeze(structuredClone(value));
      expect(renderObject(frozen)).to.equal(renderObject(value));
      expect(renderObject(frozen)).to.equal(renderObject(value));
    });
  }

  it("keeps integers that no double holds", () => {
    expect(renderObject({ metadata: { managedFields: [entry] }, n: 2n ** 60n })).to.contain('"n":1152921504606846976');
  });
});
