// Rules for every JSON schema inside a definition, from Kubernetes' validation. Rules in CEL are checked for what can be
// said without knowing the language; defaults are not yet checked against the schemas that they are for.

import type { JSONSchemaProps, ValidationRule } from "./json-schema-props.ts";
import { additionalSchema, findSchemaAt, isSchema, isSet, itemSchema } from "./schema-parts.ts";
import { validateListType } from "./validate-list-type.ts";
import { eachItem, when } from "../meta/field-checks.ts";
import {
  forbiddenField,
  invalidField,
  requiredField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

/** Where a schema is. */
interface Place {
  readonly path: string;
  readonly isRoot?: boolean;
  /** In the schema of an object's apiVersion, kind or metadata. */
  readonly isInsideMetadata?: boolean;
  /** Why there may be no defaults. */
  readonly noDefaultsBecause?: string;
}

const TYPES = ["array", "boolean", "integer", "number", "object", "string"];
const METADATA = ["metadata", "kind", "apiVersion"];

export function validateSchemaProps(schema: JSONSchemaProps, place: Place): Errors {
  const { path } = place;
  const { uniqueItems, additionalProperties } = schema;
  const excludes = additionalProperties !== undefined && additionalProperties !== true;
  return [
    ...checkSupported(schema, place),
    ...when(uniqueItems, () =>
      forbiddenField(
        `${path}.uniqueItems`,
        "uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
      ),
    ),
    ...when(excludes && isSet(schema, "properties"), () =>
      forbiddenField(`${path}.additionalProperties`, "additionalProperties and properties are mutual exclusive"),
    ),
    ...checkParts(schema, place),
    ...checkExtensions(schema, path),
    ...validateListType(schema, path),
    ...eachItem(schema["x-kubernetes-validations"], `${path}.x-kubernetes-validations`, (rule, at) =>
      validateRule(rule, at, schema),
    ),
  ];
}

const UNSUPPORTED = ["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"];

function checkSupported(schema: JSONSchemaProps, place: Place): Errors {
  const { path, noDefaultsBecause, isInsideMetadata } = place;
  const { type = "", items } = schema;
  return [
    ...when(type && !TYPES.includes(type), () => unsupportedField(`${path}.type`, type, TYPES)),
    ...when(schema.default !== undefined && noDefaultsBecause, () =>
      forbiddenField(`${path}.default`, `must not be set ${noDefaultsBecause}`),
    ),
    ...UNSUPPORTED.filter((name) => isSet(schema, name)).map((name) =>
      forbiddenField(`${path}.${name}`, `${name} is not supported`),
    ),
    ...when(type === "null", () =>
      forbiddenField(`${path}.type`, "type cannot be set to null, use nullable as an alternative"),
    ),
    ...when(Array.isArray(items) && items.length > 0, () =>
      forbiddenField(`${path}.items`, "items must be a schema object and not an array"),
    ),
    ...when(isInsideMetadata && schema["x-kubernetes-embedded-resource"], () =>
      forbiddenField(`${path}.x-kubernetes-embedded-resource`, "must not be used inside of resource meta"),
    ),
  ];
}

function checkParts(schema: JSONSchemaProps, place: Place): Errors {
  const { path, isInsideMetadata, noDefaultsBecause } = place;
  const inside = (at: string): Place => ({ path: `${path}.${at}`, isInsideMetadata, noDefaultsBecause });
  const {
    not,
    items,
    allOf = [],
    anyOf = [],
    oneOf = [],
    definitions = {},
    dependencies = {},
    properties = {},
  } = schema;
  const additional = additionalSchema(schema);
  const withoutDefaults = {
    ...inside("additionalProperties"),
    ...(isInsideMetadata && { noDefaultsBecause: "inside additionalProperties applying to object metadata" }),
  };
  const lists = { allOf, oneOf, anyOf, items: Array.isArray(items) ? (items as readonly JSONSchemaProps[]) : [] };
  const item = itemSchema(schema);
  return [
    ...(additional ? validateSchemaProps(additional, withoutDefaults) : []),
    ...Object.entries(properties).flatMap(([name, property]) =>
      validateSchemaProps(property, placeOfProperty(schema, name, place)),
    ),
    ...(not ? validateSchemaProps(not, inside("not")) : []),
    ...Object.entries(lists).flatMap(([name, schemas]) =>
      schemas.flatMap((each, index) => validateSchemaProps(each, inside(`${name}[${index}]`))),
    ),
    ...Object.entries(definitions).flatMap(([name, each]) => validateSchemaProps(each, inside(`definitions[${name}]`))),
    ...(item ? validateSchemaProps(item, inside("items")) : []),
    ...Object.entries(dependencies).flatMap(([name, each]) =>
      isSchema(each) ? validateSchemaProps(each, inside(`dependencies[${name}]`)) : [],
    ),
  ];
}

function placeOfProperty(schema: JSONSchemaProps, name: string, place: Place): Place {
  const { path, isRoot, isInsideMetadata, noDefaultsBecause } = place;
  const isMetadata = METADATA.includes(name) && (isRoot || schema["x-kubernetes-embedded-resource"]);
  return {
    path: `${path}.properties[${name}]`,
    isInsideMetadata: isMetadata || isInsideMetadata,
    noDefaultsBecause: isMetadata && isRoot ? `in top-level ${name}` : noDefaultsBecause,
  };
}

const MAP_TYPES = ["atomic", "granular"];

function checkExtensions(schema: JSONSchemaProps, path: string): Errors {
  const { type } = schema;
  const keepsUnknown = schema["x-kubernetes-preserve-unknown-fields"];
  const mapType = schema["x-kubernetes-map-type"];
  const problem = "must be object if x-kubernetes-map-type is specified";
  return [
    ...when(keepsUnknown === false, () =>
      invalidField(`${path}.x-kubernetes-preserve-unknown-fields`, keepsUnknown, "must be true or undefined"),
    ),
    ...when(mapType !== undefined && type !== "object", () =>
      type ? invalidField(`${path}.type`, type, problem) : requiredField(`${path}.type`, problem),
    ),
    ...when(mapType !== undefined && !MAP_TYPES.includes(mapType), () =>
      unsupportedField(`${path}.x-kubernetes-map-type`, mapType, MAP_TYPES),
    ),
  ];
}

const REASONS = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];
const hasNewlines = (text: string) => /[\n\r]/.test(text);

function validateRule(rule: ValidationRule, path: string, schema: JSONSchemaProps): Errors {
  const { messageExpression, reason, fieldPath = "" } = rule;
  const found = fieldPath ? findSchemaAt(schema, fieldPath, { allowsBrackets: true }) : undefined;
  return [
    ...checkMessage(rule, path),
    ...when(messageExpression && !messageExpression.trim(), () =>
      requiredField(`${path}.messageExpression`, "messageExpression must be non-empty if specified"),
    ),
    ...when(reason !== undefined && !REASONS.includes(reason), () =>
      unsupportedField(`${path}.reason`, reason, REASONS),
    ),
    ...when(fieldPath && !fieldPath.trim(), () =>
      invalidField(`${path}.fieldPath`, fieldPath, "fieldPath must be non-empty if specified"),
    ),
    ...when(hasNewlines(fieldPath), () =>
      invalidField(`${path}.fieldPath`, fieldPath, "fieldPath must not contain line breaks"),
    ),
    ...when(found && "problem" in found, () =>
      invalidField(`${path}.fieldPath`, fieldPath, "fieldPath must be a valid path"),
    ),
  ];
}

function checkMessage({ rule, message = "" }: ValidationRule, path: string): Errors {
  const at = `${path}.message`;
  const trimmed = message.trim();
  if (!rule.trim()) return [requiredField(`${path}.rule`, "rule is not specified")];
  if (message && !trimmed) return [invalidField(at, message, "message must be non-empty if specified")];
  if (hasNewlines(trimmed)) return [invalidField(at, message, "message must not contain line breaks")];
  return when(hasNewlines(rule.trim()) && !trimmed, () =>
    requiredField(at, "message must be specified if rule contains line breaks"),
  );
}
