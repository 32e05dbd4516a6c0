// HEADER: say what FlowSchema is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  boolean,
  int32,
  list,
  listMap,
  object,
  oneOf,
  optional,
  present,
  required,
  set,
  string,
  time,
} from "../schema/schema.ts";

export const priorityLevelConfigurationReference = object(
  "io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationReference",
  "",
  {
    name: required(1, string(), ""),
  },
);
export interface PriorityLevelConfigurationReference extends Infer<typeof priorityLevelConfigurationReference> {}

export const flowDistinguisherMethod = object("io.k8s.api.flowcontrol.v1.FlowDistinguisherMethod", "", {
  type: required(1, oneOf("ByUser", "ByNamespace"), ""),
});
export interface FlowDistinguisherMethod extends Infer<typeof flowDistinguisherMethod> {}

export const userSubject = object("io.k8s.api.flowcontrol.v1.UserSubject", "", {
  name: required(1, string(), ""),
});
export interface UserSubject extends Infer<typeof userSubject> {}

export const groupSubject = object("io.k8s.api.flowcontrol.v1.GroupSubject", "", {
  name: required(1, string(), ""),
});
export interface GroupSubject extends Infer<typeof groupSubject> {}

export const serviceAccountSubject = object("io.k8s.api.flowcontrol.v1.ServiceAccountSubject", "", {
  namespace: required(1, string(), ""),
  name: required(2, string(), ""),
});
export interface ServiceAccountSubject extends Infer<typeof serviceAccountSubject> {}

export const subject = object("io.k8s.api.flowcontrol.v1.Subject", "", {
  kind: required(1, oneOf("User", "Group", "ServiceAccount"), ""),
  user: optional(2, userSubject, ""),
  group: optional(3, groupSubject, ""),
  serviceAccount: optional(4, serviceAccountSubject, ""),
});
export interface Subject extends Infer<typeof subject> {}

export const resourcePolicyRule = object("io.k8s.api.flowcontrol.v1.ResourcePolicyRule", "", {
  verbs: required(1, set(string()), ""),
  apiGroups: required(2, set(string()), ""),
  resources: required(3, set(string()), ""),
  clusterScope: optional(4, boolean(), ""),
  namespaces: optional(5, set(string()), ""),
});
export interface ResourcePolicyRule extends Infer<typeof resourcePolicyRule> {}

export const nonResourcePolicyRule = object("io.k8s.api.flowcontrol.v1.NonResourcePolicyRule", "", {
  verbs: required(1, set(string()), ""),
  nonResourceURLs: required(6, set(string()), ""),
});
export interface NonResourcePolicyRule extends Infer<typeof nonResourcePolicyRule> {}

export const policyRulesWithSubjects = object("io.k8s.api.flowcontrol.v1.PolicyRulesWithSubjects", "", {
  subjects: required(1, list(subject, { listType: "atomic" }), ""),
  resourceRules: optional(2, list(resourcePolicyRule, { listType: "atomic" }), ""),
  nonResourceRules: optional(3, list(nonResourcePolicyRule, { listType: "atomic" }), ""),
});
export interface PolicyRulesWithSubjects extends Infer<typeof policyRulesWithSubjects> {}

export const flowSchemaSpec = object("io.k8s.api.flowcontrol.v1.FlowSchemaSpec", "", {
  priorityLevelConfiguration: required(1, priorityLevelConfigurationReference, ""),
  matchingPrecedence: optional(2, int32(), ""),
  distinguisherMethod: optional(3, flowDistinguisherMethod, ""),
  rules: optional(4, list(policyRulesWithSubjects, { listType: "atomic" }), ""),
});
export interface FlowSchemaSpec extends Infer<typeof flowSchemaSpec> {}

export const flowSchemaCondition = object("io.k8s.api.flowcontrol.v1.FlowSchemaCondition", "", {
  type: optional(1, string(), ""),
  status: optional(2, oneOf("True", "False", "Unknown"), ""),
  lastTransitionTime: optional(3, time(), ""),
  reason: optional(4, string(), ""),
  message: optional(5, string(), ""),
});
export interface FlowSchemaCondition extends Infer<typeof flowSchemaCondition> {}

export const flowSchemaStatus = object("io.k8s.api.flowcontrol.v1.FlowSchemaStatus", "", {
  conditions: optional(1, listMap(flowSchemaCondition, ["type"], { mergeKey: "type", strategy: "merge" }), ""),
});
export interface FlowSchemaStatus extends Infer<typeof flowSchemaStatus> {}

export const flowSchema = kubeObject("io.k8s.api.flowcontrol.v1.FlowSchema", "", {
  spec: present(2, flowSchemaSpec, ""),
  status: present(3, flowSchemaStatus, ""),
});
export interface FlowSchema extends Infer<typeof flowSchema> {}

export const flowSchemas: ResourceDefinition<FlowSchema> = {
  group: "flowcontrol.apiserver.k8s.io",
  version: "v1",
  kind: "FlowSchema",
  plural: "flowschemas",
  scope: "Cluster",
  schema: flowSchema,
  subresources: ["status"],
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
