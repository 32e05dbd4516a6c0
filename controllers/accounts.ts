// As whom each controller acts, where each acts as itself: a service account in kube-system, which Kubernetes' own roles
// `system:controller:…` give the rights of just that controller.

/** Those of several names in Kubernetes, and those that make up one controller of it. */
const ACCOUNTS: Readonly<Record<string, string>> = {
  daemonset: "daemon-set-controller",
  csrapproving: "certificate-controller",
  csrcleaner: "certificate-controller",
  csrsigning: "certificate-controller",
  endpoints: "endpoint-controller",
  "ephemeral-volume": "ephemeral-volume-controller",
  "garbage-collector": "generic-garbage-collector",
  "horizontal-pod-autoscaler": "horizontal-pod-autoscaler",
  "job-orphan-pods": "job-controller",
  "node-lifecycle": "node-controller",
  "persistentvolume-binder": "persistent-volume-binder",
  "persistentvolume-expander": "expand-controller",
  "persistentvolume-reclaimer": "persistent-volume-binder",
  "pod-cleanup": "pod-garbage-collector",
  "resource-quota": "resourcequota-controller",
  "root-ca-publisher": "root-ca-cert-publisher",
  "stale-disruption": "disruption-controller",
  "stop-order-daemonset": "start-order-controller",
  "stop-order-deployment": "start-order-controller",
  "stop-order-service": "start-order-controller",
  "stop-order-statefulset": "start-order-controller",
  "taint-eviction": "node-controller",
};

/** Writes secrets, which no account but that of all controllers may. */
const ACTS_AS_ALL = "service-account-token";

/** The name of the controller's service account; undefined: it acts as the process of all controllers does. */
export const accountOf = (controller: string): string | undefined =>
  controller === ACTS_AS_ALL ? undefined : (ACCOUNTS[controller] ?? `${controller}-controller`);
