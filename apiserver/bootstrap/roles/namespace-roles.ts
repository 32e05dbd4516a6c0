// Roles in the system's own namespaces, and who has them.

import type { Subject } from "../../../api/rbac/role-binding.ts";
import { systemAccount, user } from "./subjects.ts";
import { EVENTS, READ, named, rule, type NamedRules } from "./rule.ts";

export interface NamespaceRole {
  readonly namespace: "kube-public" | "kube-system";
  readonly role: NamedRules;
  /** The name of the binding; the role's unless given. */
  readonly binding?: string;
  readonly subjects: readonly Subject[];
}

const leaderRole = (component: string): NamespaceRole => ({
  namespace: "kube-system",
  role: [
    `system::leader-locking-${component}`,
    rule("watch", "core", "configmaps"),
    named(component, rule("get update", "core", "configmaps")),
  ],
  subjects: [user(`system:${component}`), systemAccount(component)],
});

const controllerRole = (
  namespace: NamespaceRole["namespace"],
  controller: string,
  ...rules: NamedRules extends readonly [string, ...infer R] ? R : never
): NamespaceRole => ({
  namespace,
  role: [`system:controller:${controller}`, ...rules],
  subjects: [systemAccount(controller)],
});

export const namespaceRoles: readonly NamespaceRole[] = [
  {
    namespace: "kube-system",
    role: [
      "extension-apiserver-authentication-reader",
      named("extension-apiserver-authentication", rule(READ, "core", "configmaps")),
    ],
    binding: "system::extension-apiserver-authentication-reader",
    subjects: [user("system:kube-controller-manager"), user("system:kube-scheduler")],
  },
  leaderRole("kube-controller-manager"),
  leaderRole("kube-scheduler"),
  // Gantry's own: makes itself known as the service kube-dns.
  {
    namespace: "kube-system",
    role: [
      "system:dns",
      rule("create", "core", "services"),
      named("kube-dns", rule("patch", "core", "services")),
      rule("create", "discovery.k8s.io", "endpointslices"),
      named("kube-dns", rule("patch", "discovery.k8s.io", "endpointslices")),
    ],
    subjects: [user("system:dns")],
  },
  controllerRole("kube-system", "bootstrap-signer", rule(READ, "core", "secrets")),
  controllerRole("kube-system", "cloud-provider", rule("create get list watch", "core", "configmaps")),
  controllerRole("kube-system", "token-cleaner", rule("delete get list watch", "core", "secrets"), EVENTS),
  controllerRole(
    "kube-public",
    "bootstrap-signer",
    rule(READ, "core", "configmaps"),
    named("cluster-info", rule("update", "core", "configmaps")),
    EVENTS,
  ),
];
