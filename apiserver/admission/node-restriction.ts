// What kubelets may not do although they may write such objects: make pods that borrow the rights of others, and give their
// node labels and taints by which pods are kept off it or drawn to it. Kubernetes' words.

import { nodes, type Node } from "../../api/core/node.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { nodeOf } from "../auth/node-authorizer.ts";
import { listPodReferences } from "../auth/pod-references.ts";
import { isAbout, refused, type AdmissionRequest, type AdmissionStep } from "./admission-step.ts";
import { isMirror } from "./pod-secrets.ts";

export const nodeRestriction: AdmissionStep = {
  name: "NodeRestriction",
  admit(request) {
    const node = nodeOf(request.user);
    const problem = node === undefined ? undefined : findProblem(request, node);
    if (problem !== undefined) throw refused(request, problem);
    return undefined;
  },
};

function findProblem(request: AdmissionRequest, node: string): string | undefined {
  const { operation, served, object, old } = request;
  if (operation === "CREATE" && isAbout(request, pods)) return checkMirrorPod(object as Pod, node);
  const isNode = served.resource.plural === nodes.plural && served.resource.group === nodes.group;
  if (!isNode || !object) return undefined;
  return checkNode(object as Node, { old: old as Node | undefined, node, name: request.name });
}

function checkMirrorPod(pod: Pod, node: string): string | undefined {
  const by = `node ${JSON.stringify(node)}`;
  const { secrets, configMaps, claims, serviceAccounts } = listPodReferences(pod);
  if (!isMirror(pod)) {
    return `pod does not have "kubernetes.io/config.mirror" annotation, ${by} can only create mirror pods`;
  }
  if (pod.spec.nodeName !== node) return `${by} can only create pods with spec.nodeName set to itself`;
  if (serviceAccounts.size > 0) return `${by} can not create pods that reference a service account`;
  if (secrets.size > 0) return `${by} can not create pods that reference secrets`;
  if (configMaps.size > 0) return `${by} can not create pods that reference configmaps`;
  return claims.size > 0 ? `${by} can not create pods that reference persistentvolumeclaims` : undefined;
}

interface NodeChange {
  readonly old: Node | undefined;
  readonly node: string;
  readonly name: string;
}

function checkNode(object: Node, { old, node, name }: NodeChange): string | undefined {
  const by = `node ${JSON.stringify(node)}`;
  if (name !== node) return `is not allowed to modify node ${JSON.stringify(name)}`;
  const labels = forbiddenLabels(object, old);
  if (labels.length > 0) {
    const what = old ? "modify labels" : "set the following labels";
    return `is not allowed to ${what}: ${labels.join(", ")}`;
  }
  // A new node may come with taints: with fewer pods than it could have.
  const taintsChange = old && !semanticEqual(object.spec.taints ?? [], old.spec.taints ?? []);
  return taintsChange ? `${by} is not allowed to modify taints` : undefined;
}

/** The labels that were set, changed or removed and are not the kubelet's to decide. */
function forbiddenLabels({ metadata }: Node, old: Node | undefined): readonly string[] {
  const [now, before] = [metadata.labels ?? {}, old?.metadata.labels ?? {}];
  const changed = [...new Set([...Object.keys(now), ...Object.keys(before)])].filter((key) => now[key] !== before[key]);
  return changed.filter(isForbidden).sort();
}

const RESERVED = /(^|\.)(kubernetes\.io|k8s\.io)$/;
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
