// HEADER: say what JSONSchemaProps is and what it must never do.

import {
  type Infer,
  type Schema,
  any,
  boolean,
  int64,
  lazy,
  list,
  map,
  number,
  object,
  optional,
  string,
} from "../schema/schema.ts";

export const jsonSchemaPropsOrArray = object(
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray",
  "",
  {},
);
export interface JSONSchemaPropsOrArray extends Infer<typeof jsonSchemaPropsOrArray> {}

export const jsonSchemaPropsOrBool = object(
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool",
  "",
  {},
);
export interface JSONSchemaPropsOrBool extends Infer<typeof jsonSchemaPropsOrBool> {}

export const jsonSchemaPropsOrStringArray = object(
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray",
  "",
  {},
);
export interface JSONSchemaPropsOrStringArray extends Infer<typeof jsonSchemaPropsOrStringArray> {}

export const externalDocumentation = object(
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ExternalDocumentation",
  "",
  {
    description: optional(1, string(), ""),
    url: optional(2, string(), ""),
  },
);
export interface ExternalDocumentation extends Infer<typeof externalDocumentation> {}

export const jsonSchemaProps = object("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps", "", {
  id: optional(1, string(), ""),
  $schema: optional(2, string(), ""),
  $ref: optional(3, string(), ""),
  description: optional(4, string(), ""),
  type: optional(5, string(), ""),
  format: optional(6, string(), ""),
  title: optional(7, string(), ""),
  default: optional(8, any(), ""),
  maximum: optional(9, number(), ""),
  exclusiveMaximum: optional(10, boolean(), ""),
  minimum: optional(11, number(), ""),
  exclusiveMinimum: optional(12, boolean(), ""),
  maxLength: optional(13, int64(), ""),
  minLength: optional(14, int64(), ""),
  pattern: optional(15, string(), ""),
  maxItems: optional(16, int64(), ""),
  minItems: optional(17, int64(), ""),
  uniqueItems: optional(18, boolean(), ""),
  multipleOf: optional(19, number(), ""),
  enum: optional(20, list(any()), ""),
  maxProperties: optional(21, int64(), ""),
  minProperties: optional(22, int64(), ""),
  required: optional(23, list(string()), ""),
  items: optional(24, jsonSchemaPropsOrArray, ""),
  allOf: optional(25, list(lazy((): Schema => jsonSchemaProps)), ""),
  oneOf: optional(26, list(lazy((): Schema => jsonSchemaProps)), ""),
  anyOf: optional(27, list(lazy((): Schema => jsonSchemaProps)), ""),
  not: optional(
    28,
    lazy((): Schema => jsonSchemaProps),
    "",
  ),
  properties: optional(29, map(lazy((): Schema => jsonSchemaProps)), ""),
  additionalProperties: optional(30, jsonSchemaPropsOrBool, ""),
  patternProperties: optional(31, map(lazy((): Schema => jsonSchemaProps)), ""),
  dependencies: optional(32, map(jsonSchemaPropsOrStringArray), ""),
  additionalItems: optional(33, jsonSchemaPropsOrBool, ""),
  definitions: optional(34, map(lazy((): Schema => jsonSchemaProps)), ""),
  externalDocs: optional(35, externalDocumentation, ""),
  example: optional(36, any(), ""),
  nullable: optional(37, boolean(), ""),
  "x-kubernetes-preserve-unknown-fields": optional(38, boolean(), ""),
  "x-kubernetes-embedded-resource": optional(39, boolean(), ""),
  "x-kubernetes-int-or-string": optional(40, boolean(), ""),
  "x-kubernetes-list-map-keys": optional(41, list(string()), ""),
  "x-kubernetes-list-type": optional(42, string(), ""),
  "x-kubernetes-map-type": optional(43, string(), ""),
});
export interface JSONSchemaProps extends Infer<typeof jsonSchemaProps> {}
