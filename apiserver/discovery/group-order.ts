// The order in which clients look through groups and versions: kube-apiserver's priorities. The first version of a group is
// its preferred one.

/** Groups from the highest priority down; those of one line have the same, and go by name. */
const GROUPS: readonly (readonly string[])[] = [
  ["apiregistration.k8s.io"],
  [""],
  ["apps"],
  ["events.k8s.io"],
  ["authentication.k8s.io"],
  ["authorization.k8s.io"],
  ["autoscaling"],
  ["batch"],
  ["certificates.k8s.io"],
  ["networking.k8s.io"],
  ["policy"],
  ["rbac.authorization.k8s.io"],
  ["storage.k8s.io"],
  ["admissionregistration.k8s.io", "apiextensions.k8s.io"],
  ["scheduling.k8s.io"],
  ["coordination.k8s.io"],
  ["node.k8s.io"],
  ["discovery.k8s.io"],
  ["flowcontrol.apiserver.k8s.io"],
];

const RANKS: ReadonlyMap<string, number> = new Map(GROUPS.flatMap((names, rank) => names.map((name) => [name, rank])));

/** Groups that are not Kubernetes' own come last, by name. */
export function compareGroups(a: string, b: string): number {
  const rank = (name: string) => RANKS.get(name) ?? GROUPS.length;
  return rank(a) - rank(b) || compareTexts(a, b);
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
