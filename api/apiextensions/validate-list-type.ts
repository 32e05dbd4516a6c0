// Rules for lists that are merged item by item, from Kubernetes' validation of schemas: what tells the items apart must
// always be there.

import type { JSONSchemaProps } from "./json-schema-props.ts";
import { itemSchema, propertySchema } from "./schema-parts.ts";
import { when } from "../meta/field-checks.ts";
import {
  forbiddenField,
  invalidField,
  requiredField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const LIST_TYPES = ["atomic", "map", "set"];

export function validateListType(schema: JSONSchemaProps, path: string): Errors {
  const listType = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const at = `${path}.x-kubernetes-list-type`;
  const problem = "must be map if x-kubernetes-list-map-keys is non-empty";
  const hasKeysInVain = keys.length > 0 && listType !== "map";
  return [
    ...checkType(schema, path),
    ...when(listType !== undefined && !LIST_TYPES.includes(listType), () => unsupportedField(at, listType, LIST_TYPES)),
    ...when(hasKeysInVain, () =>
      listType === undefined ? requiredField(at, problem) : invalidField(at, listType, problem),
    ),
    ...(listType === "map" ? checkMap(schema, path) : []),
    ...checkItems(schema, path),
  ];
}

function checkType(schema: JSONSchemaProps, path: string): Errors {
  const { type } = schema;
  const listType = schema["x-kubernetes-list-type"];
  if (listType === undefined) return [];
  if (type !== "array") {
    const problem = "must be array if x-kubernetes-list-type is specified";
    return [type ? invalidField(`${path}.type`, type, problem) : requiredField(`${path}.type`, problem)];
  }
  const item = itemSchema(schema);
  const problem = "must be atomic as item of a list with x-kubernetes-list-type=set";
  if (listType !== "set" || !item) return [];
  const itemListType = item["x-kubernetes-list-type"];
  return [
    ...when(item.type === "array" && itemListType !== undefined && itemListType !== "atomic", () =>
      invalidField(`${path}.items.x-kubernetes-list-type`, itemListType, problem),
    ),
    ...when(
      item.type === "object" && item["x-kubernetes-map-type"] !== "atomic",
      // Kubernetes quotes the wrong one of the two types here.
      invalidField(`${path}.items.x-kubernetes-map-type`, itemListType, problem),
    ),
  ];
}

function checkMap(schema: JSONSchemaProps, path: string): Errors {
  const item = itemSchema(schema);
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  return [
    ...when(keys.length === 0, () =>
      requiredField(`${path}.x-kubernetes-list-map-keys`, "must not be empty if x-kubernetes-list-type is map"),
    ),
    ...when(schema.items === undefined, () =>
      requiredField(`${path}.items`, "must have a schema if x-kubernetes-list-type is map"),
    ),
    ...when(schema.items !== undefined && !item, () =>
      invalidField(`${path}.items`, schema.items, "must only have a single schema if x-kubernetes-list-type is map"),
    ),
    ...when(item && item.type !== "object", () =>
      invalidField(
        `${path}.items.type`,
        item?.type ?? "",
        "must be object if parent array's x-kubernetes-list-type is map",
      ),
    ),
    ...(item?.type === "object" ? checkKeys(keys, item, path) : []),
  ];
}

function checkKeys(keys: readonly string[], item: JSONSchemaProps, path: string): Errors {
  const at = `${path}.x-kubernetes-list-map-keys`;
  const problem = "must be a scalar type if parent array's x-kubernetes-list-type is map";
  return keys.flatMap((key, index) => {
    const property = propertySchema(item, key);
    const isScalar = property?.type !== "array" && property?.type !== "object";
    return [
      ...when(!isScalar, () => invalidField(`${path}.items.properties[${key}].type`, item.type, problem)),
      ...when(!property, () => invalidField(at, keys, "entries must all be names of item properties")),
      ...when(keys.indexOf(key) < index, () => invalidField(at, keys, "must not contain duplicate entries")),
    ];
  });
}

const OF_KEYS = "this property is in x-kubernetes-list-map-keys, so it";

function checkItems(schema: JSONSchemaProps, path: string): Errors {
  const item = itemSchema(schema);
  const listType = schema["x-kubernetes-list-type"] ?? "";
  if (!item || !["set", "map"].includes(listType)) return [];
  const keys = listType === "map" ? (schema["x-kubernetes-list-map-keys"] ?? []) : [];
  return [
    ...when(item.nullable, () =>
      forbiddenField(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`),
    ),
    ...keys.flatMap((key) => {
      const property = propertySchema(item, key);
      const at = `${path}.items.properties[${key}]`;
      if (!property) return [];
      return [
        ...when(!item.required?.includes(key) && property.default === undefined, () =>
          requiredField(`${at}.default`, `${OF_KEYS} must have a default or be a required property`),
        ),
        ...when(property.nullable, () => forbiddenField(`${at}.nullable`, `${OF_KEYS} cannot be nullable`)),
      ];
    }),
  ];
}
