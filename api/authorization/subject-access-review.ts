// SubjectAccessReview: asks whether somebody may do something. It is posted, answered and never stored.

import { labelSelectorRequirement } from "../meta/label-selector.ts";
import { validateSubjectAccessReview } from "./validate-access-review.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  boolean,
  list,
  map,
  object,
  optional,
  present,
  presentRequired,
  required,
  string,
} from "../schema/schema.ts";

export const fieldSelectorRequirement = object(
  "io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement",
  "One condition on a field.",
  {
    key: required(1, string(), "The path of the field."),
    operator: required(
      2,
      string(),
      "How the field's value relates to the values: In, NotIn, Exists or DoesNotExist; later versions may know more.",
    ),
    values: optional(
      3,
      list(string(), { listType: "atomic" }),
      "The values, at least one with In and NotIn, none with Exists and DoesNotExist.",
    ),
  },
);
export interface FieldSelectorRequirement extends Infer<typeof fieldSelectorRequirement> {}

export const fieldSelectorAttributes = object(
  "io.k8s.api.authorization.v1.FieldSelectorAttributes",
  "The field selector of the request in question: as text or in parts, not both.",
  {
    rawSelector: optional(
      1,
      string(),
      "The selector as text. Authorizers may pass it over, so it only ever narrows what the request is about.",
    ),
    requirements: optional(
      2,
      list(fieldSelectorRequirement, { listType: "atomic" }),
      "The conditions, all of which hold for what is selected. Those that an authorizer does not understand it must ignore.",
    ),
  },
);
export interface FieldSelectorAttributes extends Infer<typeof fieldSelectorAttributes> {}

export const labelSelectorAttributes = object(
  "io.k8s.api.authorization.v1.LabelSelectorAttributes",
  "The label selector of the request in question: as text or in parts, not both.",
  {
    rawSelector: optional(
      1,
      string(),
      "The selector as text. Authorizers may pass it over, so it only ever narrows what the request is about.",
    ),
    requirements: optional(
      2,
      list(labelSelectorRequirement, { listType: "atomic" }),
      "The conditions, all of which hold for what is selected. Those that an authorizer does not understand it must ignore.",
    ),
  },
);
export interface LabelSelectorAttributes extends Infer<typeof labelSelectorAttributes> {}

export const resourceAttributes = object("io.k8s.api.authorization.v1.ResourceAttributes", "A request to a resource.", {
  namespace: optional(
    1,
    string(),
    "The namespace. Empty means all of them, and is the only value for resources without namespaces.",
  ),
  verb: optional(
    2,
    string(),
    "What is to be done, such as get, list, watch, create, update, patch, delete or proxy; '*' means everything.",
  ),
  group: optional(3, string(), "The API group of the resource; '*' means all."),
  version: optional(4, string(), "The version of the API group; '*' means all."),
  resource: optional(5, string(), "The resource in the plural; '*' means all."),
  subresource: optional(6, string(), "The subresource; none unless given."),
  name: optional(7, string(), "The name of the object; empty means all objects."),
  fieldSelector: optional(
    8,
    fieldSelectorAttributes,
    "Narrows the question to the objects that a field selector leaves.",
  ),
  labelSelector: optional(
    9,
    labelSelectorAttributes,
    "Narrows the question to the objects that a label selector leaves.",
  ),
});
export interface ResourceAttributes extends Infer<typeof resourceAttributes> {}

export const nonResourceAttributes = object(
  "io.k8s.api.authorization.v1.NonResourceAttributes",
  "A request to a path that is no resource's.",
  {
    path: optional(1, string(), "The path of the URL."),
    verb: optional(2, string(), "The method of the request in lower case."),
  },
);
export interface NonResourceAttributes extends Infer<typeof nonResourceAttributes> {}

export const subjectAccessReviewSpec = object(
  "io.k8s.api.authorization.v1.SubjectAccessReviewSpec",
  "Who wants to do what. Exactly one of resourceAttributes and nonResourceAttributes is set.",
  {
    resourceAttributes: optional(1, resourceAttributes, "What is to be done with which resource."),
    nonResourceAttributes: optional(2, nonResourceAttributes, "What is to be done with which path."),
    user: optional(3, string(), "The name of the user. Without groups it stands for itself alone."),
    groups: optional(4, list(string(), { listType: "atomic" }), "The groups of the user."),
    extra: optional(5, map(list(string())), "More about the user, as its authentication would have told."),
    uid: optional(6, string(), "The uid of the user."),
  },
);
export interface SubjectAccessReviewSpec extends Infer<typeof subjectAccessReviewSpec> {}

export const subjectAccessReviewStatus = object(
  "io.k8s.api.authorization.v1.SubjectAccessReviewStatus",
  "Whether it may be done.",
  {
    allowed: required(1, boolean(), "Whether it is allowed."),
    reason: optional(2, string(), "Why it is allowed or not, for people."),
    evaluationError: optional(3, string(), "What went wrong in finding out. An answer may be there nevertheless."),
    denied: optional(
      4,
      boolean(),
      "True where something forbids it, and not only nothing allows it. Never together with allowed.",
    ),
  },
);
export interface SubjectAccessReviewStatus extends Infer<typeof subjectAccessReviewStatus> {}

export const subjectAccessReview = kubeObject(
  "io.k8s.api.authorization.v1.SubjectAccessReview",
  "Asks whether somebody may do something.",
  {
    spec: presentRequired(2, subjectAccessReviewSpec, "Who wants to do what."),
    status: present(3, subjectAccessReviewStatus, "The answer, from the server."),
  },
);
export interface SubjectAccessReview extends Infer<typeof subjectAccessReview> {}

export const subjectAccessReviews: ResourceDefinition<SubjectAccessReview> = {
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SubjectAccessReview",
  plural: "subjectaccessreviews",
  scope: "Cluster",
  schema: subjectAccessReview,
  verbs: ["create"],
  columns: [],
  validate: validateSubjectAccessReview,
};
