// Role: says what may be done in one namespace. Its rules are in validate-role.ts.

import { kubeObject } from "../meta/object.ts";
import { createdAtColumn, nameColumn } from "../meta/standard-columns.ts";
import { validateRole } from "./validate-role.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, completed, list, object, optional, required, string } from "../schema/schema.ts";

export const policyRule = completed(
  object(
    "io.k8s.api.rbac.v1.PolicyRule",
    "What may be done: verbs on resources, or verbs on URLs that are no resources. One rule cannot be about both.",
    {
      verbs: required(
        1,
        list(string(), { listType: "atomic" }),
        "The verbs that are allowed, such as get or update; '*' means all. At least one.",
      ),
      apiGroups: optional(
        2,
        list(string(), { listType: "atomic" }),
        "The API groups of the resources; \"\" is the core group, '*' means all.",
      ),
      resources: optional(
        3,
        list(string(), { listType: "atomic" }),
        "The resources, in the plural, with the subresource after a slash; '*' means all, '*/scale' a subresource of all.",
      ),
      resourceNames: optional(4, list(string(), { listType: "atomic" }), "The names of the objects; all unless given."),
      nonResourceURLs: optional(
        5,
        list(string(), { listType: "atomic" }),
        "Paths that are no resources, such as /metrics; '*' alone or as the last element means all. Only in cluster roles.",
      ),
    },
  ),
  (draft) => {
    // Missing verbs are reported by the kind's own rule.
    draft.verbs ??= [];
  },
);
export interface PolicyRule extends Infer<typeof policyRule> {}

export const role = kubeObject(
  "io.k8s.api.rbac.v1.Role",
  "Says what may be done in one namespace, by those whom a role binding gives the role.",
  {
    rules: optional(2, list(policyRule, { listType: "atomic" }), "What may be done."),
  },
);
export interface Role extends Infer<typeof role> {}

export const roles: ResourceDefinition<Role> = {
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "Role",
  plural: "roles",
  scope: "Namespaced",
  schema: role,
  validate: validateRole,
  columns: [nameColumn, createdAtColumn],
};
