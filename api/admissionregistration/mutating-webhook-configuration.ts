// MutatingWebhookConfiguration: names the webhooks that may change or refuse what is written. Its rules are in
// validate-webhook-configuration.ts. Webhooks are not called yet.

import { matchCondition } from "./policy-parts.ts";
import { validateMutatingWebhookConfiguration } from "./validate-webhook-configuration.ts";
import { webhookFields } from "./webhook-fields.ts";
import { withGeneration } from "../meta/generation.ts";
import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, completed, listMap, object, oneOf, optional, present } from "../schema/schema.ts";

// What a client leaves out of required fields reaches the rules of the kind as Go has it, so that they say what is missing.

export const mutatingWebhook = completed(
  object(
    "io.k8s.api.admissionregistration.v1.MutatingWebhook",
    "A webhook that is shown requests, and may change or refuse them.",
    {
      ...webhookFields,
      reinvocationPolicy: optional(
        10,
        oneOf("Never", "IfNeeded"),
        "Whether the webhook is asked again after others have changed the object: Never (the default), or IfNeeded.",
      ),
      objectSelector: present(
        11,
        labelSelector,
        "Selects the objects by their labels, old or new; all unless given. Who sets the labels decides.",
      ),
      matchConditions: optional(
        12,
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
    draft.reinvocationPolicy ??= "Never";
  },
);
export interface MutatingWebhook extends Infer<typeof mutatingWebhook> {}

export const mutatingWebhookConfiguration = kubeObject(
  "io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration",
  "Names webhooks that may change or refuse what is written.",
  {
    webhooks: optional(2, listMap(mutatingWebhook, ["name"], { mergeKey: "name", strategy: "merge" }), "The webhooks."),
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
  validate: validateMutatingWebhookConfiguration,
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
