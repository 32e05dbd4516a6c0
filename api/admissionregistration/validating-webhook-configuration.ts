// HEADER: say what ValidatingWebhookConfiguration is and what it must never do.

import { matchCondition, ruleWithOperations, webhookClientConfig } from "./mutating-webhook-configuration.ts";
import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, int32, list, listMap, object, oneOf, optional, required, string } from "../schema/schema.ts";

export const validatingWebhook = object("io.k8s.api.admissionregistration.v1.ValidatingWebhook", "", {
  name: required(1, string(), ""),
  clientConfig: required(2, webhookClientConfig, ""),
  rules: optional(3, list(ruleWithOperations, { listType: "atomic" }), ""),
  failurePolicy: optional(4, oneOf("Ignore", "Fail"), ""),
  namespaceSelector: optional(5, labelSelector, ""),
  sideEffects: required(6, oneOf("Unknown", "None", "Some", "NoneOnDryRun"), ""),
  timeoutSeconds: optional(7, int32(), ""),
  admissionReviewVersions: required(8, list(string(), { listType: "atomic" }), ""),
  matchPolicy: optional(9, oneOf("Exact", "Equivalent"), ""),
  objectSelector: optional(10, labelSelector, ""),
  matchConditions: optional(11, listMap(matchCondition, ["name"], { mergeKey: "name", strategy: "merge" }), ""),
});
export interface ValidatingWebhook extends Infer<typeof validatingWebhook> {}

export const validatingWebhookConfiguration = kubeObject(
  "io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration",
  "",
  {
    webhooks: optional(2, listMap(validatingWebhook, ["name"], { mergeKey: "name", strategy: "merge" }), ""),
  },
);
export interface ValidatingWebhookConfiguration extends Infer<typeof validatingWebhookConfiguration> {}

export const validatingWebhookConfigurations: ResourceDefinition<ValidatingWebhookConfiguration> = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "ValidatingWebhookConfiguration",
  plural: "validatingwebhookconfigurations",
  categories: ["api-extensions"],
  scope: "Cluster",
  schema: validatingWebhookConfiguration,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
