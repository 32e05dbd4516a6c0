// HEADER: say what SelfSubjectRulesReview is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { type Infer, boolean, list, object, optional, present, required, string } from "../schema/schema.ts";

export const selfSubjectRulesReviewSpec = object("io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec", "", {
  namespace: optional(1, string(), ""),
});
export interface SelfSubjectRulesReviewSpec extends Infer<typeof selfSubjectRulesReviewSpec> {}

export const resourceRule = object("io.k8s.api.authorization.v1.ResourceRule", "", {
  verbs: required(1, list(string(), { listType: "atomic" }), ""),
  apiGroups: optional(2, list(string(), { listType: "atomic" }), ""),
  resources: optional(3, list(string(), { listType: "atomic" }), ""),
  resourceNames: optional(4, list(string(), { listType: "atomic" }), ""),
});
export interface ResourceRule extends Infer<typeof resourceRule> {}

export const nonResourceRule = object("io.k8s.api.authorization.v1.NonResourceRule", "", {
  verbs: required(1, list(string(), { listType: "atomic" }), ""),
  nonResourceURLs: optional(2, list(string(), { listType: "atomic" }), ""),
});
export interface NonResourceRule extends Infer<typeof nonResourceRule> {}

export const subjectRulesReviewStatus = object("io.k8s.api.authorization.v1.SubjectRulesReviewStatus", "", {
  resourceRules: required(1, list(resourceRule, { listType: "atomic" }), ""),
  nonResourceRules: required(2, list(nonResourceRule, { listType: "atomic" }), ""),
  incomplete: required(3, boolean(), ""),
  evaluationError: optional(4, string(), ""),
});
export interface SubjectRulesReviewStatus extends Infer<typeof subjectRulesReviewStatus> {}

export const selfSubjectRulesReview = kubeObject("io.k8s.api.authorization.v1.SelfSubjectRulesReview", "", {
  spec: required(2, selfSubjectRulesReviewSpec, ""),
  status: present(3, subjectRulesReviewStatus, ""),
});
export interface SelfSubjectRulesReview extends Infer<typeof selfSubjectRulesReview> {}
