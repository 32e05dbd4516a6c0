// The roles and bindings that every cluster has, as objects.

import { clusterRoleBindings } from "../../../api/rbac/cluster-role-binding.ts";
import { clusterRoles } from "../../../api/rbac/cluster-role.ts";
import { RBAC_GROUP } from "../../../api/rbac/rbac-group.ts";
import { roleBindings, type Subject } from "../../../api/rbac/role-binding.ts";
import { roles, type PolicyRule } from "../../../api/rbac/role.ts";
import { systemObject, type SystemObject } from "../system-object.ts";
import { componentRoles } from "./component-roles.ts";
import { controllerRoles } from "./controller-roles.ts";
import { namespaceRoles, type NamespaceRole } from "./namespace-roles.ts";
import type { NamedRules } from "./rule.ts";
import { boundRoles, systemAccount } from "./subjects.ts";
import { aggregatedRoles, clusterAdmin, everybodysRoles, roleParts, type AggregatedRole } from "./user-roles.ts";

const aggregationLabel = (role: string) => `rbac.authorization.k8s.io/aggregate-to-${role}`;
const controllerRoleName = (controller: string) => `system:controller:${controller}`;

/** Kubernetes' marks of what it made itself and may bring up to date. */
const metadataOf = (name: string, partOf?: string) => ({
  name,
  labels: {
    "kubernetes.io/bootstrapping": "rbac-defaults",
    ...(partOf !== undefined && { [aggregationLabel(partOf)]: "true" }),
  },
  annotations: { "rbac.authorization.kubernetes.io/autoupdate": "true" },
});

export function systemRoles(): readonly SystemObject[] {
  return [
    ...[clusterAdmin, ...everybodysRoles, ...componentRoles].map((each) => clusterRole(each)),
    ...Object.entries(roleParts).map(([role, part]) => clusterRole(part, role)),
    ...aggregatedRoles.map(aggregatedRole),
    ...controllerRoles.map(([name, ...rules]) => clusterRole([controllerRoleName(name), ...rules])),
    ...boundRoles.map(([role, ...subjects]) => clusterRoleBinding(role, subjects)),
    ...controllerRoles.map(([name]) => clusterRoleBinding(controllerRoleName(name), [systemAccount(name)])),
    ...namespaceRoles.flatMap(namespaceRole),
  ];
}

const clusterRole = ([name, ...rules]: NamedRules, partOf?: string): SystemObject =>
  systemObject(clusterRoles, { metadata: metadataOf(name, partOf), rules });

/** With its rules from the beginning; whoever keeps aggregated roles up to date finds nothing to do. */
function aggregatedRole({ name, partOf }: AggregatedRole): SystemObject {
  return systemObject(clusterRoles, {
    metadata: metadataOf(name, partOf),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [aggregationLabel(name)]: "true" } }] },
    rules: aggregatedRules(name),
  });
}

/** The rules of the roles labelled for this one, in the order of their names. Exported for its test. */
export function aggregatedRules(name: string): readonly PolicyRule[] {
  const [ownName, ...own] = roleParts[name] ?? ["" as const];
  const smaller = aggregatedRoles.filter(({ partOf }) => partOf === name);
  const parts = [[ownName, own] as const, ...smaller.map((role) => [role.name, aggregatedRules(role.name)] as const)];
  return parts.sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, rules]) => rules);
}

const clusterRoleBinding = (role: string, subjects: readonly Subject[]): SystemObject =>
  systemObject(clusterRoleBindings, {
    metadata: metadataOf(role),
    roleRef: { apiGroup: RBAC_GROUP, kind: "ClusterRole", name: role },
    ...(subjects.length > 0 && { subjects }),
  });

function namespaceRole({ namespace, role: [name, ...rules], binding = name, subjects }: NamespaceRole): SystemObject[] {
  return [
    systemObject(roles, { metadata: { ...metadataOf(name), namespace }, rules }),
    systemObject(roleBindings, {
      metadata: { ...metadataOf(binding), namespace },
      roleRef: { apiGroup: RBAC_GROUP, kind: "Role", name },
      subjects,
    }),
  ];
}
