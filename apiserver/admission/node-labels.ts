// The labels of a node that are not its kubelet's to decide: with them pods are kept off nodes or drawn to them.

import type { Node } from "../../api/core/node.ts";

/** The labels that were set, changed or removed and are not the kubelet's to decide. */
export function forbiddenLabels({ metadata }: Node, old: Node | undefined): readonly string[] {
  const [now, before] = [metadata.labels ?? {}, old?.metadata.labels ?? {}];
  const changed = [...new Set([...Object.keys(now), ...Object.keys(before)])].filter((key) => now[key] !== before[key]);
  return changed.filter(isForbidden).sort();
}

/** Kubernetes', and ours: a node must not be able to join a pool. */
const RESERVED = /(^|\.)(kubernetes\.io|k8s\.io|scheduling\.kctl\.dev)$/;
const OWN_NAMESPACES = /(^|\.)(kubelet\.kubernetes\.io|node\.kubernetes\.io)$/;
const OWN_LABELS: ReadonlySet<string> = new Set([
  "kubernetes.io/hostname",
  "kubernetes.io/os",
  "kubernetes.io/arch",
  "beta.kubernetes.io/os",
  "beta.kubernetes.io/arch",
  "beta.kubernetes.io/instance-type",
  "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region",
]);

function isForbidden(label: string): boolean {
  const [prefix = ""] = label.includes("/") ? label.split("/") : [""];
  return RESERVED.test(prefix) && !OWN_NAMESPACES.test(prefix) && !OWN_LABELS.has(label);
}
