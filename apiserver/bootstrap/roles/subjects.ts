// Who has the roles that every cluster has.

import { RBAC_GROUP } from "../../../api/rbac/rbac-group.ts";
import type { Subject } from "../../../api/rbac/role-binding.ts";

export const user = (name: string): Subject => ({ kind: "User", apiGroup: RBAC_GROUP, name });
export const group = (name: string): Subject => ({ kind: "Group", apiGroup: RBAC_GROUP, name });
/** A service account in kube-system. */
export const systemAccount = (name: string): Subject => ({ kind: "ServiceAccount", name, namespace: "kube-system" });

/** The subjects of each cluster role that is bound in every cluster. Nodes are known by their certificates instead. */
export const boundRoles: readonly (readonly [role: string, ...subjects: Subject[]])[] = [
  ["cluster-admin", group("system:masters")],
  ["system:monitoring", group("system:monitoring")],
  ["system:discovery", group("system:authenticated")],
  ["system:basic-user", group("system:authenticated")],
  ["system:bulk-creator", group("system:authenticated")],
  ["system:public-info-viewer", group("system:authenticated"), group("system:unauthenticated")],
  // The name that API servers have towards kubelets.
  ["system:kubelet-api-admin", user("system:kube-apiserver")],
  ["system:node-proxier", user("system:kube-proxy")],
  ["system:kube-controller-manager", user("system:kube-controller-manager")],
  ["system:kube-dns", systemAccount("kube-dns")],
  ["system:kube-scheduler", user("system:kube-scheduler")],
  ["system:dns", user("system:dns")],
  ["system:network-policy", user("system:kube-proxy")],
  ["system:descheduler", user("system:descheduler")],
  ["system:volume-scheduler", user("system:kube-scheduler")],
  ["system:service-account-issuer-discovery", group("system:serviceaccounts")],
  ["system:node"],
];
