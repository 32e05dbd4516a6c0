// HEADER: say what RoleBinding is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, atomic, list, object, optional, required, string } from "../schema/schema.ts";

export const subject = atomic(
  object("io.k8s.api.rbac.v1.Subject", "", {
    kind: required(1, string(), ""),
    apiGroup: optional(2, string(), ""),
    name: required(3, string(), ""),
    namespace: optional(4, string(), ""),
  }),
);
export interface Subject extends Infer<typeof subject> {}

export const roleRef = atomic(
  object("io.k8s.api.rbac.v1.RoleRef", "", {
    apiGroup: required(1, string(), ""),
    kind: required(2, string(), ""),
    name: required(3, string(), ""),
  }),
);
export interface RoleRef extends Infer<typeof roleRef> {}

export const roleBinding = kubeObject("io.k8s.api.rbac.v1.RoleBinding", "", {
  subjects: optional(2, list(subject, { listType: "atomic" }), ""),
  roleRef: required(3, roleRef, ""),
});
export interface RoleBinding extends Infer<typeof roleBinding> {}

export const roleBindings: ResourceDefinition<RoleBinding> = {
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "RoleBinding",
  plural: "rolebindings",
  scope: "Namespaced",
  schema: roleBinding,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
