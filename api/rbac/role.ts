// HEADER: say what Role is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, list, object, optional, required, string } from "../schema/schema.ts";

export const policyRule = object("io.k8s.api.rbac.v1.PolicyRule", "", {
  verbs: required(1, list(string(), { listType: "atomic" }), ""),
  apiGroups: optional(2, list(string(), { listType: "atomic" }), ""),
  resources: optional(3, list(string(), { listType: "atomic" }), ""),
  resourceNames: optional(4, list(string(), { listType: "atomic" }), ""),
  nonResourceURLs: optional(5, list(string(), { listType: "atomic" }), ""),
});
export interface PolicyRule extends Infer<typeof policyRule> {}

export const role = kubeObject("io.k8s.api.rbac.v1.Role", "", {
  rules: optional(2, list(policyRule, { listType: "atomic" }), ""),
});
export interface Role extends Infer<typeof role> {}

export const roles: ResourceDefinition<Role> = {
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "Role",
  plural: "roles",
  scope: "Namespaced",
  schema: role,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
