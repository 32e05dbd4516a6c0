// JSONSchemaProps: the JSON schema that a custom resource has to fit, as OpenAPI 3 knows it. What Kubernetes takes of it is
// in validate-schema-props.ts and structural-schema.ts.

import {
  type Infer,
  type InferFields,
  type ObjectSchema,
  type Schema,
  any,
  boolean,
  completed,
  int64,
  lazy,
  list,
  listMap,
  map,
  number,
  object,
  optional,
  required,
  string,
  union,
} from "../schema/schema.ts";

const PACKAGE = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1";

export const externalDocumentation = object(`${PACKAGE}.ExternalDocumentation`, "Where more is said about a schema.", {
  description: optional(1, string(), "What is to be found there."),
  url: optional(2, string(), "The address."),
});
export interface ExternalDocumentation extends Infer<typeof externalDocumentation> {}

export const validationRule = completed(
  object(`${PACKAGE}.ValidationRule`, "A rule for values of a schema, in the expression language CEL.", {
    rule: required(
      1,
      string(),
      "The expression; true means that the value is good. `self` is the value, `oldSelf` the one before an update; a rule that uses oldSelf is not asked about new values.",
    ),
    message: optional(2, string(), "What to say of a bad value. Required where the rule has several lines."),
    messageExpression: optional(
      3,
      string(),
      "An expression for what to say of a bad value. It goes before message, which stands in where it fails.",
    ),
    reason: optional(
      4,
      string(),
      "The reason in the error: FieldValueInvalid unless given, FieldValueForbidden, FieldValueRequired or FieldValueDuplicate.",
    ),
    fieldPath: optional(
      5,
      string(),
      "Which field below the value the error is about, such as `.spec.size`; the value itself unless given.",
    ),
    optionalOldSelf: optional(
      6,
      boolean(),
      "If true, a rule that uses oldSelf is asked about new values too, and oldSelf is an optional value.",
    ),
  }),
  (draft) => {
    // What is missing is reported by the rules for schemas.
    draft.rule ??= "";
  },
);
export interface ValidationRule extends Infer<typeof validationRule> {}

/** The fields of a schema that hold no schemas. */
const plainFields = {
  id: optional(1, string(), "Not supported."),
  $schema: optional(2, string(), "The address of the dialect that the schema is written in."),
  $ref: optional(3, string(), "Not supported."),
  description: optional(4, string(), "What the value means."),
  type: optional(
    5,
    string(),
    "What the value is: string, number, integer, boolean, array or object. Required but for int-or-string values and those whose unknown fields are kept.",
  ),
  format: optional(
    6,
    string(),
    "What a text or number looks like: date-time, int32, ipv4, uuid and others. Unknown formats are ignored.",
  ),
  title: optional(7, string(), "A name for the value."),
  maximum: optional(9, number(), "No number may be greater."),
  exclusiveMaximum: optional(10, boolean(), "If true, maximum itself is too great."),
  minimum: optional(11, number(), "No number may be less."),
  exclusiveMinimum: optional(12, boolean(), "If true, minimum itself is too little."),
  maxLength: optional(13, int64(), "How many characters a text may have."),
  minLength: optional(14, int64(), "How many characters a text must have."),
  pattern: optional(15, string(), "A regular expression that a text must match somewhere."),
  maxItems: optional(16, int64(), "How many items a list may have."),
  minItems: optional(17, int64(), "How many items a list must have."),
  uniqueItems: optional(18, boolean(), "Must not be true: x-kubernetes-list-type says the same at less cost."),
  multipleOf: optional(19, number(), "Numbers must be a multiple of it."),
  maxProperties: optional(21, int64(), "How many fields an object may have."),
  minProperties: optional(22, int64(), "How many fields an object must have."),
  required: optional(23, list(string(), { listType: "atomic" }), "The fields that an object must have."),
  externalDocs: optional(35, externalDocumentation, "Where more is said about the value."),
  nullable: optional(
    37,
    boolean(),
    "If true, null is a value. Otherwise nulls are dropped or replaced by the default.",
  ),
  "x-kubernetes-preserve-unknown-fields": optional(
    38,
    boolean(),
    "If true, fields that the schema does not name are kept; otherwise they are dropped. Applies down to where fields are named again.",
  ),
  "x-kubernetes-embedded-resource": optional(
    39,
    boolean(),
    "If true, the value is a whole Kubernetes object: apiVersion, kind and metadata are checked and kept without being named.",
  ),
  "x-kubernetes-int-or-string": optional(40, boolean(), "If true, the value is an integer or a text."),
  "x-kubernetes-list-map-keys": optional(
    41,
    list(string(), { listType: "atomic" }),
    "For lists of type map: the fields that tell the items apart. Each must be required or have a default.",
  ),
  "x-kubernetes-list-type": optional(
    42,
    string(),
    "How a list is merged: atomic as a whole (the default), set as distinct values, map as objects told apart by keys.",
  ),
  "x-kubernetes-map-type": optional(
    43,
    string(),
    "How an object is merged: granular field by field (the default), or atomic as a whole.",
  ),
  "x-kubernetes-validations": optional(
    44,
    listMap(validationRule, ["rule"], { mergeKey: "rule", strategy: "merge" }),
    "Rules in CEL that the value must keep. They are not evaluated yet.",
  ),
};

/** A schema, or true or false for what always and never fits. */
export type JSONSchemaPropsOrBool = JSONSchemaProps | boolean;
export type JSONSchemaPropsOrArray = JSONSchemaProps | readonly JSONSchemaProps[];
/** What a field asks for: a schema for the object, or more fields. */
export type JSONSchemaPropsOrStringArray = JSONSchemaProps | readonly string[];

export interface JSONSchemaProps extends InferFields<typeof plainFields> {
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly example?: unknown;
  readonly items?: JSONSchemaPropsOrArray;
  readonly allOf?: readonly JSONSchemaProps[];
  readonly oneOf?: readonly JSONSchemaProps[];
  readonly anyOf?: readonly JSONSchemaProps[];
  readonly not?: JSONSchemaProps;
  readonly properties?: Readonly<Record<string, JSONSchemaProps>>;
  readonly additionalProperties?: JSONSchemaPropsOrBool;
  readonly patternProperties?: Readonly<Record<string, JSONSchemaProps>>;
  readonly dependencies?: Readonly<Record<string, JSONSchemaPropsOrStringArray>>;
  readonly additionalItems?: JSONSchemaPropsOrBool;
  readonly definitions?: Readonly<Record<string, JSONSchemaProps>>;
}

const nested: Schema<JSONSchemaProps> = lazy(() => jsonSchemaProps);
const nestedList = list(nested, { listType: "atomic" });
const nestedMap = map(nested);
const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);

const anyJson = any();
export const json = union<unknown>({
  name: `${PACKAGE}.JSON`,
  description: "Any JSON value.",
  forms: "JSON value",
  schemaOf: () => anyJson,
});

const truth = boolean();
export const jsonSchemaPropsOrBool = union<JSONSchemaPropsOrBool>({
  name: `${PACKAGE}.JSONSchemaPropsOrBool`,
  description: "A schema, or true for anything, or false for nothing.",
  forms: "boolean or JSON schema",
  schemaOf: (value) => (isObject(value) ? nested : typeof value === "boolean" ? truth : undefined),
  message: {
    of: () =>
      object(`${PACKAGE}.JSONSchemaPropsOrBool`, "", {
        allows: optional(1, truth, ""),
        schema: optional(2, nested, ""),
      }),
    toJson: ({ allows = false, schema }) => schema ?? allows,
  },
});

export const jsonSchemaPropsOrArray = union<JSONSchemaPropsOrArray>({
  name: `${PACKAGE}.JSONSchemaPropsOrArray`,
  description: "A schema for all items, or a list of one for each.",
  forms: "JSON schema or array of JSON schemas",
  schemaOf: (value) => (isObject(value) ? nested : Array.isArray(value) ? nestedList : undefined),
  message: {
    of: () =>
      object(`${PACKAGE}.JSONSchemaPropsOrArray`, "", {
        schema: optional(1, nested, ""),
        jSONSchemas: optional(2, nestedList, ""),
      }),
    toJson: ({ schema, jSONSchemas }) => jSONSchemas ?? schema,
  },
});

const strings = list(string(), { listType: "atomic" });
export const jsonSchemaPropsOrStringArray = union<JSONSchemaPropsOrStringArray>({
  name: `${PACKAGE}.JSONSchemaPropsOrStringArray`,
  description: "A schema for the object, or the names of fields that it must have.",
  forms: "JSON schema or array of strings",
  schemaOf: (value) => (isObject(value) ? nested : Array.isArray(value) ? strings : undefined),
  message: {
    of: () =>
      object(`${PACKAGE}.JSONSchemaPropsOrStringArray`, "", {
        schema: optional(1, nested, ""),
        property: optional(2, strings, ""),
      }),
    toJson: ({ schema, property }) => property ?? schema,
  },
});

export const jsonSchemaProps: ObjectSchema<JSONSchemaProps> = object(
  `${PACKAGE}.JSONSchemaProps`,
  "A JSON schema: what a value must look like.",
  {
    ...plainFields,
    default: optional(
      8,
      json,
      "The value where none is given, put in when objects are written and read. It must itself fit the schema.",
    ),
    enum: optional(20, list(json, { listType: "atomic" }), "The only values there are."),
    items: optional(24, jsonSchemaPropsOrArray, "The schema of a list's items. A list of schemas is not supported."),
    allOf: optional(25, nestedList, "Schemas that the value must fit, too. They only restrict; they add no fields."),
    oneOf: optional(26, nestedList, "Schemas of which the value must fit exactly one."),
    anyOf: optional(27, nestedList, "Schemas of which the value must fit at least one."),
    not: optional(28, nested, "A schema that the value must not fit."),
    properties: optional(29, nestedMap, "The schemas of an object's fields."),
    additionalProperties: optional(
      30,
      jsonSchemaPropsOrBool,
      "The schema of an object's values, for maps. Not together with properties, and not at the root.",
    ),
    patternProperties: optional(31, nestedMap, "Not supported."),
    dependencies: optional(32, map(jsonSchemaPropsOrStringArray), "Not supported."),
    additionalItems: optional(33, jsonSchemaPropsOrBool, "Not supported."),
    definitions: optional(34, nestedMap, "Not supported."),
    example: optional(36, json, "A value that would do. It has no effect."),
  },
);
