import { expect } from "chai";
import { customResourceDefinitions, type CustomResourceDefinition } from "./custom-resource-definition.ts";
import { validateCustomResourceDefinition } from "./validate-custom-resource-definition.ts";
import { storedObject } from "../../testing/stored-object.ts";

const schemaOf = (properties: object, rest: object = {}) => ({
  openAPIV3Schema: { type: "object", properties, ...rest },
});
const versionErrors = ({ schema }: { readonly schema: object }) => {
  const versions = [{ name: "v1", served: true, storage: true, schema }];
  const names = { plural: "widgets", kind: "Widget" };
  const definition = storedObject<CustomResourceDefinition>(customResourceDefinitions, {
    metadata: { name: "widgets.example.com" },
    spec: { group: "example.com", names, scope: "Namespaced", versions },
  });
  return validateCustomResourceDefinition(definition).map(({ path, message }) => `${path}: ${message}`);
};
/** The errors of a schema with one more property. */
const propertyErrors = (property: object) =>
  versionErrors({ schema: schemaOf({ a: property }) }).map((error) =>
    error.replace("spec.validation.openAPIV3Schema.properties[a]", "a"),
  );

describe("the validation of the schemas of custom resources", () => {
  const properties: readonly (readonly [string, object, readonly string[]])[] = [
    [
      "nothing that is known",
      { type: "float" },
      [
        'a.type: Unsupported value: "float": supported values: "array", "boolean", "integer", "number", "object", "string"',
      ],
    ],
    ["lists of anything", { type: "array" }, ["a.items: Required value: must be specified"]],
    [
      "lists without a type",
      { type: "array", items: {} },
      ["a.items.type: Required value: must not be empty for specified array items"],
    ],
    [
      "several schemas for items",
      { type: "array", items: [{ type: "string" }] },
      ["a.items: Forbidden: items must be a schema object and not an array"],
    ],
    ["other documents", { $ref: "#/b" }, ["a.$ref: Forbidden: $ref is not supported"]],
    [
      "fields and more fields",
      { type: "object", properties: { b: { type: "string" } }, additionalProperties: false },
      ["a.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive"],
    ],
    [
      "unique items",
      { type: "array", items: { type: "string" }, uniqueItems: true },
      ["a.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic"],
    ],
    [
      "types inside of restrictions",
      { type: "object", anyOf: [{ type: "string", properties: { b: { default: 1 } } }] },
      [
        "a.anyOf[0].properties[b].default: Forbidden: must be undefined to be structural",
        "a.anyOf[0].type: Forbidden: must be empty to be structural",
      ],
    ],
    [
      "patterns that Go does not know",
      { type: "string", pattern: "(?=a)" },
      [
        'a.pattern: Invalid value: "(?=a)": must be a valid regular expression, but isn\'t: error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
      ],
    ],
    [
      "maps that are lists",
      { type: "object", "x-kubernetes-list-type": "map", "x-kubernetes-map-type": "x" },
      [
        'a.x-kubernetes-map-type: Unsupported value: "x": supported values: "atomic", "granular"',
        'a.type: Invalid value: "object": must be array if x-kubernetes-list-type is specified',
        "a.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map",
        "a.items: Required value: must have a schema if x-kubernetes-list-type is map",
      ],
    ],
    [
      "keys that may be missing",
      {
        ...{ type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["b", "c"] },
        items: { type: "object", nullable: true, properties: { b: { type: "string", nullable: true } } },
      },
      [
        'a.x-kubernetes-list-map-keys: Invalid value: ["b","c"]: entries must all be names of item properties',
        "a.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is map",
        "a.items.properties[b].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
        "a.items.properties[b].nullable: Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable",
      ],
    ],
    [
      "rules that say nothing",
      {
        type: "object",
        "x-kubernetes-validations": [
          { rule: " " },
          { rule: "a\nb" },
          { rule: "c", message: " ", reason: "No", fieldPath: ".d" },
        ],
      },
      [
        "a.x-kubernetes-validations[0].rule: Required value: rule is not specified",
        "a.x-kubernetes-validations[1].message: Required value: message must be specified if rule contains line breaks",
        'a.x-kubernetes-validations[2].message: Invalid value: " ": message must be non-empty if specified',
        'a.x-kubernetes-validations[2].reason: Unsupported value: "No": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"',
        'a.x-kubernetes-validations[2].fieldPath: Invalid value: ".d": fieldPath must be a valid path',
      ],
    ],
    [
      "objects inside without their fields",
      { "x-kubernetes-embedded-resource": true },
      [
        "a.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields",
        "a.type: Required value: must be object if x-kubernetes-embedded-resource is true",
      ],
    ],
  ];
  for (const [title, property, expected] of properties) {
    it(`refuses schemas for ${title}`, () => {
      expect(propertyErrors(property)).to.deep.equal(expected);
    });
  }

  it("accepts numbers or texts, with their one exception", () => {
    const anyOf = [{ type: "integer" }, { type: "string" }];
    expect(propertyErrors({ "x-kubernetes-int-or-string": true, anyOf })).to.deep.equal([]);
    expect(
      propertyErrors({ "x-kubernetes-int-or-string": true, allOf: [{ anyOf }, { pattern: "^\\d" }] }),
    ).to.deep.equal([]);
    expect(propertyErrors({ "x-kubernetes-int-or-string": true, oneOf: anyOf })).to.have.length(2);
  });

  it("refuses restrictions of fields that are not there", () => {
    const schema = schemaOf({ a: { type: "string" } }, { anyOf: [{ properties: { a: {}, b: {} } }] });
    expect(versionErrors({ schema })).to.deep.equal([
      "spec.validation.openAPIV3Schema.properties[b]: Required value: because it is defined in spec.validation.openAPIV3Schema.anyOf[0].properties[b]",
    ]);
  });

  it("refuses restrictions of metadata other than of the name", () => {
    const metadata = (fields: object) =>
      versionErrors({ schema: schemaOf({ metadata: { type: "object", ...fields } }) });
    expect(metadata({ properties: { name: { type: "string", maxLength: 10 } } })).to.deep.equal([]);
    expect(metadata({ description: "x" })).to.deep.equal([
      "spec.validation.openAPIV3Schema.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified",
    ]);
    expect(metadata({ default: {} })).to.deep.equal([
      "spec.validation.openAPIV3Schema.properties[metadata].default: Forbidden: must not be set in top-level metadata",
    ]);
  });
});
