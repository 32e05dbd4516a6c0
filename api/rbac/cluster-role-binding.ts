// HEADER: say what ClusterRoleBinding is and what it must never do.

import { roleRef, subject } from "./role-binding.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, list, optional, required } from "../schema/schema.ts";

export const clusterRoleBinding = kubeObject("io.k8s.api.rbac.v1.ClusterRoleBinding", "", {
  subjects: optional(2, list(subject, { listType: "atomic" }), ""),
  roleRef: required(3, roleRef, ""),
});
export interface ClusterRoleBinding extends Infer<typeof clusterRoleBinding> {}

export const clusterRoleBindings: ResourceDefinition<ClusterRoleBinding> = {
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRoleBinding",
  plural: "clusterrolebindings",
  scope: "Cluster",
  schema: clusterRoleBinding,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
