// What makes a schema structural: every field has a type outside of allOf, anyOf, oneOf and not, which may only restrict
// what is there already. Without that nobody could tell which fields of an object to keep.

import { translateGoPattern } from "./go-pattern.ts";
import type { JSONSchemaProps } from "./json-schema-props.ts";
import { additionalSchema, isSet, itemSchema, propertySchema } from "./schema-parts.ts";
import { when } from "../meta/field-checks.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { forbiddenField, invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];
type Level = "root" | "item" | "field";

/** Sorted by their texts, as Kubernetes gives them. */
export function validateStructural(schema: JSONSchemaProps, path: string): Errors {
  const errors = [...checkInvariants(schema, path, "root"), ...checkCompleteness(schema, { schema, at: path }, path)];
  const textOf = ({ path: at, message }: FieldError) => `${at}: ${message}`;
  return errors.sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
}

function checkInvariants(schema: JSONSchemaProps, path: string, level: Level): Errors {
  const item = itemSchema(schema);
  const additional = additionalSchema(schema);
  const hasAdditional = schema.additionalProperties !== undefined;
  const isEmbedded = schema["x-kubernetes-embedded-resource"];
  return [
    ...when(schema.type === "array" && !item, () => requiredField(`${path}.items`, "must be specified")),
    ...(item ? checkInvariants(item, `${path}.items`, "item") : []),
    ...eachProperty(schema, path, (property, at) => checkInvariants(property, at, "field")),
    ...when(hasAdditional && level === "root", () =>
      forbiddenField(`${path}.additionalProperties`, "must not be used at the root"),
    ),
    ...(additional ? checkInvariants(additional, `${path}.additionalProperties`, "field") : []),
    ...checkExtensions(schema, path),
    ...checkRestrictions(schema, path, {
      skipsAnyOf: isIntOrString(schema.anyOf),
      skipsFirstAllOf: isIntOrString(schema.allOf?.[0]?.anyOf),
    }),
    ...checkType(schema, path, level),
    ...when(isEmbedded && hasAdditional, () =>
      forbiddenField(`${path}.additionalProperties`, "must not be used if x-kubernetes-embedded-resource is set"),
    ),
    ...when(level === "root" && schema.type && schema.type !== "object", () =>
      invalidField(`${path}.type`, schema.type, "must be object at the root"),
    ),
    ...checkMetadata(schema, path, level),
    ...when(isEmbedded && !schema["x-kubernetes-preserve-unknown-fields"] && !isSet(schema, "properties"), () =>
      requiredField(
        `${path}.properties`,
        "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields",
      ),
    ),
  ];
}

function eachProperty(
  { properties = {} }: JSONSchemaProps,
  path: string,
  check: (schema: JSONSchemaProps, path: string, name: string) => Errors,
): Errors {
  return Object.entries(properties).flatMap(([name, property]) => check(property, `${path}.properties[${name}]`, name));
}

function checkExtensions(schema: JSONSchemaProps, path: string): Errors {
  if (!schema["x-kubernetes-int-or-string"]) return [];
  return ["x-kubernetes-preserve-unknown-fields" as const, "x-kubernetes-embedded-resource" as const].flatMap((name) =>
    when(schema[name], () =>
      invalidField(`${path}.${name}`, true, "must be false if x-kubernetes-int-or-string is true"),
    ),
  );
}

const TYPE_MISSING = {
  root: "must not be empty at the root",
  item: "must not be empty for specified array items",
  field: "must not be empty for specified object fields",
};

function checkType(schema: JSONSchemaProps, path: string, level: Level): Errors {
  const { type } = schema;
  const mayBeAbsent = schema["x-kubernetes-int-or-string"] || schema["x-kubernetes-preserve-unknown-fields"];
  if (schema["x-kubernetes-embedded-resource"] && type !== "object") {
    const problem = "must be object if x-kubernetes-embedded-resource is true";
    return [type ? invalidField(`${path}.type`, type, problem) : requiredField(`${path}.type`, problem)];
  }
  return when(!type && !mayBeAbsent, () => requiredField(`${path}.type`, TYPE_MISSING[level]));
}

const METADATA_TYPES = { kind: "string", apiVersion: "string", metadata: "object" };

/** Of the metadata nothing but the name can be restricted: all else has rules of its own. */
function checkMetadata(schema: JSONSchemaProps, path: string, level: Level): Errors {
  if (level !== "root" && !schema["x-kubernetes-embedded-resource"]) return [];
  const { properties = {} } = schema;
  const { metadata } = properties;
  const types = Object.entries(METADATA_TYPES).flatMap(([name, wanted]) => {
    const type = properties[name] ? (properties[name].type ?? "") : wanted;
    return when(type !== wanted, () => invalidField(`${path}.properties[${name}].type`, type, `must be ${wanted}`));
  });
  const problem = "must not specify anything other than name and generateName, but metadata is implicitly specified";
  return [
    ...types,
    ...when(level === "root" && metadata && restrictsMore(metadata), () =>
      forbiddenField(`${path}.properties[metadata]`, problem),
    ),
  ];
}

function restrictsMore(metadata: JSONSchemaProps): boolean {
  const names = Object.keys(metadata.properties ?? {});
  const isNameOnly = names.every((name) => name === "name" || name === "generateName");
  const others = Object.keys(metadata).filter((name) => !["type", "default", "properties"].includes(name));
  return !isNameOnly || others.some((name) => isSet(metadata, name));
}

const INT_OR_STRING: readonly JSONSchemaProps[] = [{ type: "integer" }, { type: "string" }];
const isIntOrString = (anyOf: readonly JSONSchemaProps[] | undefined) =>
  anyOf?.length === 2 && semanticEqual(anyOf, INT_OR_STRING);

/** The one place where types may be named in a restriction: what an int-or-string value is. */
interface Exceptions {
  readonly skipsAnyOf?: boolean;
  readonly skipsFirstAllOf?: boolean;
}

function checkRestrictions(schema: JSONSchemaProps, path: string, exceptions: Exceptions = {}): Errors {
  const { anyOf = [], allOf = [], oneOf = [], not, pattern } = schema;
  const translated = pattern ? translateGoPattern(pattern) : undefined;
  return [
    ...(exceptions.skipsAnyOf ? [] : anyOf.flatMap((each, index) => checkRestriction(each, `${path}.anyOf[${index}]`))),
    ...allOf.flatMap((each, index) =>
      checkRestriction(each, `${path}.allOf[${index}]`, {
        skipsAnyOf: exceptions.skipsFirstAllOf === true && index === 0,
      }),
    ),
    ...oneOf.flatMap((each, index) => checkRestriction(each, `${path}.oneOf[${index}]`)),
    ...(not ? checkRestriction(not, `${path}.not`) : []),
    ...(translated && "problem" in translated
      ? [
          invalidField(
            `${path}.pattern`,
            pattern,
            `must be a valid regular expression, but isn't: ${translated.problem}`,
          ),
        ]
      : []),
  ];
}

/** Fields that say what a value is, and what must be said of them where a schema may only restrict. */
const NOT_RESTRICTING: readonly (readonly [keyof JSONSchemaProps, string])[] = [
  ["type", "must be empty to be structural"],
  ["additionalProperties", "must be undefined to be structural"],
  ["default", "must be undefined to be structural"],
  ["title", "must be empty to be structural"],
  ["description", "must be empty to be structural"],
  ["nullable", "must be false to be structural"],
  ["x-kubernetes-preserve-unknown-fields", "must be false to be structural"],
  ["x-kubernetes-embedded-resource", "must be false to be structural"],
  ["x-kubernetes-int-or-string", "must be false to be structural"],
  ["x-kubernetes-list-map-keys", "must be empty to be structural"],
  ["x-kubernetes-list-type", "must be undefined to be structural"],
  ["x-kubernetes-map-type", "must be undefined to be structural"],
  ["x-kubernetes-validations", "must be empty to be structural"],
];

function checkRestriction(schema: JSONSchemaProps, path: string, exceptions: Exceptions = {}): Errors {
  const item = itemSchema(schema);
  return [
    ...checkRestrictions(schema, path, exceptions),
    ...(item ? checkRestriction(item, `${path}.items`) : []),
    ...eachProperty(schema, path, (property, at) => checkRestriction(property, at)),
    ...NOT_RESTRICTING.flatMap(([name, problem]) =>
      when(isSet(schema, name), () => forbiddenField(`${path}.${name}`, problem)),
    ),
    ...when(schema.properties?.metadata, () =>
      forbiddenField(`${path}.properties[metadata]`, "must not be specified in a nested context"),
    ),
  ];
}

/** The part of the schema that says what a value is, and where that part is. */
interface Structure {
  readonly schema: JSONSchemaProps | undefined;
  readonly at: string;
}

/** What is restricted must exist. As in Kubernetes only the restrictions at the root are looked at. */
function checkCompleteness(restriction: JSONSchemaProps, structure: Structure, path: string): Errors {
  const { not, allOf = [], anyOf = [], oneOf = [] } = restriction;
  return [
    ...(not ? checkCounterpart(not, structure, `${path}.not`) : []),
    ...Object.entries({ allOf, anyOf, oneOf }).flatMap(([name, schemas]) =>
      schemas.flatMap((each, index) => checkCounterpart(each, structure, `${path}.${name}[${index}]`)),
    ),
  ];
}

function checkCounterpart(restriction: JSONSchemaProps, { schema, at }: Structure, path: string): Errors {
  if (!schema) return [requiredField(at, `because it is defined in ${path}`)];
  const item = itemSchema(restriction);
  const itemStructure = { schema: itemSchema(schema), at: `${at}.items` };
  return [
    ...checkCompleteness(restriction, { schema, at }, path),
    ...(item ? checkCounterpart(item, itemStructure, `${path}.items`) : []),
    ...eachProperty(restriction, path, (property, where, name) =>
      checkCounterpart(property, { schema: propertySchema(schema, name), at: `${at}.properties[${name}]` }, where),
    ),
  ];
}
