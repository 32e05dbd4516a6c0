// The roles for people: cluster-admin, and admin, edit and view for namespaces, which are made of the roles that are labelled
// for them, so that kinds that come later can be added. The rules are Kubernetes' own.

import { CHANGE, READ, rule, urlRule, type NamedRules } from "./rule.ts";

export const clusterAdmin: NamedRules = ["cluster-admin", rule("*", "*", "*"), urlRule("*", "*")];

/** What users of all sorts may do. */
export const everybodysRoles: readonly NamedRules[] = [
  [
    "system:discovery",
    urlRule("get", "/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/"),
  ],
  [
    "system:basic-user",
    rule("create", "authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews"),
    rule("create", "authentication.k8s.io", "selfsubjectreviews"),
  ],
  // Gantry's own. It opens nothing: each object of such a request needs the right to create it.
  ["system:bulk-creator", rule("create", "bulk.kctl.dev", "creations")],
  // Gantry's own. Only its owner answers for a framework, and its tasks are pods that the owner may create besides.
  [
    "system:framework",
    rule(READ, "scheduling.kctl.dev", "frameworkroles frameworks offers"),
    rule("create", "scheduling.kctl.dev", "frameworks frameworks/revive offers/accept offers/decline"),
  ],
  ["system:public-info-viewer", urlRule("get", "/healthz /livez /readyz /version /version/")],
  ["system:monitoring", urlRule("get", "/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*")],
  ["system:service-account-issuer-discovery", urlRule("get", "/.well-known/openid-configuration /openid/v1/jwks")],
];

/** A role that is made of others: those labelled with its name. */
export interface AggregatedRole {
  readonly name: string;
  /** The larger role that it is itself a part of. */
  readonly partOf?: string;
}

export const aggregatedRoles: readonly AggregatedRole[] = [
  { name: "admin" },
  { name: "edit", partOf: "admin" },
  { name: "view", partOf: "edit" },
];

const WORKLOADS =
  "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale";
const OLD_WORKLOADS =
  "daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale";

/** The parts of each aggregated role that Kubernetes brings itself. */
export const roleParts: Readonly<Record<string, NamedRules>> = {
  admin: [
    "system:aggregate-to-admin",
    rule("create", "authorization.k8s.io", "localsubjectaccessreviews"),
    rule(
      "create delete deletecollection get list patch update watch",
      "rbac.authorization.k8s.io",
      "rolebindings roles",
    ),
  ],
  edit: [
    "system:aggregate-to-edit",
    rule(READ, "core", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy"),
    rule("impersonate", "core", "serviceaccounts"),
    rule(CHANGE, "core", "pods pods/attach pods/exec pods/portforward pods/proxy"),
    rule("create", "core", "pods/eviction"),
    rule(
      CHANGE,
      "core",
      "configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy",
    ),
    rule("create", "core", "serviceaccounts/token"),
    rule(CHANGE, "apps", WORKLOADS),
    rule(CHANGE, "autoscaling", "horizontalpodautoscalers"),
    rule(CHANGE, "batch", "cronjobs jobs"),
    rule(CHANGE, "extensions", OLD_WORKLOADS),
    rule(CHANGE, "policy", "poddisruptionbudgets"),
    rule(CHANGE, "networking.k8s.io", "ingresses networkpolicies"),
    rule("create delete deletecollection get list patch update watch", "coordination.k8s.io", "leases"),
    rule(CHANGE, "scheduling.kctl.dev", "podgroups"),
  ],
  view: [
    "system:aggregate-to-view",
    rule(
      READ,
      "core",
      "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status",
    ),
    rule(
      READ,
      "core",
      "bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status",
    ),
    rule(READ, "core", "namespaces"),
    rule(READ, "discovery.k8s.io", "endpointslices"),
    rule(
      READ,
      "apps",
      "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status",
    ),
    rule(READ, "autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status"),
    rule(READ, "batch", "cronjobs cronjobs/status jobs jobs/status"),
    rule(
      READ,
      "extensions",
      "daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale",
    ),
    rule(READ, "policy", "poddisruptionbudgets poddisruptionbudgets/status"),
    rule(READ, "networking.k8s.io", "ingresses ingresses/status networkpolicies"),
    rule(READ, "scheduling.kctl.dev", "podgroups podgroups/status queues queues/status"),
    rule(READ, "scheduling.kctl.dev", "frameworkroles frameworks offers reservations"),
  ],
};
