// SelfSubjectRulesReview: asks for everything that the asker may do in a namespace, for showing it; what may be done is decided
// anew for each request.

import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  boolean,
  list,
  object,
  optional,
  present,
  presentRequired,
  required,
  string,
} from "../schema/schema.ts";

export const selfSubjectRulesReviewSpec = object(
  "io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec",
  "Where the asker wants to act.",
  {
    namespace: optional(1, string(), "The namespace. It must be given."),
  },
);
export interface SelfSubjectRulesReviewSpec extends Infer<typeof selfSubjectRulesReviewSpec> {}

export const resourceRule = object("io.k8s.api.authorization.v1.ResourceRule", "Verbs that are allowed on resources.", {
  verbs: required(1, list(string(), { listType: "atomic" }), "The verbs; '*' means all."),
  apiGroups: optional(2, list(string(), { listType: "atomic" }), "The API groups of the resources; '*' means all."),
  resources: optional(
    3,
    list(string(), { listType: "atomic" }),
    "The resources, in the plural, with the subresource after a slash; '*' means all, '*/scale' a subresource of all.",
  ),
  resourceNames: optional(4, list(string(), { listType: "atomic" }), "The names of the objects; all unless given."),
});
export interface ResourceRule extends Infer<typeof resourceRule> {}

export const nonResourceRule = object(
  "io.k8s.api.authorization.v1.NonResourceRule",
  "Verbs that are allowed on paths that are no resources.",
  {
    verbs: required(1, list(string(), { listType: "atomic" }), "The methods in lower case; '*' means all."),
    nonResourceURLs: optional(
      2,
      list(string(), { listType: "atomic" }),
      "The paths; '*' alone or as the last element means all.",
    ),
  },
);
export interface NonResourceRule extends Infer<typeof nonResourceRule> {}

export const subjectRulesReviewStatus = object(
  "io.k8s.api.authorization.v1.SubjectRulesReviewStatus",
  "What the asker may do there.",
  {
    resourceRules: required(
      1,
      list(resourceRule, { listType: "atomic" }),
      "What may be done with resources, in no particular order and perhaps repeated.",
    ),
    nonResourceRules: required(
      2,
      list(nonResourceRule, { listType: "atomic" }),
      "What may be done with other paths, in no particular order and perhaps repeated.",
    ),
    incomplete: required(
      3,
      boolean(),
      "Whether more may be allowed than is listed, since some authorizers cannot list their rules.",
    ),
    evaluationError: optional(
      4,
      string(),
      "What went wrong while the rules were gathered. It does not mean that the listed ones are wrong.",
    ),
  },
);
export interface SubjectRulesReviewStatus extends Infer<typeof subjectRulesReviewStatus> {}

export const selfSubjectRulesReview = kubeObject(
  "io.k8s.api.authorization.v1.SelfSubjectRulesReview",
  "Asks for everything that the asker may do in a namespace.",
  {
    spec: presentRequired(2, selfSubjectRulesReviewSpec, "Where the asker wants to act."),
    status: present(3, subjectRulesReviewStatus, "The answer, from the server."),
  },
);
export interface SelfSubjectRulesReview extends Infer<typeof selfSubjectRulesReview> {}

export const selfSubjectRulesReviews: ResourceDefinition<SelfSubjectRulesReview> = {
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectRulesReview",
  plural: "selfsubjectrulesreviews",
  scope: "Cluster",
  schema: selfSubjectRulesReview,
  verbs: ["create"],
  columns: [],
};
