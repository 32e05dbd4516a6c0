// The order in which clients look through groups and versions: kube-apiserver's priorities. The first version of a group is
// its preferred one.

/** kube-apiserver's priorities of groups; those with the same go by name. */
const PRIORITIES: Readonly<Record<string, number>> = {
  // The aggregator's own group comes before all that it aggregates.
  "apiregistration.k8s.io": 20_000,
  "": 18_000,
  apps: 17_800,
  "events.k8s.io": 17_750,
  "authentication.k8s.io": 17_700,
  "authorization.k8s.io": 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  "certificates.k8s.io": 17_300,
  "networking.k8s.io": 17_200,
  policy: 17_100,
  "rbac.authorization.k8s.io": 17_000,
  "storage.k8s.io": 16_800,
  "admissionregistration.k8s.io": 16_700,
  "apiextensions.k8s.io": 16_700,
  "scheduling.k8s.io": 16_600,
  "coordination.k8s.io": 16_500,
  "node.k8s.io": 16_300,
  "discovery.k8s.io": 16_200,
  "resource.k8s.io": 16_200,
  "flowcontrol.apiserver.k8s.io": 16_100,
};
/** Of groups that are not Kubernetes' own. */
const OTHER_PRIORITY = 100;

export const groupPriority = (group: string): number => PRIORITIES[group] ?? OTHER_PRIORITY;

/** Groups from the highest priority down. */
export function compareGroups(a: string, b: string): number {
  return groupPriority(b) - groupPriority(a) || compareTexts(a, b);
}

const VERSION_PRIORITIES: Readonly<Record<string, number>> = {
  "/v1": 1,
  "admissionregistration.k8s.io/v1beta1": 12,
  "autoscaling/v2": 30,
  "flowcontrol.apiserver.k8s.io/v1": 21,
  "resource.k8s.io/v1beta2": 15,
};

/** kube-apiserver's priority of a version in its group. */
export function versionPriority(group: string, version: string): number {
  const isStable = /^v\d+$/.test(version);
  return VERSION_PRIORITIES[`${group}/${version}`] ?? (isStable ? 15 : version.includes("beta") ? 9 : 1);
}

const VERSION = /^v(\d+)(?:(alpha|beta)(\d+))?$/;
const STABILITY = ["alpha", "beta", undefined];

/** Kubernetes' order of versions: stable before beta before alpha, newer before older, and other names last. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [VERSION.exec(a), VERSION.exec(b)];
  if (!left || !right) return Number(left === null) - Number(right === null) || compareTexts(a, b);
  const stability = STABILITY.indexOf(right[2]) - STABILITY.indexOf(left[2]);
  return stability || Number(right[1]) - Number(left[1]) || Number(right[3] ?? 0) - Number(left[3] ?? 0);
}

const compareTexts = (a: string, b: string) => (a < b ? -1 : Number(a > b));
