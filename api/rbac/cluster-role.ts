// ClusterRole: says what may be done in the cluster or in any of its namespaces. Its rules are in validate-role.ts.

import { labelSelector } from "../meta/label-selector.ts";
import { policyRule } from "./role.ts";
import { kubeObject } from "../meta/object.ts";
import { createdAtColumn, nameColumn } from "../meta/standard-columns.ts";
import { validateClusterRole } from "./validate-role.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, list, object, optional } from "../schema/schema.ts";

export const aggregationRule = object(
  "io.k8s.api.rbac.v1.AggregationRule",
  "Which other cluster roles a cluster role is made of.",
  {
    clusterRoleSelectors: optional(
      1,
      list(labelSelector, { listType: "atomic" }),
      "Select cluster roles by their labels, at least one selector. The rules of every role that any of them selects are taken.",
    ),
  },
);
export interface AggregationRule extends Infer<typeof aggregationRule> {}

export const clusterRole = kubeObject(
  "io.k8s.api.rbac.v1.ClusterRole",
  "Says what may be done in the whole cluster, or in the namespaces whose role bindings refer to it.",
  {
    rules: optional(
      2,
      list(policyRule, { listType: "atomic" }),
      "What may be done. With an aggregation rule a controller fills it in and overwrites what is there.",
    ),
    aggregationRule: optional(3, aggregationRule, "Makes the role from the rules of others."),
  },
);
export interface ClusterRole extends Infer<typeof clusterRole> {}

export const clusterRoles: ResourceDefinition<ClusterRole> = {
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRole",
  plural: "clusterroles",
  scope: "Cluster",
  schema: clusterRole,
  validate: validateClusterRole,
  columns: [nameColumn, createdAtColumn],
};
