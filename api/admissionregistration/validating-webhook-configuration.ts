// ValidatingWebhookConfiguration: names the webhooks that may refuse what is written. Its rules are in
// validate-webhook-configuration.ts. Webhooks are not called yet.

import { matchCondition } from "./policy-parts.ts";
import { validateValidatingWebhookConfiguration } from "./validate-webhook-configuration.ts";
import { webhookFields } from "./webhook-fields.ts";
import { withGeneration } from "../meta/generation.ts";
import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, completed, listMap, object, optional, present } from "../schema/schema.ts";

// What a client leaves out of required fields reaches the rules of the kind as Go has it, so that they say what is missing.

export const validatingWebhook = completed(
  object(
    "io.k8s.api.admissionregistration.v1.ValidatingWebhook",
    "A webhook that is shown requests, and may refuse them.",
    {
      ...webhookFields,
      objectSelector: present(
        10,
        labelSelector,
        "Selects the objects by their labels, old or new; all unless given. Who sets the labels decides.",
      ),
      matchConditions: optional(
        11,
        listMap(matchCondition, ["name"], { mergeKey: "name", strategy: "merge" }),
        "Conditions in CEL, at most 64, that must all hold for the webhook to be asked.",
      ),
    },
  ),
  (draft) => {
    draft.name ??= "";
    draft.sideEffects ??= "";
    draft.admissionReviewVersions ??= [];
    draft.failurePolicy ??= "Fail";
    draft.matchPolicy ??= "Equivalent";
    draft.timeoutSeconds ??= 10;
  },
);
export interface ValidatingWebhook extends Infer<typeof validatingWebhook> {}

export const validatingWebhookConfiguration = kubeObject(
  "io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration",
  "Names webhooks that may refuse what is written.",
  {
    webhooks: optional(
      2,
      listMap(validatingWebhook, ["name"], { mergeKey: "name", strategy: "merge" }),
      "The webhooks.",
    ),
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
  validate: validateValidatingWebhookConfiguration,
  columns: [
    nameColumn,
    column(
      "Webhooks",
      { type: "integer", description: "How many webhooks there are." },
      ({ webhooks = [] }) => webhooks.length,
    ),
    ageColumn,
  ],
  prepare: (configuration, old) => withGeneration(configuration, old, ({ webhooks }) => webhooks),
};
