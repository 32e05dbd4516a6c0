// RoleBinding: gives a role to users, groups and service accounts. Its rules are in validate-role-binding.ts.

import { kubeObject } from "../meta/object.ts";
import { bindingColumns } from "./binding-columns.ts";
import { RBAC_GROUP } from "./rbac-group.ts";
import { validateRoleBinding } from "./validate-role-binding.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, atomic, completed, list, object, optional, required, string } from "../schema/schema.ts";

export const subject = completed(
  atomic(
    object("io.k8s.api.rbac.v1.Subject", "A user, a group or a service account that is given a role.", {
      kind: required(1, string(), "What the subject is: User, Group or ServiceAccount."),
      apiGroup: optional(
        2,
        string(),
        "The API group of the subject: rbac.authorization.k8s.io for users and groups, empty for service accounts; that is the default, too.",
      ),
      name: required(3, string(), "The name of the subject."),
      namespace: optional(4, string(), "The namespace of the service account. Users and groups have none."),
    }),
  ),
  (draft) => {
    draft.kind ??= "";
    draft.name ??= "";
    if (draft.kind === "User" || draft.kind === "Group") draft.apiGroup ||= RBAC_GROUP;
  },
);
export interface Subject extends Infer<typeof subject> {}

export const roleRef = completed(
  atomic(
    object("io.k8s.api.rbac.v1.RoleRef", "Names the role that is given.", {
      apiGroup: required(1, string(), "The API group of the role, always rbac.authorization.k8s.io."),
      kind: required(2, string(), "ClusterRole, or in role bindings also Role."),
      name: required(3, string(), "The name of the role."),
    }),
  ),
  (draft) => {
    draft.apiGroup ||= RBAC_GROUP;
    draft.kind ??= "";
    draft.name ??= "";
  },
);
export interface RoleRef extends Infer<typeof roleRef> {}

export const roleBinding = kubeObject(
  "io.k8s.api.rbac.v1.RoleBinding",
  "Gives a role to subjects, for one namespace.",
  {
    subjects: optional(2, list(subject, { listType: "atomic" }), "Those who are given the role."),
    roleRef: {
      ...required(3, roleRef, "The role: one of the same namespace, or a cluster role. It cannot be changed."),
      default: {},
    },
  },
);
export interface RoleBinding extends Infer<typeof roleBinding> {}

export const roleBindings: ResourceDefinition<RoleBinding> = {
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "RoleBinding",
  plural: "rolebindings",
  scope: "Namespaced",
  schema: roleBinding,
  validate: validateRoleBinding,
  columns: bindingColumns,
};
