// HEADER: say what CustomResourceDefinition is and what it must never do.

import { jsonSchemaProps } from "./json-schema-props.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  any,
  boolean,
  bytes,
  int32,
  list,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const customResourceDefinitionNames = object(
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionNames",
  "",
  {
    plural: required(1, string(), ""),
    singular: optional(2, string(), ""),
    shortNames: optional(3, list(string()), ""),
    kind: required(4, string(), ""),
    listKind: optional(5, string(), ""),
    categories: optional(6, list(string()), ""),
  },
);
export interface CustomResourceDefinitionNames extends Infer<typeof customResourceDefinitionNames> {}

export const customResourceValidation = object(
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceValidation",
  "",
  {
    openAPIV3Schema: optional(1, jsonSchemaProps, ""),
  },
);
export interface CustomResourceValidation extends Infer<typeof customResourceValidation> {}

export const customResourceSubresourceScale = object(
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceScale",
  "",
  {
    specReplicasPath: required(1, string(), ""),
    statusReplicasPath: required(2, string(), ""),
    labelSelectorPath: optional(3, string(), ""),
  },
);
export interface CustomResourceSubresourceScale extends Infer<typeof customResourceSubresourceScale> {}

export const customResourceSubresources = object(
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresources",
  "",
  {
    status: optional(1, any(), ""),
    scale: optional(2, customResourceSubresourceScale, ""),
  },
);
export interface CustomResourceSubresources extends Infer<typeof customResourceSubresources> {}

export const customResourceColumnDefinition = object(
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceColumnDefinition",
  "",
  {
    name: required(1, string(), ""),
    type: required(2, string(), ""),
    format: optional(3, string(), ""),
    description: optional(4, string(), ""),
    priority: optional(5, int32(), ""),
    jsonPath: required(6, string(), ""),
  },
);
export interface CustomResourceColumnDefinition extends Infer<typeof customResourceColumnDefinition> {}

export const customResourceDefinitionVersion = object(
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionVersion",
  "",
  {
    name: required(1, string(), ""),
    served: required(2, boolean(), ""),
    storage: required(3, boolean(), ""),
    schema: optional(4, customResourceValidation, ""),
    subresources: optional(5, customResourceSubresources, ""),
    additionalPrinterColumns: optional(6, list(customResourceColumnDefinition), ""),
    deprecated: optional(7, boolean(), ""),
    deprecationWarning: optional(8, string(), ""),
  },
);
export interface CustomResourceDefinitionVersion extends Infer<typeof customResourceDefinitionVersion> {}

export const serviceReference = object(
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ServiceReference",
  "",
  {
    namespace: required(1, string(), ""),
    name: required(2, string(), ""),
    path: optional(3, string(), ""),
    port: optional(4, int32(), ""),
  },
);
export interface ServiceReference extends Infer<typeof serviceReference> {}

export const webhookClientConfig = object(
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookClientConfig",
  "",
  {
    service: optional(1, serviceReference, ""),
    caBundle: optional(2, bytes(), ""),
    url: optional(3, string(), ""),
  },
);
export interface WebhookClientConfig extends Infer<typeof webhookClientConfig> {}

export const webhookConversion = object(
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookConversion",
  "",
  {
    clientConfig: optional(2, webhookClientConfig, ""),
    conversionReviewVersions: required(3, list(string()), ""),
  },
);
export interface WebhookConversion extends Infer<typeof webhookConversion> {}

export const customResourceConversion = object(
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceConversion",
  "",
  {
    strategy: required(1, oneOf("None", "Webhook"), ""),
    webhook: optional(2, webhookConversion, ""),
  },
);
export interface CustomResourceConversion extends Infer<typeof customResourceConversion> {}

export const customResourceDefinitionSpec = object(
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec",
  "",
  {
    group: required(1, string(), ""),
    names: required(3, customResourceDefinitionNames, ""),
    scope: required(4, oneOf("Cluster", "Namespaced"), ""),
    versions: required(7, list(customResourceDefinitionVersion), ""),
    conversion: optional(9, customResourceConversion, ""),
    preserveUnknownFields: optional(10, boolean(), ""),
  },
);
export interface CustomResourceDefinitionSpec extends Infer<typeof customResourceDefinitionSpec> {}

export const customResourceDefinitionCondition = object(
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionCondition",
  "",
  {
    type: required(1, string(), ""),
    status: required(2, oneOf("True", "False", "Unknown"), ""),
    lastTransitionTime: optional(3, time(), ""),
    reason: optional(4, string(), ""),
    message: optional(5, string(), ""),
  },
);
export interface CustomResourceDefinitionCondition extends Infer<typeof customResourceDefinitionCondition> {}

export const customResourceDefinitionStatus = object(
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus",
  "",
  {
    conditions: optional(1, list(customResourceDefinitionCondition), ""),
    acceptedNames: optional(2, customResourceDefinitionNames, ""),
    storedVersions: optional(3, list(string()), ""),
  },
);
export interface CustomResourceDefinitionStatus extends Infer<typeof customResourceDefinitionStatus> {}

export const customResourceDefinition = kubeObject(
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition",
  "",
  {
    spec: required(2, customResourceDefinitionSpec, ""),
    status: present(3, customResourceDefinitionStatus, ""),
  },
);
export interface CustomResourceDefinition extends Infer<typeof customResourceDefinition> {}

export const customResourceDefinitions: ResourceDefinition<CustomResourceDefinition> = {
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  shortNames: ["crd", "crds"],
  categories: ["api-extensions"],
  scope: "Cluster",
  schema: customResourceDefinition,
  subresources: ["status"],
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
