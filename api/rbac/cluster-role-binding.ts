// ClusterRoleBinding: gives a cluster role, for the whole cluster. Its rules are in validate-role-binding.ts.

import { roleRef, subject } from "./role-binding.ts";
import { kubeObject } from "../meta/object.ts";
import { bindingColumns } from "./binding-columns.ts";
import { validateClusterRoleBinding } from "./validate-role-binding.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, list, optional, required } from "../schema/schema.ts";

export const clusterRoleBinding = kubeObject(
  "io.k8s.api.rbac.v1.ClusterRoleBinding",
  "Gives a cluster role to subjects, for the whole cluster.",
  {
    subjects: optional(2, list(subject, { listType: "atomic" }), "Those who are given the role."),
    roleRef: { ...required(3, roleRef, "The cluster role. It cannot be changed."), default: {} },
  },
);
export interface ClusterRoleBinding extends Infer<typeof clusterRoleBinding> {}

export const clusterRoleBindings: ResourceDefinition<ClusterRoleBinding> = {
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRoleBinding",
  plural: "clusterrolebindings",
  scope: "Cluster",
  schema: clusterRoleBinding,
  validate: validateClusterRoleBinding,
  columns: bindingColumns,
};
