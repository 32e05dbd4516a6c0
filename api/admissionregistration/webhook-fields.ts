// What webhooks of both sorts have in common: whom to ask, about what, and what happens when nobody answers.

import { labelSelector } from "../meta/label-selector.ts";
import { ruleWithOperations } from "./admission-rule.ts";
import { webhookClientConfig } from "./webhook-client-config.ts";
import { int32, list, oneOf, optional, present, presentRequired, required, string } from "../schema/schema.ts";

/** The first nine fields of MutatingWebhook and of ValidatingWebhook. */
export const webhookFields = {
  name: required(
    1,
    string(),
    "The name of the webhook: a domain name of three parts at least, unique in the configuration.",
  ),
  clientConfig: presentRequired(2, webhookClientConfig, "How to reach the webhook."),
  rules: optional(
    3,
    list(ruleWithOperations, { listType: "atomic" }),
    "Which requests the webhook is asked about: one rule that matches is enough. It is never asked about webhook configurations themselves.",
  ),
  failurePolicy: optional(
    4,
    oneOf("Ignore", "Fail"),
    "What happens where the webhook cannot be asked: Fail (the default) refuses the request, Ignore lets it pass.",
  ),
  namespaceSelector: present(
    5,
    labelSelector,
    "Selects the namespaces of the objects by their labels; all unless given. It does not touch what is in no namespace, other than namespaces themselves.",
  ),
  sideEffects: required(
    6,
    string(),
    "What asking does besides: None, or NoneOnDryRun for webhooks that leave it out in dry runs.",
  ),
  timeoutSeconds: optional(7, int32(), "How long to wait for the answer: 1 to 30 seconds, 10 unless given."),
  admissionReviewVersions: required(
    8,
    list(string(), { listType: "atomic" }),
    "The versions of AdmissionReview that the webhook understands, the preferred one first; v1 or v1beta1 must be among them.",
  ),
  matchPolicy: optional(
    9,
    oneOf("Exact", "Equivalent"),
    "Exact: only the versions in the rules match. Equivalent (the default): the same resource in other versions matches too, and is converted.",
  ),
};
