// Rules for what a definition says of its versions, from Kubernetes' validation: schemas, subresources, columns, fields to
// select by. What is the same for all versions is reported once, in the place that it has in Kubernetes' internal form.

import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  SelectableField,
} from "./custom-resource-definition.ts";
import type { JSONSchemaProps } from "./json-schema-props.ts";
import { findSchemaAt, isSet, someSchema } from "./schema-parts.ts";
import { validateStructural } from "./structural-schema.ts";
import { validateSchemaProps } from "./validate-schema-props.ts";
import { checkRequired, eachItem, when } from "../meta/field-checks.ts";
import {
  duplicateField,
  forbiddenField,
  invalidField,
  requiredField,
  tooManyField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

/** Fields that say nothing of the status, so that its schema can be taken out. By their names in Go in Kubernetes' words. */
const ROOT_FIELDS =
  "Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations";
const ROOT_NAMES = new Set([
  ...ROOT_FIELDS.split(" ").map((name) => name.charAt(0).toLowerCase() + name.slice(1)),
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-validations",
]);

export function validateSchema(
  schema: JSONSchemaProps,
  path: string,
  options: { readonly hasStatus: boolean; readonly isStructural: boolean },
): Errors {
  const root = `${path}.openAPIV3Schema`;
  const isPlain = isReadable(schema);
  const rules = [
    ...(options.hasStatus ? checkRoot(schema, root) : []),
    ...when(schema.nullable, () => forbiddenField(`${root}.nullable`, "nullable cannot be true at the root")),
    ...(options.isStructural && isPlain ? validateStructural(schema, root) : []),
    ...validateSchemaProps(schema, { path: root, isRoot: true }),
  ];
  const hasDialect = () => someSchema(schema, (each) => isSet(each, "$schema"));
  const isUnreadable = options.isStructural && rules.length === 0 && !isPlain && hasDialect();
  return isUnreadable ? [invalidField(root, "", "OpenAPIV3Schema 'schema' is not supported")] : rules;
}

const UNREADABLE = ["id", "$schema", "$ref", "patternProperties", "dependencies", "additionalItems", "definitions"];

/** A schema with fields that are not supported is told so first, before its structure is looked at. */
function isReadable(schema: JSONSchemaProps): boolean {
  return !someSchema(
    schema,
    (each) =>
      UNREADABLE.some((name) => isSet(each, name)) ||
      Array.isArray(each.items) ||
      each["x-kubernetes-preserve-unknown-fields"] === false,
  );
}

function checkRoot(schema: JSONSchemaProps, path: string): Errors {
  const { type } = schema;
  const set = Object.keys(schema).filter((name) => isSet(schema, name));
  const isForbidden = (name: string) => !ROOT_NAMES.has(name);
  const isEarly = set.some((name) => ["id", "$schema", "$ref"].includes(name));
  const problem = `only [${ROOT_FIELDS}] fields are allowed at the root of the schema if the status subresource is enabled`;
  if (!isEarly && type && type !== "object") {
    const wanted = `only "object" is allowed as the type at the root of the schema if the status subresource is enabled`;
    return [invalidField(`${path}.type`, type, wanted)];
  }
  return when(set.some(isForbidden), () => invalidField(path, schema, problem));
}

export function validateSubresources({ scale }: CustomResourceSubresources, path: string): Errors {
  if (!scale) return [];
  const at = `${path}.scale`;
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale;
  return [
    ...(specReplicasPath
      ? checkPathBelow(`${at}.specReplicasPath`, specReplicasPath, [".spec."])
      : [requiredField(`${at}.specReplicasPath`)]),
    ...(statusReplicasPath
      ? checkPathBelow(`${at}.statusReplicasPath`, statusReplicasPath, [".status."])
      : [requiredField(`${at}.statusReplicasPath`)]),
    ...(labelSelectorPath ? checkPathBelow(`${at}.labelSelectorPath`, labelSelectorPath, [".spec.", ".status."]) : []),
  ];
}

function checkPathBelow(path: string, value: string, roots: readonly string[]): Errors {
  const errors = checkJsonPath(path, value);
  if (errors.length > 0 || roots.some((root) => value.startsWith(root))) return errors;
  const names = roots.map((root) => root.slice(0, -1));
  const where = names.length > 1 ? `either ${names.join(" or ")}` : names.join("");
  return [invalidField(path, value, `should be a json path under ${where}`)];
}

function checkJsonPath(path: string, value: string): Errors {
  return when(!value.startsWith("."), () => invalidField(path, value, "must be a simple json path starting with ."));
}

const COLUMN_TYPES = ["boolean", "date", "integer", "number", "string"];
const COLUMN_FORMATS = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

export function validateColumn(column: CustomResourceColumnDefinition, path: string): Errors {
  const { name, type, format, jsonPath } = column;
  const types = `must be one of ${COLUMN_TYPES.join(",")}`;
  const formats = `must be one of ${COLUMN_FORMATS.join(",")}`;
  return [
    ...checkRequired(`${path}.name`, name),
    ...checkRequired(`${path}.type`, type, types),
    ...when(type && !COLUMN_TYPES.includes(type), () => invalidField(`${path}.type`, type, types)),
    ...when(format && !COLUMN_FORMATS.includes(format), () => invalidField(`${path}.format`, format, formats)),
    ...(jsonPath ? checkJsonPath(`${path}.JSONPath`, jsonPath) : [requiredField(`${path}.JSONPath`)]),
  ];
}

const SELECTABLE_MAX = 8;
const SELECTABLE_TYPES = ["string", "boolean", "integer"];

export function validateSelectableFields(
  fields: readonly SelectableField[],
  schema: JSONSchemaProps,
  path: string,
): Errors {
  const seen = new Set<string>();
  const errors = eachItem(fields, path, ({ jsonPath }, at) => {
    if (!jsonPath) return [requiredField(`${at}.jsonPath`)];
    const found = findSchemaAt(schema, jsonPath, { allowsBrackets: false });
    if ("problem" in found) return [invalidField(`${at}.jsonPath`, jsonPath, `is an invalid path: ${found.problem}`)];
    const key = found.path.join(".");
    const isTaken = seen.has(key);
    seen.add(key);
    return [
      ...when(found.path[0] === "metadata", () =>
        invalidField(`${at}.jsonPath`, jsonPath, "must not point to fields in metadata"),
      ),
      ...when(!SELECTABLE_TYPES.includes(found.schema?.type ?? ""), () =>
        invalidField(
          `${at}.jsonPath`,
          jsonPath,
          "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.",
        ),
      ),
      ...when(isTaken, duplicateField(`${at}.jsonPath`, jsonPath)),
    ];
  });
  return [...errors, ...when(seen.size > SELECTABLE_MAX, tooManyField(path, seen.size, SELECTABLE_MAX))];
}

const WARNING_BYTES_MAX = 256;

export function validateDeprecation(version: CustomResourceDefinitionVersion, path: string): Errors {
  const { deprecated, deprecationWarning: warning } = version;
  if (warning === undefined) return [];
  const problems = deprecated ? warningProblems(warning) : ["can only be set for deprecated versions"];
  return problems.map((problem) => invalidField(`${path}.deprecationWarning`, warning, problem));
}

function warningProblems(warning: string): readonly string[] {
  const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(warning);
  const index = Buffer.byteLength(warning.slice(0, unprintable?.index ?? 0));
  return [
    ...(Buffer.byteLength(warning) > WARNING_BYTES_MAX ? [`must be <= ${WARNING_BYTES_MAX} characters long`] : []),
    ...(warning === "" ? ["must not be an empty string"] : []),
    ...(unprintable
      ? [`must only contain printable UTF-8 characters; non-printable character found at index ${index}`]
      : []),
  ];
}
