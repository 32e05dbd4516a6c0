// Labels of nodes that have been renamed: the older names still work, and clients are told of the newer ones.

interface Renamed {
  readonly newer: string;
  readonly since: string;
}

const RENAMED: Readonly<Record<string, Renamed>> = {
  "failure-domain.beta.kubernetes.io/zone": { newer: "topology.kubernetes.io/zone", since: "v1.17" },
  "failure-domain.beta.kubernetes.io/region": { newer: "topology.kubernetes.io/region", since: "v1.17" },
  "beta.kubernetes.io/instance-type": { newer: "node.kubernetes.io/instance-type", since: "v1.17" },
  "beta.kubernetes.io/os": { newer: "kubernetes.io/os", since: "v1.14" },
  "beta.kubernetes.io/arch": { newer: "kubernetes.io/arch", since: "v1.14" },
};

const renamedAs = (label: string): Renamed | undefined => (Object.hasOwn(RENAMED, label) ? RENAMED[label] : undefined);

export const newerLabel = (label: string): string | undefined => renamedAs(label)?.newer;

/** For each condition on an older label, where it is and what the label is called now. */
export function warnOfLabels(conditions: readonly { readonly key: string }[] = [], path: string): readonly string[] {
  return conditions.flatMap(({ key }, index) => {
    const renamed = renamedAs(key);
    if (!renamed) return [];
    return [`${path}[${index}].key: ${key} is deprecated since ${renamed.since}; use "${renamed.newer}" instead`];
  });
}
