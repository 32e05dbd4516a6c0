// How the API server reaches an admission webhook. The rules are in api/meta/validate-webhook.ts.

import { type Infer, bytes, completed, int32, object, optional, required, string } from "../schema/schema.ts";

// What a client leaves out of required fields reaches the rules of the kind as Go has it, so that they say what is missing.

export const serviceReference = completed(
  object("io.k8s.api.admissionregistration.v1.ServiceReference", "Names the service of a webhook.", {
    namespace: required(1, string(), "The service's namespace."),
    name: required(2, string(), "The service's name."),
    path: optional(3, string(), "The path of the URL."),
    port: optional(4, int32(), "The service's port; 443 unless given."),
  }),
  (draft) => {
    draft.namespace ??= "";
    draft.name ??= "";
    draft.port ??= 443;
  },
);
export interface ServiceReference extends Infer<typeof serviceReference> {}

export const webhookClientConfig = object(
  "io.k8s.api.admissionregistration.v1.WebhookClientConfig",
  "How to reach a webhook: by its service or by its URL, one of them.",
  {
    service: optional(1, serviceReference, "The service, for webhooks inside the cluster."),
    caBundle: optional(
      2,
      bytes(),
      "Certificates in PEM by which the webhook's certificate is checked; the system's unless given.",
    ),
    url: optional(3, string(), "The webhook's address: https, without user, query and fragment."),
  },
);
export interface WebhookClientConfig extends Infer<typeof webhookClientConfig> {}
