// HEADER: say what MutatingWebhookConfiguration is and what it must never do.

import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  bytes,
  inlined,
  int32,
  list,
  listMap,
  object,
  oneOf,
  optional,
  required,
  string,
} from "../schema/schema.ts";

export const serviceReference = object("io.k8s.api.admissionregistration.v1.ServiceReference", "", {
  namespace: required(1, string(), ""),
  name: required(2, string(), ""),
  path: optional(3, string(), ""),
  port: optional(4, int32(), ""),
});
export interface ServiceReference extends Infer<typeof serviceReference> {}

export const webhookClientConfig = object("io.k8s.api.admissionregistration.v1.WebhookClientConfig", "", {
  service: optional(1, serviceReference, ""),
  caBundle: optional(2, bytes(), ""),
  url: optional(3, string(), ""),
});
export interface WebhookClientConfig extends Infer<typeof webhookClientConfig> {}

export const rule = object("io.k8s.api.admissionregistration.v1.Rule", "", {
  apiGroups: optional(1, list(string(), { listType: "atomic" }), ""),
  apiVersions: optional(2, list(string(), { listType: "atomic" }), ""),
  resources: optional(3, list(string(), { listType: "atomic" }), ""),
  scope: optional(4, oneOf("Cluster", "Namespaced", "*"), ""),
});
export interface Rule extends Infer<typeof rule> {}

export const ruleWithOperations = object("io.k8s.api.admissionregistration.v1.RuleWithOperations", "", {
  ...inlined(2, rule),
  operations: optional(1, list(oneOf("*", "CREATE", "UPDATE", "DELETE", "CONNECT"), { listType: "atomic" }), ""),
});
export interface RuleWithOperations extends Infer<typeof ruleWithOperations> {}

export const matchCondition = object("io.k8s.api.admissionregistration.v1.MatchCondition", "", {
  name: required(1, string(), ""),
  expression: required(2, string(), ""),
});
export interface MatchCondition extends Infer<typeof matchCondition> {}

export const mutatingWebhook = object("io.k8s.api.admissionregistration.v1.MutatingWebhook", "", {
  name: required(1, string(), ""),
  clientConfig: required(2, webhookClientConfig, ""),
  rules: optional(3, list(ruleWithOperations, { listType: "atomic" }), ""),
  failurePolicy: optional(4, oneOf("Ignore", "Fail"), ""),
  namespaceSelector: optional(5, labelSelector, ""),
  sideEffects: required(6, oneOf("Unknown", "None", "Some", "NoneOnDryRun"), ""),
  timeoutSeconds: optional(7, int32(), ""),
  admissionReviewVersions: required(8, list(string(), { listType: "atomic" }), ""),
  matchPolicy: optional(9, oneOf("Exact", "Equivalent"), ""),
  reinvocationPolicy: optional(10, oneOf("Never", "IfNeeded"), ""),
  objectSelector: optional(11, labelSelector, ""),
  matchConditions: optional(12, listMap(matchCondition, ["name"], { mergeKey: "name", strategy: "merge" }), ""),
});
export interface MutatingWebhook extends Infer<typeof mutatingWebhook> {}

export const mutatingWebhookConfiguration = kubeObject(
  "io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration",
  "",
  {
    webhooks: optional(2, listMap(mutatingWebhook, ["name"], { mergeKey: "name", strategy: "merge" }), ""),
  },
);
export interface MutatingWebhookConfiguration extends Infer<typeof mutatingWebhookConfiguration> {}

export const mutatingWebhookConfigurations: ResourceDefinition<MutatingWebhookConfiguration> = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "MutatingWebhookConfiguration",
  plural: "mutatingwebhookconfigurations",
  categories: ["api-extensions"],
  scope: "Cluster",
  schema: mutatingWebhookConfiguration,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
