// HEADER: say what ClusterRole is and what it must never do.

import { labelSelector } from "../meta/label-selector.ts";
import { policyRule } from "./role.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, list, object, optional } from "../schema/schema.ts";

export const aggregationRule = object("io.k8s.api.rbac.v1.AggregationRule", "", {
  clusterRoleSelectors: optional(1, list(labelSelector, { listType: "atomic" }), ""),
});
export interface AggregationRule extends Infer<typeof aggregationRule> {}

export const clusterRole = kubeObject("io.k8s.api.rbac.v1.ClusterRole", "", {
  rules: optional(2, list(policyRule, { listType: "atomic" }), ""),
  aggregationRule: optional(3, aggregationRule, ""),
});
export interface ClusterRole extends Infer<typeof clusterRole> {}

export const clusterRoles: ResourceDefinition<ClusterRole> = {
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRole",
  plural: "clusterroles",
  scope: "Cluster",
  schema: clusterRole,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
