// CustomResourceDefinition: declares a kind of objects. Its rules are in validate-custom-resource-definition.ts. Definitions
// are kept and checked, but what they declare is not served yet: nothing here may say that a kind is established.

import { jsonSchemaProps } from "./json-schema-props.ts";
import { completeDefinition, prepareDefinition } from "./custom-resource-definition-strategy.ts";
import { validateCustomResourceDefinition } from "./validate-custom-resource-definition.ts";
import { createdAtColumn, nameColumn } from "../meta/standard-columns.ts";
import { keepSpec } from "../meta/status-write.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  boolean,
  bytes,
  completed,
  int32,
  list,
  listMap,
  object,
  optional,
  present,
  presentRequired,
  required,
  string,
  time,
} from "../schema/schema.ts";

const PACKAGE = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1";
const strings = list(string(), { listType: "atomic" });

// What a client leaves out of required fields reaches the rules of the kind as Go has it, so that they say what is missing.

export const customResourceDefinitionNames = completed(
  object(`${PACKAGE}.CustomResourceDefinitionNames`, "What a kind is called.", {
    plural: required(
      1,
      string(),
      "The plural in lower case, as in URLs. The definition's name is the plural, a dot, and the group.",
    ),
    singular: optional(2, string(), "The singular in lower case; the kind in lower case unless given."),
    shortNames: optional(3, strings, "Shorter names in lower case, for command lines."),
    kind: required(4, string(), "The kind, in CamelCase and singular, as in the field kind of its objects."),
    listKind: optional(5, string(), "The kind of lists of the objects; the kind followed by List unless given."),
    categories: optional(6, strings, "Groups of kinds that the kind belongs to, such as all."),
  }),
  (draft) => {
    draft.plural ??= "";
    draft.kind ??= "";
  },
);
export interface CustomResourceDefinitionNames extends Infer<typeof customResourceDefinitionNames> {}

export const customResourceValidation = object(
  `${PACKAGE}.CustomResourceValidation`,
  "What the objects must look like.",
  {
    openAPIV3Schema: optional(1, jsonSchemaProps, "The JSON schema that the objects have to fit. Required."),
  },
);
export interface CustomResourceValidation extends Infer<typeof customResourceValidation> {}

export const customResourceSubresourceStatus = object(
  `${PACKAGE}.CustomResourceSubresourceStatus`,
  "Splits the objects: requests to /status change the status alone, others everything but the status.",
  {},
);

export const customResourceSubresourceScale = completed(
  object(
    `${PACKAGE}.CustomResourceSubresourceScale`,
    "Where the numbers of replicas are in the objects, so that they can be scaled like other workloads.",
    {
      specReplicasPath: required(
        1,
        string(),
        "The path of the number wanted: names joined by dots, below .spec, such as .spec.replicas.",
      ),
      statusReplicasPath: required(
        2,
        string(),
        "The path of the number there is: names joined by dots, below .status. Without a value there it is 0.",
      ),
      labelSelectorPath: optional(
        3,
        string(),
        "The path of the selector of the replicas in text form, below .spec or .status. Autoscalers need it.",
      ),
    },
  ),
  (draft) => {
    draft.specReplicasPath ??= "";
    draft.statusReplicasPath ??= "";
  },
);
export interface CustomResourceSubresourceScale extends Infer<typeof customResourceSubresourceScale> {}

export const customResourceSubresources = object(
  `${PACKAGE}.CustomResourceSubresources`,
  "Which subresources the objects have.",
  {
    status: optional(1, customResourceSubresourceStatus, "Present, the objects have a subresource status."),
    scale: optional(2, customResourceSubresourceScale, "Present, the objects have a subresource scale."),
  },
);
export interface CustomResourceSubresources extends Infer<typeof customResourceSubresources> {}

export const customResourceColumnDefinition = completed(
  object(`${PACKAGE}.CustomResourceColumnDefinition`, "A column in the tables of `kubectl get`.", {
    name: required(1, string(), "The column's title."),
    type: required(2, string(), "What the cells hold: string, integer, number, boolean or date."),
    format: optional(
      3,
      string(),
      "What the cells look like: int32, int64, float, double, byte, date, date-time or password.",
    ),
    description: optional(4, string(), "What the column says."),
    priority: optional(5, int32(), "0 for columns that always show, more for those that -o wide adds."),
    jsonPath: required(6, string(), "The path of the cell's value in an object, such as .spec.size."),
  }),
  (draft) => {
    draft.name ??= "";
    draft.type ??= "";
    draft.jsonPath ??= "";
  },
);
export interface CustomResourceColumnDefinition extends Infer<typeof customResourceColumnDefinition> {}

export const selectableField = completed(
  object(`${PACKAGE}.SelectableField`, "A field that lists can be filtered by.", {
    jsonPath: required(
      1,
      string(),
      "The path of the field: names joined by dots, such as .spec.color. It must be a text, a number or a flag outside of metadata and of lists.",
    ),
  }),
  (draft) => {
    draft.jsonPath ??= "";
  },
);
export interface SelectableField extends Infer<typeof selectableField> {}

export const customResourceDefinitionVersion = completed(
  object(`${PACKAGE}.CustomResourceDefinitionVersion`, "One version of a kind.", {
    name: required(1, string(), "The version, such as v1 or v1beta2, as in URLs and apiVersion."),
    served: required(2, boolean(), "Whether the version can be used."),
    storage: required(3, boolean(), "Whether objects are stored in this version: true for exactly one."),
    schema: optional(4, customResourceValidation, "What objects of this version must look like. Required."),
    subresources: optional(5, customResourceSubresources, "Which subresources objects have in this version."),
    additionalPrinterColumns: optional(
      6,
      list(customResourceColumnDefinition, { listType: "atomic" }),
      "The columns after the name in tables of this version; the age alone unless given.",
    ),
    deprecated: optional(7, boolean(), "If true, who uses the version is warned."),
    deprecationWarning: optional(8, string(), "The warning's text; a standard one unless given."),
    selectableFields: optional(
      9,
      list(selectableField, { listType: "atomic" }),
      "Fields besides name and namespace that lists can be filtered by, at most 8.",
    ),
  }),
  (draft) => {
    draft.name ??= "";
    draft.served ??= false;
    draft.storage ??= false;
  },
);
export interface CustomResourceDefinitionVersion extends Infer<typeof customResourceDefinitionVersion> {}

export const serviceReference = completed(
  object(`${PACKAGE}.ServiceReference`, "Names a service.", {
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
  `${PACKAGE}.WebhookClientConfig`,
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

export const webhookConversion = completed(
  object(`${PACKAGE}.WebhookConversion`, "How to call the webhook that converts objects.", {
    clientConfig: optional(2, webhookClientConfig, "Where the webhook is. Required."),
    conversionReviewVersions: required(
      3,
      strings,
      "The versions of ConversionReview that the webhook understands, the preferred one first; v1 or v1beta1 must be among them.",
    ),
  }),
  (draft) => {
    draft.conversionReviewVersions ??= [];
  },
);
export interface WebhookConversion extends Infer<typeof webhookConversion> {}

export const customResourceConversion = completed(
  object(`${PACKAGE}.CustomResourceConversion`, "How objects get from one version to another.", {
    strategy: required(1, string(), "None: only apiVersion is changed. Webhook: a webhook is asked."),
    webhook: optional(2, webhookConversion, "The webhook. Required for the strategy Webhook, forbidden for None."),
  }),
  (draft) => {
    draft.strategy ??= "";
  },
);
export interface CustomResourceConversion extends Infer<typeof customResourceConversion> {}

export const customResourceDefinitionSpec = completed(
  object(`${PACKAGE}.CustomResourceDefinitionSpec`, "What a kind is to be.", {
    group: required(1, string(), "The API group, a domain name: objects are served under /apis/GROUP."),
    names: presentRequired(3, customResourceDefinitionNames, "What the kind is called."),
    scope: required(4, string(), "Namespaced, or Cluster for objects outside of namespaces."),
    versions: required(
      7,
      list(customResourceDefinitionVersion, { listType: "atomic" }),
      "All versions of the kind, with exactly one that is stored.",
    ),
    conversion: optional(
      9,
      customResourceConversion,
      "How objects get from one version to another; the strategy None unless given.",
    ),
    preserveUnknownFields: optional(
      10,
      boolean(),
      "Must be false: x-kubernetes-preserve-unknown-fields in the schema does what it did.",
    ),
  }),
  (draft) => {
    draft.group ??= "";
    draft.scope ??= "";
    draft.versions ??= [];
    draft.conversion ??= { strategy: "None" };
    const { names } = draft;
    names.singular ||= names.kind.toLowerCase();
    if (names.kind) names.listKind ||= `${names.kind}List`;
  },
);
export interface CustomResourceDefinitionSpec extends Infer<typeof customResourceDefinitionSpec> {}

export const customResourceDefinitionCondition = object(
  `${PACKAGE}.CustomResourceDefinitionCondition`,
  "One aspect of a definition's state.",
  {
    type: required(
      1,
      string(),
      "The name of the aspect: Established, NamesAccepted, NonStructuralSchema, Terminating or KubernetesAPIApprovalPolicyConformant.",
    ),
    status: required(2, string(), "Whether the condition holds: True, False or Unknown."),
    lastTransitionTime: optional(3, time(), "When the status last changed from one value to another."),
    reason: optional(4, string(), "Why it changed, in one CamelCase word."),
    message: optional(5, string(), "Why it changed, in words."),
  },
);
export interface CustomResourceDefinitionCondition extends Infer<typeof customResourceDefinitionCondition> {}

export const customResourceDefinitionStatus = object(
  `${PACKAGE}.CustomResourceDefinitionStatus`,
  "What became of a definition.",
  {
    conditions: optional(
      1,
      listMap(customResourceDefinitionCondition, ["type"]),
      "Whether the names are free, and whether the kind is served.",
    ),
    acceptedNames: present(
      2,
      customResourceDefinitionNames,
      "The names that the kind has by now; they may differ from those wished for if another kind has them.",
    ),
    storedVersions: optional(
      3,
      strings,
      "The versions that objects may be stored in. Before one is taken out of the spec, all objects must be stored anew and the version removed here.",
    ),
  },
);
export interface CustomResourceDefinitionStatus extends Infer<typeof customResourceDefinitionStatus> {}

export const customResourceDefinition = completed(
  kubeObject(
    `${PACKAGE}.CustomResourceDefinition`,
    "Declares a kind of objects that the API server serves besides its own. Its name is PLURAL.GROUP.",
    {
      spec: presentRequired(2, customResourceDefinitionSpec, "What the kind is to be."),
      status: present(3, customResourceDefinitionStatus, "What became of the definition."),
    },
  ),
  completeDefinition,
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
  storagePath: "apiextensions.k8s.io/customresourcedefinitions",
  schema: customResourceDefinition,
  subresources: ["status"],
  validate: validateCustomResourceDefinition,
  columns: [nameColumn, createdAtColumn],
  prepare: prepareDefinition,
  prepareStatus: keepSpec,
};
