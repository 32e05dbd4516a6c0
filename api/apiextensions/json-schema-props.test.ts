import { expect } from "chai";
import { decodeObject } from "../schema/decode.ts";
import { decodeProtobuf } from "../../apiserver/protobuf/decode-protobuf.ts";
import { jsonSchemaProps } from "./json-schema-props.ts";

const read = (value: unknown) => decodeObject(jsonSchemaProps, value, { fieldValidation: "Strict" }).object;

describe("JSON schemas as data", () => {
  const values: readonly (readonly [string, object])[] = [
    ["a schema for all items", { items: { type: "string" } }],
    ["a schema for each item", { items: [{ type: "string" }, {}] }],
    ["a flag for more fields", { additionalProperties: false }],
    [
      "a schema for more fields",
      { additionalProperties: { type: "object", additionalProperties: { type: "string" } } },
    ],
    ["fields and schemas that fields ask for", { dependencies: { a: ["b"], c: { required: ["d"] } } }],
    ["any values", { default: { a: [1, null] }, enum: ["a", 1, null, [], {}], example: 0.5 }],
    ["schemas in schemas", { properties: { a: { properties: { b: { not: { allOf: [{ type: "null" }] } } } } } }],
  ];
  for (const [title, value] of values) {
    it(`keep ${title}`, () => {
      expect(read(value)).to.deep.equal(value);
    });
  }

  const mistakes: readonly (readonly [string, object, string])[] = [
    ["a text for a schema or a flag", { additionalProperties: "yes" }, "boolean or JSON schema expected"],
    ["a number for schemas", { items: 5 }, "JSON schema or array of JSON schemas expected"],
    [
      "a wrong type inside",
      { properties: { a: { items: { type: 1 } } } },
      "json: cannot unmarshal number into Go struct field JSONSchemaProps.type of type string",
    ],
    [
      "an unknown field",
      { properties: { a: { tipe: "x" } } },
      'strict decoding error: unknown field "properties.a.tipe"',
    ],
  ];
  for (const [title, value, expected] of mistakes) {
    it(`refuse ${title}`, () => {
      expect(() => read(value)).to.throw(expected);
    });
  }

  it("drop what is unknown inside of types that Kubernetes lets decode themselves", () => {
    expect(read({ items: { tipe: "x", type: "string" } })).to.deep.equal({ items: { type: "string" } });
  });

  it("come out of protobuf in the form that they had", () => {
    const text = (number: number, value: string) => [(number << 3) | 2, value.length, ...Buffer.from(value)];
    const message = (number: number, bytes: readonly number[]) => [...tag(number), bytes.length, ...bytes];
    const tag = (number: number) => (number < 16 ? [(number << 3) | 2] : [((number << 3) & 0x7f) | 0x82, number >> 4]);
    const type = (name: string) => text(5, name);
    const raw = Buffer.from([
      ...message(8, text(1, '{"a":1}')),
      ...message(24, message(1, type("string"))),
      ...message(30, [0x08, 1]),
      ...message(32, [...text(1, "k"), ...message(2, text(2, "b"))]),
    ]);
    expect(decodeProtobuf(jsonSchemaProps, { apiVersion: "", kind: "", raw })).to.deep.include({
      default: { a: 1 },
      items: { type: "string" },
      additionalProperties: true,
      dependencies: { k: ["b"] },
    });
  });
});
